"""Pools whose keys differ in one or two fields, found by hashing: never by comparing all pairs.

Definition: docs/metrics/pool_merges.md. Two keys that differ in at most two fields are equal in the
others: for each two fields, pools are put into buckets by all the rest.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.derived.key_diff import KEY_FIELDS, MOST_DIFFERING_FIELDS

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

PLACE = ("account_id", "region", "instance_type", "instance_count")
"""What must be equal: to align the rest does not change what the jobs run on."""

FIELDS = tuple(field for field in KEY_FIELDS if field.name not in PLACE)
_FLAGS = ("has_inter_container_encryption", "has_network_isolation")


def key_codes(pools: pd.DataFrame) -> Int64s:
    """Return the place and the fields of each pool's key as a row of numbers.

    Equal numbers are equal values; missing and empty are equal, as they are in a pool key.
    """
    place = pools.groupby(list(PLACE), dropna=False, sort=False).ngroup()
    codes = [place.to_numpy(dtype=np.int64)]
    for field in FIELDS:
        values = pools[field.name]
        if field.name in _FLAGS:
            values = values.astype("boolean").fillna(False)  # noqa: FBT003
        codes.append(pd.factorize(values)[0].astype(np.int64))
    return np.column_stack(codes)


def is_comparable(pools: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether any field of a pool's key is known: those of an export's own keys are not."""
    known = [pools[field.name].notna() for field in FIELDS if field.name not in _FLAGS]
    return np.asarray(np.logical_or.reduce(known) & pools["instance_type"].notna())


def buckets(codes: Int64s) -> Iterator[Int64s]:
    """Yield pools that agree in all but two fields, at least two a bucket, for each two fields."""
    fields = range(1, codes.shape[1])
    for dropped in combinations(fields, min(MOST_DIFFERING_FIELDS, len(fields))):
        kept = [0, *(field for field in fields if field not in dropped)]
        _, bucket = np.unique(codes[:, kept], axis=0, return_inverse=True)
        order = np.argsort(bucket, kind="stable")
        starts = np.flatnonzero(np.diff(bucket[order], prepend=-1))
        for members in np.split(order, starts[1:]):
            if len(members) > 1:
                yield members


def differing_count(codes: Int64s, one: Int64s, other: Int64s) -> Int64s:
    """Return in how many fields pools differ, pair by pair."""
    return np.asarray((codes[one, 1:] != codes[other, 1:]).sum(axis=1))


def pairs(
    codes: Int64s, stakes: Floats, *, least: Floats, most_in_bucket: int
) -> tuple[Int64s, int]:
    """Return pairs of neighbours as rows of two, the smaller number first, and how many it left.

    Args:
        codes: the pools' keys, as `key_codes` gives them.
        stakes: what each pool could gain at most.
        least: pairs whose stakes add up to less than that of either are left out, and are not
            counted.
        most_in_bucket: of a larger bucket the pools with the highest stakes are paired.
    """
    found, left_out = [np.empty((0, 2), np.int64)], 0
    for bucket in buckets(codes):
        members = bucket[np.argsort(-stakes[bucket], kind="stable")]
        if len(members) > most_in_bucket:
            all_of_it, some = (size * (size - 1) // 2 for size in (len(members), most_in_bucket))
            left_out += all_of_it - some
            members = members[:most_in_bucket]
        first, second = np.triu_indices(len(members), 1)
        one, other = members[first], members[second]
        is_enough = stakes[one] + stakes[other] >= np.minimum(least[one], least[other])
        chosen = np.column_stack([one[is_enough], other[is_enough]])
        found.append(np.sort(chosen, axis=1))
    every = np.concatenate(found)
    # a pair that differs in one field stands in several buckets
    keys = np.unique(every[:, 0] * len(codes) + every[:, 1])
    return np.column_stack([keys // max(len(codes), 1), keys % max(len(codes), 1)]), left_out
