"""Parts of wholes: a ratio is unknown where there is no whole."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ratios(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Return each part of its whole, 0 to 1; NaN where the whole is 0.

    >>> ratios(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    unknown = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=unknown, where=np.asarray(whole) > 0))
