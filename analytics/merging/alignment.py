"""What to set so that pools are one: the fields that differ, the value for each, and the setting.

Definition: docs/metrics/pool_merges.md.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.derived.key_diff import KeyField
from analytics.merging.neighbours import FIELDS

SECURITY_FIELDS = frozenset(
    {
        "role_arn",
        "volume_kms_key_id",
        "security_group_ids",
        "subnets",
        "has_inter_container_encryption",
        "has_network_isolation",
    }
)
LARGER = "volume_size_gib"
"""Of this field the larger value is set: what fits the smaller fits it too."""

_NETWORK = frozenset({"security_group_ids", "subnets"})
_SHOWN_VALUES = 4


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the keys of some pools differ, and what their jobs would set."""

    differing_fields: str
    to_set: str
    """The values to set, in words."""
    changed_job_count: int
    """Jobs that have other values today."""
    security_note: str | None
    setting: str


def alignment(pools: pd.DataFrame, keep_alive_period_s: int | None) -> Alignment:
    """Return what makes pools one, for rows of `mergeable_pools`, those of most jobs first."""
    differing, to_set, request = [], [], dict[str, Any]()
    is_changed = np.zeros(len(pools), np.bool_)
    security = []
    common = dict[str, Any]()
    for field in FIELDS:
        values = _plain(field, pools[field.name])
        if len(set(values)) == 1:
            common[field.name] = values[0]
            continue
        chosen = _chosen(field, values, pools["job_count"].tolist())
        is_changed |= np.array([value != chosen for value in values])
        differing.append(f"{field.words} {_listed(field, values)}")
        to_set.append(f"{field.words} {_shown(field, chosen)}")
        _put(request, field.name, chosen)
        if field.name in SECURITY_FIELDS:
            security.append(field.words)
    if "VpcConfig" in request:  # AWS takes its two parts together
        for name in _NETWORK.intersection(common):
            _put(request, name, common[name])
    if keep_alive_period_s is not None:
        request.setdefault("ResourceConfig", {})["KeepAlivePeriodInSeconds"] = keep_alive_period_s
    note = f"Needs a security decision: {', '.join(security)}." if security else None
    return Alignment(
        differing_fields="; ".join(differing),
        to_set=", ".join(to_set),
        changed_job_count=int(pools["job_count"].to_numpy()[is_changed].sum()),
        security_note=note,
        setting=json.dumps(request),
    )


def _plain(field: KeyField, values: "pd.Series[Any]") -> list[Any]:
    """Return values as they compare: None for none; a flag that is unknown is off."""
    if field.name.startswith("has_"):
        return [bool(value) if pd.notna(value) else False for value in values]
    return [None if pd.isna(value) or value in ("", "[]") else value for value in values]


def _chosen(field: KeyField, values: Sequence[Any], job_counts: Sequence[int]) -> Any:
    """Return the value that most jobs have, the first of equals; of volumes the larger."""
    if field.name == LARGER:
        return max((value for value in values if value is not None), default=None)
    jobs = dict[Any, int]()
    for value, count in zip(values, job_counts, strict=True):
        jobs[value] = jobs.get(value, 0) + count
    return max(jobs, key=jobs.__getitem__)


def _shown(field: KeyField, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "none"
    if field.name == LARGER:
        return f"{value:g} GB"
    return str(value).rpartition("/")[2] if field.name == "role_arn" else str(value)


def _listed(field: KeyField, values: Sequence[Any]) -> str:
    shown = list(dict.fromkeys(_shown(field, value) for value in values))
    if field.name == LARGER and len(shown) > _SHOWN_VALUES:
        known = [value for value in values if value is not None]
        return f"{len(shown)} sizes from {min(known):g} to {max(known):g} GB"
    if len(shown) > _SHOWN_VALUES:
        return f"{' / '.join(shown[:_SHOWN_VALUES])} and {len(shown) - _SHOWN_VALUES} more"
    return " / ".join(shown)


def _put(request: dict[str, Any], name: str, value: Any) -> None:
    """Add a field to a request of CreateTrainingJob; what is to be none is left out of it."""
    if value is None:
        return
    if name == "role_arn":
        request["RoleArn"] = value
    elif name == LARGER:
        request.setdefault("ResourceConfig", {})["VolumeSizeInGB"] = int(value)
    elif name == "volume_kms_key_id":
        request.setdefault("ResourceConfig", {})["VolumeKmsKeyId"] = value
    elif name in ("security_group_ids", "subnets"):
        part = "SecurityGroupIds" if name == "security_group_ids" else "Subnets"
        request.setdefault("VpcConfig", {})[part] = value.strip("[]").split(", ")
    elif name == "has_inter_container_encryption":
        request["EnableInterContainerTrafficEncryption"] = value
    else:
        request["EnableNetworkIsolation"] = value
