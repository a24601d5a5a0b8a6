"""Configurations against a baseline: speedup, cost of the same work, and what is only noise."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from analytics.price_performance.price_views import Terms, priced
from analytics.price_performance.queries import COMPARED, VIEWS
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters, run_sql
from analytics.stats.frontier import is_on_frontier
from analytics.vocabulary import PRICE_VIEWS
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.settings import load_settings

Floats = NDArray[np.float64]

STEPS = 100
MS_PER_S = 1000
UPPER_TAIL = 0.95  # of a 90 % interval


def price_performance(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return every measured configuration, compared with the baseline of its workload.

    Raises:
        WrongUseError: no workload has a configuration of the baseline's name.
    """
    measured, terms = _measured(reader, filters, values)
    compared = _compared(measured, values["price_view"], terms, values)
    return compared.reindex(columns=list(COMPARED.columns))


def price_views(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return what every measured configuration costs in each price view."""
    measured, terms = _measured(reader, filters, values)
    views = list(PRICE_VIEWS)
    parts = [_compared(measured, view, terms, values) for view in views]
    found = pd.concat(parts, ignore_index=True)
    if len(found):
        # the views of a configuration stand together, those in their order
        places = {key: place for place, key in enumerate(zip(*_names(measured), strict=True))}
        keys = zip(*_names(found), strict=True)
        found = found.assign(
            place=[places[key] for key in keys],
            view_place=[views.index(view) for view in found["price_view"]],
        ).sort_values(["place", "view_place"], kind="stable", ignore_index=True)
    return found.reindex(columns=list(VIEWS.columns))


def _names(rows: pd.DataFrame) -> list[list[str]]:
    return [rows[name].tolist() for name in ("workload", "configuration", "cluster_label")]


def _measured(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> tuple[pd.DataFrame, Terms]:
    as_of = values["as_of"]
    settings = load_settings(reader.home)
    terms = Terms.of(values, settings)
    measured = run_sql(
        reader,
        "price_performance/price_performance",
        filters,
        relation=COMPARED.relation,
        region=values["region"],
        as_of_date=as_of.date() if as_of else None,
        today=datetime.now(UTC).date(),
        use_estimated_prices=settings.use_estimated_prices,
        savings_plan_discount_ratio=terms.savings_plan_discount_ratio,
    )
    baseline = values["baseline"]
    names = list(measured["configuration"].unique())
    if baseline and len(measured) and baseline not in names:
        raise WrongUseError(
            f"There is no configuration '{baseline}'.",
            next_action=f"Use one of: {', '.join(names)}.",
        )
    return measured, terms


def _compared(
    measured: pd.DataFrame, view: str, terms: Terms, values: Mapping[str, Any]
) -> pd.DataFrame:
    rows = priced(measured, view, terms)
    parts = [
        compare(part.reset_index(drop=True), values["baseline"], values["steps_per_epoch"])
        for _, part in rows.groupby("workload", sort=False)
    ]
    return pd.concat(parts, ignore_index=True) if parts else rows


def compare(
    rows: pd.DataFrame, baseline: str = "", steps_per_epoch: float | None = None
) -> pd.DataFrame:
    """Return the configurations of one workload, compared by what is paid with one of them.

    Args:
        rows: of price_performance.sql, with the price of a view.
        baseline: the configuration to compare with; empty: the first.
        steps_per_epoch: of the baseline.
    """
    rows = rows.copy()
    list_price, price, step_ms, error_ms, units, samples = (
        rows[name].to_numpy(dtype=float)
        for name in (
            "list_unit_price_usd_per_h",
            "paid_usd_per_h",
            "step_time_ms",
            "standard_error_ms",
            "unit_count",
            "samples_per_step",
        )
    )
    step_h = step_ms / MS_PER_S / SECONDS_PER_HOUR
    list_cost, cost = list_price * step_h, price * step_h
    reach_ms = stdtrit(units - 1, UPPER_TAIL) * error_ms
    rows["step_time_low_ms"] = np.maximum(step_ms - reach_ms, 0)
    rows["step_time_high_ms"] = step_ms + reach_ms
    rows["list_cost_per_100_steps_usd"] = STEPS * list_cost
    rows["list_cost_per_million_samples_usd"] = 1e6 * list_cost / samples
    rows["cost_per_100_steps_usd"] = STEPS * cost
    rows["is_on_frontier"] = is_on_frontier(step_ms, cost)
    rows["is_baseline"] = False

    places = np.flatnonzero(rows["configuration"] == baseline) if baseline else np.array([0])
    if len(places) == 0:
        rows["comparison"] = None
        return rows
    base = places[0]
    rows.loc[base, "is_baseline"] = True
    # steps of several sizes are compared by the samples in them, if all are known
    size = samples / samples[base]
    size = np.where(np.isnan(size), 1.0, size)
    same_work_ms, same_work_usd = step_ms / size, cost / size
    cost_ratio = same_work_usd / same_work_usd[base]
    rows["is_on_frontier"] = is_on_frontier(same_work_ms, same_work_usd)
    steps = steps_per_epoch or np.nan
    rows["list_cost_per_epoch_usd"] = list_cost / size * steps
    rows["cost_per_epoch_usd"] = same_work_usd * steps
    rows["speedup_ratio"] = step_ms[base] / same_work_ms
    rows["cost_reduction_ratio"] = 1 - cost_ratio
    rows["work_per_usd_gain_ratio"] = 1 / cost_ratio - 1
    reach = _log_reach(step_ms, error_ms, units, base)
    low, high = 1 - cost_ratio * np.exp(reach), 1 - cost_ratio * np.exp(-reach)
    rows["cost_reduction_low_ratio"], rows["cost_reduction_high_ratio"] = low, high
    rows["comparison"] = np.select(
        [
            rows["is_baseline"].to_numpy(),
            np.isnan(cost_ratio),
            np.isnan(low),
            low > 0,
            high < 0,
        ],
        ["baseline", "unknown_cost", "no_interval", "cheaper", "dearer"],
        "within_noise",
    )
    return rows


def _log_reach(step_ms: Floats, error_ms: Floats, units: Floats, base: int) -> Floats:
    """Return half the width of the 90 % interval of log(step time / the baseline's).

    By the delta method, with Student's t and the degrees of freedom of Welch and Satterthwaite.
    NaN where either was measured only once; 0 for the baseline against itself.
    """
    variance = (error_ms / step_ms) ** 2
    both = variance + variance[base]
    weights = variance**2 / (units - 1) + variance[base] ** 2 / (units[base] - 1)
    # without any spread every number of degrees gives the same
    freedom = np.divide(both**2, weights, out=np.ones(len(both)), where=weights > 0)
    reach = np.asarray(stdtrit(freedom, UPPER_TAIL) * np.sqrt(both))
    reach[base] = 0.0
    return reach
