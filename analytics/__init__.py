"""The answers: one module a question; no screen, no AWS."""
