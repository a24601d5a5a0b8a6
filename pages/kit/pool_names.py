"""What pools are called: a label each, with the start of the key where labels are equal."""

import pandas as pd

KEY_CHARACTERS = 6
SEPARATOR = " · "


def pool_names(pools: pd.DataFrame) -> dict[str, str]:
    """Return the label of each pool key.

    >>> pool_names(pd.DataFrame({"pool_key": ["ab12cd34", "ef56ab78"], "pool_label": ["a", "a"]}))
    {'ab12cd34': 'a · ab12cd', 'ef56ab78': 'a · ef56ab'}
    >>> places = pd.DataFrame({"pool_key": ["p · us-east-1", "p · us-east-2"], "pool_label": "a"})
    >>> list(pool_names(places).values())
    ['a · p · us-east-1', 'a · p · us-east-2']
    """
    keys, labels = pools["pool_key"], pools["pool_label"]
    is_shared = labels.duplicated(keep=False)
    begun = labels + SEPARATOR + keys.str[:KEY_CHARACTERS]
    # of an export's own keys the beginning may be the same
    whole = (labels + SEPARATOR + keys).where(begun.duplicated(keep=False), begun)
    return dict(zip(keys, whole.where(is_shared, labels), strict=True))
