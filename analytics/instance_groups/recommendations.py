"""Instance group advice as recommendations, one a workload; it may be to change nothing."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from analytics.instance_groups.advice import LEAST_REDUCTION, Advice
from analytics.instance_groups.candidates import HETEROGENEOUS, SCALE_UP
from analytics.instance_groups.diagnosis import per_cent_of
from analytics.instance_groups.losses import Losses
from analytics.instance_groups.snippets import snippets
from analytics.instance_groups.texts import rationale, setting
from analytics.recommendation import Gain, Recommendation, ranked
from analytics.vocabulary import DIAGNOSES

KIND = "instance_groups"
PAGE = "instance_groups"
CHANGES = (SCALE_UP, HETEROGENEOUS)


def recommendations(
    found: Iterable[tuple[str, Advice, Losses]],
) -> list[Recommendation]:
    """Return the advice on each workload, as `advices` gives it, most to gain first."""
    return ranked(_recommendation(workload, advice, losses) for workload, advice, losses in found)


def _recommendation(workload: str, advice: Advice, losses: Losses) -> Recommendation:
    best = advice.best
    is_change = advice.verdict in CHANGES and best is not None
    advised = advice.candidates[best] if is_change and best is not None else None
    return Recommendation(
        kind=KIND,
        subject=workload,
        subject_label=f"{workload}, {advice.base.name}",
        verdict=advice.verdict,
        is_change=is_change,
        current=advice.own.label,
        advised=advised.label if advised else None,
        gain=_gain(advice, best if is_change else None, losses),
        job_count=0 if np.isnan(losses.job_count) else int(losses.job_count),
        backtest_regret_ratio=None,
        rationale=explanation(advice),
        setting=setting(advised) if advised else None,
        evidence_page=PAGE,
        basis="model",
        touches=frozenset({f"workload {workload}"}),
        evidence_params={"workload": workload},
        snippets=snippets(advised) if advised else {},
        details={
            "workload": workload,
            "diagnosis": advice.diagnosis,
            "predicted_step_time_ms": _known(advice.step_ms, best),
            "predicted_low_ms": _known(advice.low_ms, best),
            "predicted_high_ms": _known(advice.high_ms, best),
            "cost_reduction_ratio": _known(advice.reduction, best),
            "net_cost_reduction_ratio": _known(advice.net_reduction, best),
        },
    )


def _gain(advice: Advice, best: int | None, losses: Losses) -> Gain:
    """Return the gain of a month like that of the workload's jobs, less what they would lose."""
    if best is None:
        return Gain(0.0, 0.0, 0.0, 0.0, 0.0)
    if not losses.list_cost_usd > 0:
        return Gain(None, None, None, None)
    is_heterogeneous = advice.candidates[best].kind == HETEROGENEOUS
    price_ratio = advice.candidates[best].usd_per_h / advice.candidates[0].usd_per_h

    def gain(step_ms: float) -> float:
        cost_ratio = price_ratio * step_ms / advice.step_ms[0]
        part = losses.part_of_cost(np.array([price_ratio]), np.array([cost_ratio]))
        lost = float(np.nan_to_num(part)[0]) if is_heterogeneous else 0.0
        return float(losses.list_cost_usd * (1 - cost_ratio - lost) * losses.months)

    lost_h = float(np.nan_to_num(losses.wait_h_per_month)) if is_heterogeneous else 0.0
    net = gain(advice.step_ms[best])
    return Gain(
        net,
        gain(advice.high_ms[best]),
        gain(advice.low_ms[best]),
        -lost_h,
        net + losses.value_of_waiting_usd_per_h * lost_h,
    )


def explanation(advice: Advice) -> str:
    """Return why this is advised: the diagnosis, then larger hosts, CPU hosts, preprocessing."""
    code = DIAGNOSES[advice.diagnosis]
    text = f"{rationale(advice, 0)} {code.meaning}"
    if advice.missing:
        return text
    if advice.verdict == "measure_first" and advice.diagnosis == "unclear":
        return f"{text} {code.next_action}"
    steps = [_scale_up(advice), _heterogeneous(advice)]
    text = " ".join([text, *filter(None, steps)])
    best = advice.best
    if advice.verdict == "keep":
        least = per_cent_of(LEAST_REDUCTION)
        return (
            f"{text} Nothing is at least {least} cheaper: change nothing.{_preprocessing(advice)}"
        )
    if advice.verdict == "no_price":
        return f"{text} The cluster in use has no price, so nothing can be compared by cost."
    if best is None:
        return text
    label = advice.candidates[best].label
    if advice.verdict == "measure_first":
        return (
            f"{text} {label} is predicted to be cheapest, but at the longest step that the model"
            " allows it would cost more than now: measure it first."
        )
    chosen = rationale(advice, best)
    if advice.candidates[best].kind == SCALE_UP and advice.rank[best] > 1:
        chosen = (
            f"Advised is {label}. {chosen} It keeps warm pools, managed spot and your code, for"
            f" at most {per_cent_of(LEAST_REDUCTION)} more."
        )
    return f"{text} {chosen}{_network(advice, best)}"


def _scale_up(advice: Advice) -> str:
    places = [place for place, one in enumerate(advice.candidates) if one.kind == SCALE_UP]
    if not places:
        return "No larger host has the same accelerators and more vCPUs."
    return _best_of(advice, places, "Of larger hosts")


def _heterogeneous(advice: Advice) -> str:
    places = [place for place, one in enumerate(advice.candidates) if one.kind == HETEROGENEOUS]
    return _best_of(advice, places, "With added CPU hosts") if places else ""


def _best_of(advice: Advice, places: list[int], of: str) -> str:
    known = [place for place in places if advice.rank[place] > 0]
    if not known:
        return f"{of} none can be ranked."
    best = min(known, key=lambda place: advice.rank[place])
    change = advice.net_reduction[best]
    much = f"{per_cent_of(abs(change))} {'less' if change >= 0 else 'more'}"
    lost = (
        ", after the warm pools and managed spot that it cannot use"
        if advice.lost_usd[best] > 0
        else ""
    )
    return (
        f"{of}, {advice.candidates[best].label} costs least: {advice.step_ms[best]:,.0f} ms a"
        f" step, {much} than now{lost}."
    )


def _preprocessing(advice: Advice) -> str:
    if advice.diagnosis != "cpu_bound":
        return ""
    return " What is left is to preprocess less, once and for all, or on the accelerators."


def _network(advice: Advice, best: int) -> str:
    limit_mb = advice.network_limit_mb[best]
    if advice.candidates[best].kind != HETEROGENEOUS or np.isnan(limit_mb):
        return ""
    network = advice.candidates[best].host.network_gbit_per_s
    needed = advice.network_needed[best]
    if not np.isnan(needed):
        return (
            f" Remote preprocessing sends {needed:,.1f} Gbit/s; the training hosts can receive"
            f" {network:,.0f}."
        )
    return (
        f" At {network:,.0f} Gbit/s the training hosts can receive {limit_mb:,.0f} MB in a step of"
        " that length; more than that would make the network the limit."
    )


def _known(values: Any, place: int | None) -> float | None:
    if place is None or np.isnan(values[place]):
        return None
    return float(values[place])
