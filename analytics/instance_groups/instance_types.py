"""Instance types as the candidates need them: hardware, network and a price of one day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.serialize.cells import records

_NETWORK = re.compile(r"(?:(\d+)x )?(\d+(?:\.\d+)?) Gigabit")
# they run at full speed for part of the time only
_PART_TIME = re.compile(r"^ml\.(t\d|[^.]*-flex)")
_UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One type; unknown numbers are NaN."""

    name: str
    vcpu: float
    accelerator_name: str | None
    accelerators: float
    accelerator_memory_mib: float
    network_gbit_per_s: float
    usd_per_h: float
    is_estimated: bool
    price_note: str

    @property
    def family(self) -> str:
        """The family: c5 of ml.c5.9xlarge."""
        return self.name.split(".")[1]

    @property
    def is_part_time(self) -> bool:
        """Whether it is burstable, or runs at full speed for part of the time only."""
        return _PART_TIME.match(self.name) is not None


Types = Mapping[str, InstanceType]


def instance_types(rows: pd.DataFrame) -> dict[str, InstanceType]:
    """Return the rows of type_prices.sql of one day and region, by name."""
    return {str(one["instance_type"]): _instance_type(one) for one in records(rows)}


def _instance_type(row: Mapping[str, Any]) -> InstanceType:
    def number(name: str) -> float:
        return _UNKNOWN if row[name] is None else float(row[name])

    return InstanceType(
        name=row["instance_type"],
        vcpu=number("vcpu_count"),
        accelerator_name=row["accelerator_name"],
        accelerators=number("instance_accelerator_count"),
        accelerator_memory_mib=number("accelerator_memory_mib"),
        network_gbit_per_s=network_gbit_per_s(row["network_performance"]),
        usd_per_h=number("type_usd_per_h"),
        is_estimated=bool(row["is_estimated"]),
        price_note=row["type_price_note"] or "",
    )


def network_gbit_per_s(text: str | None) -> float:
    """Return a bandwidth as EC2 words it; NaN where it gives no number.

    >>> network_gbit_per_s("4x 100 Gigabit"), network_gbit_per_s("Up to 12.5 Gigabit")
    (400.0, 12.5)
    """
    found = _NETWORK.search(text or "")
    return float(found[1] or 1) * float(found[2]) if found else _UNKNOWN
