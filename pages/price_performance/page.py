"""Price-performance: what the same work costs on each configuration that was measured."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.labels import label
from pages.kit.rows import first_row, records
from pages.kit.workloads import no_runs, pick_day, pick_workload, show_sql
from pages.price_performance.charts import frontier, reductions
from pages.price_performance.price_view import (
    ON_DEMAND,
    VIEW,
    ask_for_terms,
    draw_price_views,
    pick_price_view,
    say_what_view_is_based_on,
)

PAGE = Page(
    title="Price-performance",
    icon=":material/speed:",
    lead="Compares clusters that the same workload was measured on: time and cost of a step,"
    " and whether a difference is more than the noise of the samples.",
    position=110,
)
BASELINE = "baseline"


def render(canvas: Canvas, reader: Reader) -> None:
    every = query_rows(reader, "price_performance")
    if every.empty:
        no_runs(canvas)
        _type_in(canvas, reader)
        return
    row = canvas.row()
    workload = pick_workload(row, every["workload"])
    own = every[every["workload"] == workload]
    names = list(dict.fromkeys(own["configuration"]))
    baseline = row.select("Baseline", names, key=BASELINE)
    as_of = pick_day(row)
    row = canvas.row()
    view = pick_price_view(row)
    terms = ask_for_terms(row, reader, view, own["cluster_label"])
    steps = row.number(
        "Steps of an epoch", key="steps_per_epoch", lowest=1, placeholder="unknown", width=170
    )
    given = {"baseline": baseline, "as_of": as_of, **terms}
    if steps is not None:
        given["steps_per_epoch"] = str(steps)
    only = Filters(where=(("workload", workload),))
    configurations = query_rows(reader, "price_performance", only, price_view=view, **given)
    views = query_rows(reader, "price_views", only, **given)
    canvas.kpis(_kpis(configurations))
    row = canvas.row()
    links.definition(row, "cost_reduction_ratio")
    show_sql(row, "price_performance", **{VIEW: "" if view == ON_DEMAND else view}, **given)
    _prices(canvas, configurations)
    say_what_view_is_based_on(canvas, view, configurations)
    _frontier(canvas, configurations, view)
    _reductions(canvas, configurations, baseline)
    draw_price_views(canvas, views)
    _table(canvas, configurations, view)
    _type_in(canvas, reader, workload)


def _type_in(canvas: Canvas, reader: Reader, workload: str = "") -> None:
    def draw() -> None:
        from pages.price_performance.run_form import draw_run_form  # only a screen has Streamlit

        draw_run_form(canvas, reader, workload)

    canvas.interact(draw)


def _kpis(configurations: pd.DataFrame) -> list[Kpi]:
    others = configurations[~configurations["is_baseline"].astype(bool)]
    fastest = first_row(configurations.sort_values("speedup_ratio", ascending=False, kind="stable"))
    return [
        _cheapest(configurations),
        Kpi("Fastest", _ms(fastest.step_time_ms), f"a step, {fastest.configuration}"),
        Kpi(
            "Most work per dollar",
            _gain(others),
            "than with the baseline",
            "How much more work a dollar buys. It is another figure than the cost reduction: half"
            " the cost is twice the work.",
        ),
    ]


def _cheapest(configurations: pd.DataFrame) -> Kpi:
    name = "Cheapest"
    priced = configurations.dropna(subset=["cost_reduction_ratio"])
    if priced.empty:
        return Kpi(name, formats.UNKNOWN, "no configuration has a known price")
    others = len(configurations) - len(priced)
    without = f"; the price of {others} is unknown" if others else ""
    top = first_row(priced.sort_values("cost_reduction_ratio", ascending=False, kind="stable"))
    if top.is_baseline:
        only = "the only one with a known price" if len(priced) == 1 < len(configurations) else ""
        return Kpi(
            name,
            top.configuration,
            f"the baseline; {only or f'no other one costs less{without}'}",
        )
    return Kpi(
        name,
        f"{top.configuration}",
        f"{_change(top)}; {label('comparison', top.comparison).lower()}{without}",
        "Cost reduction against the baseline, with its 90 % interval from the samples. There is no"
        " winner inside the noise.",
    )


def _change(row: Any) -> str:
    much = formats.percent(row.cost_reduction_ratio)
    if formats.is_unknown(row.cost_reduction_low_ratio):
        return f"{much} less"
    return (
        f"{much} less, 90 % interval {formats.percent(row.cost_reduction_low_ratio)} to"
        f" {formats.percent(row.cost_reduction_high_ratio)}"
    )


def _gain(others: pd.DataFrame) -> str:
    """Return the most gain of work per dollar; the baseline gains nothing over itself."""
    if others.empty:
        return formats.percent(0.0)
    gain = others["work_per_usd_gain_ratio"].max()
    if formats.is_unknown(gain):
        return formats.UNKNOWN
    return f"+{formats.percent(gain)}" if gain > 0 else formats.percent(0.0)


def _ms(value: float) -> str:
    return f"{value:,.0f} ms"


def _prices(canvas: Canvas, configurations: pd.DataFrame) -> None:
    notes = sorted({note for notes in configurations["price_note"].dropna()
                    for note in notes.split("; ")})  # fmt: skip
    day = formats.day(first_row(configurations).price_date)
    text = f"On-demand list prices of {day}."
    if notes:
        text += f" Not all are prices of SageMaker training: {formats.plain('; '.join(notes))}."
    unknown = configurations[configurations["list_unit_price_usd_per_h"].isna()]
    if len(unknown):
        names = ", ".join(row.configuration for row in records(unknown))
        text += f" Without a price, and not compared by cost: {formats.plain(names)}."
    canvas.note(text)


def _frontier(canvas: Canvas, configurations: pd.DataFrame, view: str) -> None:
    canvas.header("Cost and time of a step")
    known = configurations.dropna(subset=["cost_per_100_steps_usd"])
    if known.empty:
        canvas.notice("No configuration has a known price.", icon=":material/info:")
        return
    canvas.chart(
        frontier(known, label(VIEW, view)),
        key="frontier",
        alt="Points: step time and cost per 100 steps of each configuration; those on the"
        " frontier are joined by a line.",
    )
    canvas.expander("Table: cost and time").table(
        known,
        ["configuration", "step_time_ms", "step_time_low_ms", "step_time_high_ms",
         "cost_per_100_steps_usd", "is_on_frontier"],
        key="frontier_table",
        alt="Step time with its interval, and cost, by configuration",
        placeholder="",
    )  # fmt: skip
    links.definition(canvas, "list_cost_per_100_steps_usd")


def _reductions(canvas: Canvas, configurations: pd.DataFrame, baseline: str) -> None:
    canvas.header("Cost of the same work against the baseline")
    known = configurations.dropna(subset=["cost_reduction_ratio"])
    others = known[~known["is_baseline"].astype(bool)]
    if others.empty:
        canvas.notice(
            "There is no other configuration with a known price to compare.",
            icon=":material/info:",
        )
        return
    canvas.chart(
        reductions(others),
        key="reductions",
        alt=f"Points: cost reduction against {baseline} with 90 % intervals, by configuration.",
    )
    canvas.expander("Table: against the baseline").table(
        others,
        ["configuration", "comparison", "cost_reduction_ratio", "cost_reduction_low_ratio",
         "cost_reduction_high_ratio", "speedup_ratio", "work_per_usd_gain_ratio"],
        key="reductions_table",
        alt="Cost reduction, speedup and work per dollar against the baseline",
        placeholder="",
    )  # fmt: skip
    few = [row.configuration for row in records(configurations) if row.run_count == 1]
    if few:
        canvas.note(
            f"Measured in a single run: {formats.plain(', '.join(few))}. Their intervals show how"
            " samples differ within the run, not how runs differ."
        )


def _table(canvas: Canvas, configurations: pd.DataFrame, view: str) -> None:
    canvas.header("Configurations")
    as_paid = (
        []
        if view == ON_DEMAND
        else ["paid_usd_per_h", "cost_per_100_steps_usd", "cost_per_epoch_usd"]
    )
    canvas.table(
        configurations,
        ["configuration", "cluster_label", "list_unit_price_usd_per_h", "step_time_ms",
         "step_time_median_ms", *as_paid, "list_cost_per_100_steps_usd", "list_cost_per_epoch_usd",
         "list_cost_per_million_samples_usd", "speedup_ratio", "cost_reduction_ratio",
         "comparison", "sample_count", "run_count", "step_count", "cpu_utilization_ratio",
         "gpu_utilization_ratio", "is_price_estimated", "price_note"],
        key="configurations",
        alt="Measured configurations of the workload",
        what="configurations",
        file_name="price_performance",
        placeholder="",
    )  # fmt: skip
    canvas.link("instance_groups", "See which clusters could do it for less")
