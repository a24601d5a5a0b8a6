"""The advice on one workload: every candidate predicted, ranked by cost, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from analytics.instance_groups.candidates import (
    HETEROGENEOUS,
    SCALE_UP,
    Candidate,
    Group,
    candidates,
    cluster,
    clusters_of,
)
from analytics.instance_groups.diagnosis import diagnose
from analytics.instance_groups.fit import Fit, Measured, fit
from analytics.instance_groups.instance_types import Types
from analytics.instance_groups.losses import Losses
from analytics.instance_groups.model import MB_PER_GBIT_MS, Clusters, StepModel, measured_model
from analytics.quantities import SECONDS_PER_HOUR
from analytics.stats.frontier import is_on_frontier

Floats = NDArray[np.float64]

STEPS = 100
MS_PER_H = 1000.0 * SECONDS_PER_HOUR
UPPER_TAIL = 0.95  # of a 90 % interval
LEAST_REDUCTION = 0.05
"""A smaller reduction of cost is no reason to change a cluster."""
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A measured configuration; NaN is unknown."""

    name: str
    groups: tuple[Group, ...]
    step_ms: float
    reach_ms: float = UNKNOWN
    """Half the width of the 90 % interval of its mean."""
    cpu: float = UNKNOWN
    accelerator: float = UNKNOWN
    coverage: float = UNKNOWN
    samples_per_step: float = UNKNOWN


@dataclass(frozen=True, slots=True)
class Options:
    """What candidates there are, and which may be ranked."""

    max_cpu_instances: int = 8
    max_step_time_ms: float = float("inf")
    mb_per_step: float = UNKNOWN


@dataclass(frozen=True, slots=True)
class Advice:
    """The candidates of a workload, an entry each in all arrays, the cluster in use first."""

    base: Configuration
    own: Candidate
    diagnosis: str
    verdict: str
    fit: Fit
    candidates: tuple[Candidate, ...]
    cpu_ms: Floats
    accelerator_ms: Floats
    step_ms: Floats
    low_ms: Floats
    high_ms: Floats
    measured_ms: Floats
    cost_usd: Floats
    reduction: Floats
    lost_usd: Floats
    """What cannot be used any more, for 100 steps; NaN is unknown, and counts as nothing."""
    net_cost_usd: Floats
    """List cost, and what is lost: candidates are ranked by it."""
    net_reduction: Floats
    rank: NDArray[np.int64]
    """From 1; 0 is not ranked."""
    on_frontier: pd.arrays.BooleanArray
    needed_vcpu: Floats
    gpu_utilization: Floats
    network_limit_mb: Floats
    network_needed: Floats
    """Gbit/s that remote preprocessing sends; NaN without the size of a step's data."""
    missing: tuple[str, ...] = field(default=())
    """What was not measured, without which nothing is ranked."""

    @property
    def best(self) -> int | None:
        """The place of the candidate to set: the cheapest, or one that is as good and loses less.

        A larger host keeps warm pools, managed spot and the code as it is.
        """
        ranked = [int(place) for place in np.argsort(self.rank) if self.rank[place] > 0]
        if not ranked:
            return None
        cheapest = ranked[0]
        larger = [place for place in ranked if self.candidates[place].kind == SCALE_UP]
        if self.candidates[cheapest].kind == HETEROGENEOUS and larger:
            most_usd = self.net_cost_usd[cheapest] * (1 + LEAST_REDUCTION)
            if self.net_cost_usd[larger[0]] <= most_usd:
                return larger[0]
        return cheapest


def reach_ms(standard_error_ms: float, unit_count: float) -> float:
    """Return half the width of the 90 % interval of a mean; NaN if it was measured once."""
    return float(stdtrit(unit_count - 1, UPPER_TAIL) * standard_error_ms)


def advise(
    configurations: Sequence[Configuration],
    types: Types,
    options: Options,
    losses: Losses | None = None,
) -> Advice:
    """Return the advice on a workload; the first of its configurations is the one in use.

    `losses` is what a heterogeneous cluster would lose; None: no jobs say so.
    """
    base = configurations[0]
    found = candidates(base.groups, types, options.max_cpu_instances)
    clusters = clusters_of(found)
    own = found[0]
    has_accelerators = own.host.accelerators > 0
    accelerator = base.accelerator if has_accelerators else 0.0
    measured_base = Measured(base.step_ms, base.cpu, accelerator, clusters_of([own]))
    others = [
        Measured(
            _same_work_ms(one, base),
            one.cpu,
            one.accelerator,
            clusters_of([cluster(one.groups, types)]),
        )
        for one in configurations[1:]
        if _is_comparable(cluster(one.groups, types), own, types)
    ]
    fitted = fit(measured_base, others, options.mb_per_step)
    missing = tuple(
        name
        for name, value in (("CPU utilization", base.cpu), ("GPU utilization", accelerator))
        if np.isnan(value)
    )
    step_ms = fitted.model.step_ms(clusters)
    low_ms, high_ms = _interval(fitted, measured_base, clusters, base, others)
    step_ms[0] = base.step_ms
    low_ms[0], high_ms[0] = base.step_ms - base.reach_ms, base.step_ms + base.reach_ms
    parts = fitted.model.parts(clusters)

    usd_per_h = np.array([one.usd_per_h for one in found])
    cost_usd = usd_per_h * step_ms / MS_PER_H * STEPS
    lost_usd = _lost(found, usd_per_h, cost_usd, losses)
    net_cost_usd = cost_usd + np.nan_to_num(lost_usd)
    is_ranked = (
        ~np.isnan(cost_usd)
        & (step_ms <= options.max_step_time_ms)
        & np.full(len(found), not missing)
    )
    rank = _ranks(found, net_cost_usd, is_ranked)
    coverage = np.array([base.coverage])
    diagnosis = diagnose(
        np.array([base.cpu]), np.array([accelerator]), np.array([has_accelerators]), coverage
    )[0]
    gpu = np.divide(parts.accelerator_ms, step_ms)
    advice = Advice(
        base=base,
        own=own,
        diagnosis=str(diagnosis),
        verdict="",
        fit=fitted,
        candidates=found,
        cpu_ms=parts.cpu_ms,
        accelerator_ms=parts.accelerator_ms,
        step_ms=step_ms,
        low_ms=low_ms,
        high_ms=high_ms,
        measured_ms=_measured(found, configurations, base),
        cost_usd=cost_usd,
        reduction=np.where(bool(missing), np.nan, 1 - cost_usd / cost_usd[0]),
        lost_usd=lost_usd,
        net_cost_usd=net_cost_usd,
        net_reduction=np.where(bool(missing), np.nan, 1 - net_cost_usd / cost_usd[0]),
        rank=rank,
        on_frontier=is_on_frontier(
            np.where(is_ranked, step_ms, np.nan), np.where(is_ranked, net_cost_usd, np.nan)
        ),
        needed_vcpu=fitted.model.needed_vcpu(clusters.accelerators),
        gpu_utilization=np.where(np.isnan(accelerator) | (clusters.accelerators == 0), np.nan, gpu),
        network_limit_mb=clusters.network_gbit_per_s * MB_PER_GBIT_MS * step_ms,
        network_needed=fitted.model.network_needed_gbit_per_s(clusters, step_ms),
        missing=missing,
    )
    return replace(advice, verdict=_verdict(advice, usd_per_h))


def _verdict(advice: Advice, usd_per_h: Floats) -> str:
    """Return what to do; a candidate is advised only if its longest step saves as well."""
    if advice.missing or advice.diagnosis == "unclear":
        return "measure_first"
    if np.isnan(advice.cost_usd[0]):
        return "no_price"
    best = advice.best
    if best is None or best == 0:
        return "keep"
    # a cluster in use that is too slow is no alternative, whatever it costs
    if advice.rank[0] > 0:
        if advice.net_reduction[best] < LEAST_REDUCTION:
            return "keep"
        most_usd = usd_per_h[best] * advice.high_ms[best] / MS_PER_H * STEPS
        if most_usd + np.nan_to_num(advice.lost_usd[best]) >= advice.cost_usd[0]:
            return "measure_first"
    return advice.candidates[best].kind


def _lost(
    found: Sequence[Candidate], usd_per_h: Floats, cost_usd: Floats, losses: Losses | None
) -> Floats:
    """Return what each candidate loses for 100 steps; only heterogeneous clusters do."""
    is_heterogeneous = np.array([one.kind == HETEROGENEOUS for one in found])
    if losses is None:
        return np.where(is_heterogeneous, np.nan, 0.0)
    part = losses.part_of_cost(usd_per_h / usd_per_h[0], cost_usd / cost_usd[0])
    return np.where(is_heterogeneous, part * cost_usd[0], 0.0)


def _interval(
    fitted: Fit, base: Measured, clusters: Clusters, measured: Configuration, others: list[Measured]
) -> tuple[Floats, Floats]:
    """Return the shortest and the longest step that the model allows.

    The shortest has no rest, and the best possible efficiency; the longest has the worst, and no
    gain from more accelerators. What was not measured may be the limit already.
    """

    def model(efficiency: float) -> StepModel:
        return measured_model(
            base.step_ms,
            base.cpu,
            base.accelerator,
            base.cluster,
            efficiency=efficiency,
            saturation=fitted.model.saturation,
            mb_per_step=fitted.model.mb_per_step,
        )

    own_accelerators = np.minimum(clusters.accelerators, base.cluster.accelerators[0])
    unscaled = replace(clusters, accelerators=own_accelerators)
    best = [replace(model(one), rest_ms=0.0).step_ms(clusters) for one in (fitted.low, fitted.high)]
    worst = [model(one).step_ms(unscaled) for one in (fitted.low, fitted.high)]
    low_ms, high_ms = np.minimum(*best), np.maximum(*worst)
    if np.isnan(base.cpu) or np.isnan(base.accelerator):
        # whatever was measured with as many accelerators is possible with more CPU as well
        most = min([base.step_ms, *(one.step_ms for one in others)])
        high_ms = np.maximum(high_ms, most)
    noise = np.nan_to_num(measured.reach_ms) / base.step_ms
    return low_ms * max(1 - noise, 0.0), high_ms * (1 + noise)


def _ranks(
    found: Sequence[Candidate], net_cost_usd: Floats, is_ranked: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return ranks by net cost; of equals fewer instances, then the name."""
    places = np.flatnonzero(is_ranked)
    order = sorted(
        places.tolist(),
        # costs that differ by rounding only are equal
        key=lambda place: (
            float(f"{net_cost_usd[place]:.9g}"),
            found[place].instance_count,
            found[place].label,
        ),
    )
    rank = np.zeros(len(found), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _is_comparable(other: Candidate, own: Candidate, types: Types) -> bool:
    """Whether a measured cluster has the same accelerators, as many, and known vCPUs."""

    def names(one: Candidate) -> set[str | None]:
        return {types[name].accelerator_name for name, _ in one.host.groups if name in types}

    return (
        names(other) == names(own)
        and other.host.accelerators == own.host.accelerators
        and not np.isnan(other.host.vcpu + other.cpu.vcpu)
    )


def _same_work_ms(one: Configuration, base: Configuration) -> float:
    """Return the time for as many samples as a step of the base has, where both are known."""
    size = one.samples_per_step / base.samples_per_step
    return one.step_ms if np.isnan(size) else one.step_ms / size


def _measured(
    found: Sequence[Candidate], configurations: Sequence[Configuration], base: Configuration
) -> Floats:
    measured = {_key(one.groups): _same_work_ms(one, base) for one in reversed(configurations)}
    return np.array(
        [measured.get(_key((*one.host.groups, *one.cpu.groups)), np.nan) for one in found]
    )


def _key(groups: Sequence[Group]) -> Group | tuple[Group, ...]:
    return tuple(sorted(groups)) if len(groups) > 1 else groups[0]
