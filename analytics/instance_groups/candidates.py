"""Every cluster that could do a workload's steps: the one in use, larger hosts, added CPU hosts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.instance_groups.instance_types import InstanceType, Types
from analytics.instance_groups.model import Clusters

Group = tuple[str, int]
Groups = tuple[Group, ...]

UNCHANGED, SCALE_UP, HETEROGENEOUS = "unchanged", "scale_up", "heterogeneous"


@dataclass(frozen=True, slots=True)
class Side:
    """The training hosts of a cluster, or the hosts that only preprocess; NaN is unknown."""

    groups: Groups
    vcpu: float
    accelerators: float
    network_gbit_per_s: float
    usd_per_h: float
    is_estimated: bool
    price_notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One cluster."""

    kind: str
    host: Side
    cpu: Side

    @property
    def label(self) -> str:
        """Its groups as one text."""
        return label((*self.host.groups, *self.cpu.groups))

    @property
    def instance_count(self) -> int:
        """Its instances."""
        return sum(count for _, count in (*self.host.groups, *self.cpu.groups))

    @property
    def usd_per_h(self) -> float:
        """What it costs an hour; NaN is unknown."""
        return self.host.usd_per_h + self.cpu.usd_per_h

    @property
    def is_estimated(self) -> bool:
        """Whether one of its prices is an estimate."""
        return self.host.is_estimated or self.cpu.is_estimated

    @property
    def price_note(self) -> str | None:
        """What its prices are based on, where they are not list prices of training."""
        return "; ".join((*self.host.price_notes, *self.cpu.price_notes)) or None


def label(groups: Sequence[Group]) -> str:
    """Return groups as one text.

    >>> label([("ml.p4d.24xlarge", 1), ("ml.c5.18xlarge", 2)])
    'ml.p4d.24xlarge x1 + ml.c5.18xlarge x2'
    """
    return " + ".join(f"{name} x{count}" for name, count in groups)


def cluster(groups: Sequence[Group], types: Types) -> Candidate:
    """Return the cluster in use: its training hosts are those with accelerators, else all."""
    accelerated = [
        group for group in groups if group[0] in types and types[group[0]].accelerators > 0
    ]
    host = accelerated or groups
    cpu = [group for group in groups if group not in host]
    return Candidate(UNCHANGED, _side(host, types), _side(cpu, types))


def candidates(
    groups: Sequence[Group], types: Types, max_cpu_instances: int
) -> tuple[Candidate, ...]:
    """Return every candidate, the cluster in use first."""
    own = cluster(groups, types)
    nothing = _side([], types)
    larger = [_side([(name, count)], types) for name, count in _larger_hosts(own.host, types)]
    found = [own, *(Candidate(SCALE_UP, host, nothing) for host in larger)]
    if own.host.accelerators > 0:
        found += [
            Candidate(HETEROGENEOUS, host, cpu)
            for cpu in _cpu_hosts(types, max_cpu_instances)
            for host in (own.host, *larger)
            if (host.groups, cpu.groups) != (own.host.groups, own.cpu.groups)
        ]
    return tuple(found)


def clusters_of(found: Sequence[Candidate]) -> Clusters:
    """Return candidates as the model takes them."""
    return Clusters(
        local_vcpu=_numbers(one.host.vcpu for one in found),
        remote_vcpu=_numbers(one.cpu.vcpu for one in found),
        accelerators=_numbers(one.host.accelerators for one in found),
        network_gbit_per_s=_numbers(one.host.network_gbit_per_s for one in found),
    )


def _larger_hosts(host: Side, types: Types) -> list[Group]:
    """Return hosts with the same accelerators, no fewer of them, and more vCPUs; as many hosts."""
    if len(host.groups) != 1 or host.groups[0][0] not in types:
        return []
    name, count = host.groups[0]
    own = types[name]

    def is_same(other: InstanceType) -> bool:
        if own.accelerators > 0:
            return (
                other.accelerator_name == own.accelerator_name
                and other.accelerators >= own.accelerators
                and other.accelerator_memory_mib >= own.accelerator_memory_mib
            )
        return other.family == own.family and not other.accelerators > 0

    return [(one.name, count) for one in types.values() if one.vcpu > own.vcpu and is_same(one)]


def _cpu_hosts(types: Types, most: int) -> list[Side]:
    return [
        _side([(one.name, count)], types)
        for one in types.values()
        if one.accelerators == 0 and one.vcpu > 0 and not one.is_part_time
        for count in range(1, most + 1)
    ]


def _side(groups: Sequence[Group], types: Types) -> Side:
    known = [(types.get(name), count) for name, count in groups]

    def total(name: str) -> float:
        return float(
            sum(float("nan") if one is None else getattr(one, name) * count for one, count in known)
        )

    members = [one for one, _ in known if one is not None]
    return Side(
        groups=tuple(groups),
        vcpu=total("vcpu"),
        accelerators=total("accelerators"),
        network_gbit_per_s=total("network_gbit_per_s"),
        usd_per_h=total("usd_per_h"),
        is_estimated=any(one.is_estimated for one in members),
        price_notes=tuple(f"{one.name}: {one.price_note}" for one in members if one.price_note),
    )


def _numbers(values: object) -> NDArray[np.float64]:
    return np.fromiter(values, dtype=np.float64)  # type: ignore[call-overload, no-any-return]
