"""The answers: one folder a subject, found by the catalog; no screen, no AWS."""
