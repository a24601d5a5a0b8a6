"""How much of the GPUs, CPUs, memory and disks that jobs held was used, and what idle GPUs cost."""
