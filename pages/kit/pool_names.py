"""What pools are called: a label each, with the start of the key where labels are equal."""

import pandas as pd

KEY_CHARACTERS = 6


def pool_names(pools: pd.DataFrame) -> dict[str, str]:
    """Return the label of each pool key.

    >>> pool_names(pd.DataFrame({"pool_key": ["ab12cd34", "ef56ab78"], "pool_label": ["a", "a"]}))
    {'ab12cd34': 'a · ab12cd', 'ef56ab78': 'a · ef56ab'}
    """
    is_shared = pools["pool_label"].duplicated(keep=False)
    rows = zip(pools["pool_key"], pools["pool_label"], is_shared, strict=True)
    return {
        key: f"{label} · {key[:KEY_CHARACTERS]}" if shared else label for key, label, shared in rows
    }
