"""Warm pools: which jobs reused a cluster, why the others did not, and what is idle right now."""
