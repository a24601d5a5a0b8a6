"""What limits a step, by how busy CPUs and accelerators are."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BUSY = 0.9
"""From here on, one side is busy enough to be the limit."""
NOT_BUSY = 0.7
"""Below, the other side waits."""
IDLE = 0.5
"""Both below: the step waits for something else, such as data."""
LEAST_COVERAGE = 0.5


def diagnose(
    cpu: Floats, accelerator: Floats, has_accelerator: NDArray[np.bool_], coverage: Floats
) -> NDArray[np.str_]:
    """Return the diagnosis of each row; NaN is unknown.

    >>> cpu, gpu = np.array([1.0, 0.3, 0.8, 0.2]), np.array([0.45, 0.95, 0.8, 0.1])
    >>> diagnose(cpu, gpu, np.full(4, True), np.full(4, np.nan)).tolist()
    ['cpu_bound', 'accelerator_bound', 'balanced', 'input_bound']
    """
    return np.select(
        [
            coverage < LEAST_COVERAGE,
            np.isnan(cpu) | (np.isnan(accelerator) & has_accelerator),
            ~has_accelerator & (cpu >= BUSY),
            ~has_accelerator & (cpu >= IDLE),
            ~has_accelerator,
            (cpu >= BUSY) & (accelerator < NOT_BUSY),
            (accelerator >= BUSY) & (cpu < NOT_BUSY),
            (cpu >= NOT_BUSY) & (accelerator >= NOT_BUSY),
            (cpu < IDLE) & (accelerator < IDLE),
        ],
        [
            "unclear",
            "unclear",
            "cpu_bound",
            "unclear",
            "input_bound",
            "cpu_bound",
            "accelerator_bound",
            "balanced",
            "input_bound",
        ],
        "unclear",
    )


def per_cent_of(ratio: float) -> str:
    """Return a ratio in words.

    >>> per_cent_of(0.465), per_cent_of(0.002)
    ('46 %', 'less than 1 %')
    """
    return "less than 1 %" if 0 < ratio < 0.005 else f"{100 * ratio:.0f} %"


def per_cent(ratio: float, of: str) -> str:
    """Return a utilization in words.

    >>> per_cent(0.45, "GPU"), per_cent(float("nan"), "GPU")
    ('GPU 45 %', 'GPU unknown')
    """
    return f"{of} unknown" if np.isnan(ratio) else f"{of} {per_cent_of(ratio)}"
