"""The pool ledger: which jobs reused a warm cluster, and why the others did not."""
