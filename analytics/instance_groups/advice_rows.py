"""Instance group advice as rows: every candidate of every workload, the best first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from analytics.instance_groups.advice import Advice, Configuration, Options, advise, reach_ms
from analytics.instance_groups.candidates import HETEROGENEOUS, UNCHANGED
from analytics.instance_groups.fleet import utilization
from analytics.instance_groups.instance_types import instance_types
from analytics.instance_groups.losses import Losses
from analytics.instance_groups.queries import QUERIES
from analytics.instance_groups.texts import rationale, setting
from analytics.query import Filters, run_sql
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.settings import load_settings

_QUERY = next(query for query in QUERIES if query.name == "instance_group_advice")
Row = Mapping[str, Any]

_NUMBERS = (
    "step_time_ms",
    "standard_error_ms",
    "unit_count",
    "cpu_utilization_ratio",
    "gpu_utilization_ratio",
    "samples_per_step",
    "job_count",
    "hit_count",
    "spot_job_count",
    "wait_saved_h",
    "billed_saved_usd",
    "retained_usd",
    "spot_saved_usd",
    "list_cost_usd",
    "span_h",
)
"""Columns of instance_group_advice.sql that may be unknown: NaN."""


def instance_group_advice(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return every candidate of every workload that was measured."""
    frames = [
        _rows(workload, advice, losses, values["steps_per_epoch"])
        for workload, advice, losses in advices(reader, filters, values)
    ]
    columns = list(_QUERY.columns)
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return found.reindex(columns=columns)


def advices(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> list[tuple[str, Advice, Losses]]:
    """Return the advice on each workload, with what the jobs of its cluster in use had.

    Raises:
        WrongUseError: no workload has a configuration of the baseline's name.
    """
    as_of = values["as_of"]
    settings = load_settings(reader.home)
    value, is_assumed = settings.valued(values["value_of_waiting_usd_per_h"])
    measured = run_sql(
        reader,
        "instance_groups/instance_group_advice",
        filters,
        relation=_QUERY.relation,
        region=values["region"],
        as_of_date=as_of.date() if as_of else None,
        today=datetime.now(UTC).date(),
    )
    baseline = values["baseline"]
    names = list(measured["configuration"].unique())
    if baseline and names and baseline not in names:
        raise WrongUseError(
            f"There is no configuration '{baseline}'.",
            next_action=f"Use one of: {', '.join(names)}.",
        )
    prices = run_sql(
        reader,
        "instance_groups/type_prices",
        relation=None,
        price_dates=[pd.Timestamp(day).date() for day in measured["price_date"]],
        price_regions=measured["price_region"].tolist(),
        use_estimated_prices=settings.use_estimated_prices,
    )
    types = {
        key: instance_types(rows) for key, rows in prices.groupby(["price_date", "price_region"])
    }
    options = Options(
        max_cpu_instances=int(values["max_cpu_instances"]),
        max_step_time_ms=values["max_step_time_ms"] or float("inf"),
        mb_per_step=values["mb_per_step"] or float("nan"),
    )
    found = []
    for workload, frame in measured.groupby("workload", sort=False):
        rows = _records(frame)
        # the configuration in use comes first
        rows.sort(key=lambda row: row["configuration"] != baseline if baseline else False)
        configurations = [_configuration(row) for row in rows]
        configurations[0] = _with_samples(reader, configurations[0], rows[0])
        own_types = types[(rows[0]["price_date"], rows[0]["price_region"])]
        losses = Losses.of(rows[0], value, is_value_assumed=is_assumed)
        advice = advise(configurations, own_types, options, losses)
        found.append((str(workload), advice, losses))
    return found


def _records(frame: pd.DataFrame) -> list[Row]:
    numbers = {name: "float64" for name in _NUMBERS}
    return [
        {str(name): value for name, value in row.items()}
        for row in frame.astype(numbers).to_dict("records")
    ]


def _configuration(row: Row) -> Configuration:
    return Configuration(
        name=row["configuration"],
        groups=tuple(
            (name, int(count))
            for name, count in zip(row["group_types"], row["group_counts"], strict=True)
        ),
        step_ms=row["step_time_ms"],
        reach_ms=reach_ms(row["standard_error_ms"], row["unit_count"]),
        cpu=row["cpu_utilization_ratio"],
        accelerator=row["gpu_utilization_ratio"],
        samples_per_step=row["samples_per_step"],
    )


def _with_samples(reader: Reader, one: Configuration, row: Row) -> Configuration:
    """Return a configuration with the utilization that the samples of its jobs show."""
    job_ids = [int(job_id) for job_id in row["job_ids"]]
    if not job_ids:
        return one
    jobs = utilization(reader, Filters(), job_ids)
    if jobs.empty:
        return one
    cpu, accelerator, coverage = (
        float(jobs[name].mean())
        for name in ("cpu_utilization_ratio", "accelerator_utilization_ratio", "coverage_ratio")
    )
    return replace(
        one,
        cpu=one.cpu if np.isnan(cpu) else cpu,
        accelerator=one.accelerator if np.isnan(accelerator) else accelerator,
        coverage=coverage,
    )


def _rows(
    workload: str, advice: Advice, losses: Losses, steps_per_epoch: float | None
) -> pd.DataFrame:
    found = advice.candidates
    places = range(len(found))
    usd_per_h = np.array([one.usd_per_h for one in found])
    rank = pd.array(np.where(advice.rank == 0, -1, advice.rank), dtype="Int64")
    rank[advice.rank == 0] = pd.NA
    model = advice.fit.model
    kinds = [one.kind for one in found]
    is_heterogeneous = np.array(kinds) == HETEROGENEOUS
    usd_per_month = losses.list_cost_usd * losses.months / advice.cost_usd[0]
    rows = pd.DataFrame(
        {
            "workload": workload,
            "candidate": [one.label for one in found],
            "kind": kinds,
            "rank": rank,
            "diagnosis": advice.diagnosis,
            "predicted_step_time_ms": advice.step_ms,
            "predicted_low_ms": advice.low_ms,
            "predicted_high_ms": advice.high_ms,
            "measured_step_time_ms": advice.measured_ms,
            "list_unit_price_usd_per_h": usd_per_h,
            "list_cost_per_100_steps_usd": advice.cost_usd,
            "list_cost_per_epoch_usd": advice.cost_usd / 100 * (steps_per_epoch or np.nan),
            "cost_reduction_ratio": advice.reduction,
            "break_even_step_time_ms": advice.step_ms[0] * usd_per_h[0] / usd_per_h,
            "loses": [losses.text if one else None for one in is_heterogeneous],
            "lost_usd_per_month": np.where(is_heterogeneous, advice.lost_usd * usd_per_month, 0.0),
            "lost_wait_h_per_month": np.where(is_heterogeneous, losses.wait_h_per_month, 0.0),
            "net_cost_per_100_steps_usd": advice.net_cost_usd,
            "net_cost_reduction_ratio": advice.net_reduction,
            "is_on_frontier": advice.on_frontier,
            "verdict": advice.verdict,
            "rationale": [rationale(advice, place) for place in places],
            "setting": [
                setting(one) if place and advice.rank[place] else None
                for place, one in enumerate(found)
            ],
            "instance_count": [one.instance_count for one in found],
            "cluster_vcpu_count": [one.host.vcpu + one.cpu.vcpu for one in found],
            "needed_vcpu_count": advice.needed_vcpu,
            "predicted_gpu_utilization_ratio": advice.gpu_utilization,
            "network_gbit_per_s": [one.host.network_gbit_per_s for one in found],
            "network_limit_mb_per_step": advice.network_limit_mb,
            "network_needed_gbit_per_s": advice.network_needed,
            "remote_efficiency_ratio": model.efficiency,
            "saturation_ratio": model.saturation,
            "prediction_error_ratio": advice.fit.error,
            "cpu_utilization_ratio": advice.base.cpu,
            "gpu_utilization_ratio": advice.base.accelerator,
            "coverage_ratio": advice.base.coverage,
            "is_price_estimated": [one.is_estimated for one in found],
            "price_note": [one.price_note for one in found],
        }
    )
    # what is not ranked is not ordered by what it may bring either
    order = ["rank", "is_added", "instance_count", "candidate"]
    rows["is_added"] = rows["kind"] != UNCHANGED
    return rows.sort_values(order, na_position="last", kind="stable")
