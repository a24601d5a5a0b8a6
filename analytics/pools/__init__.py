"""The pool ledger: which jobs took over a cluster, and why the others did not."""
