"""Instance groups: what limits a step, and which cluster would do it for less."""

import pandas as pd

from analytics.catalog import query_named
from analytics.instance_groups.advice_rows import advices
from analytics.instance_groups.recommendations import recommendations
from analytics.query import Filters
from analytics.recommendation import Recommendation
from data.store.reader import Reader
from pages.instance_groups.advice_card import draw_card
from pages.instance_groups.charts import KINDS, candidates_chart, fitted_chart
from pages.instance_groups.fleet import draw_fleet
from pages.kit import formats, links
from pages.kit.cache import query_rows, remember
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.rows import first_row
from pages.kit.workloads import no_runs, pick_day, pick_workload, show_sql

PAGE = Page(
    title="Instance groups",
    icon=":material/account_tree:",
    lead="Says what limits a training step, and predicts which cluster would do it for less: larger"
    " hosts, added CPU hosts, or the one in use.",
    position=120,
)
QUERY = "instance_group_advice"
MOST_SHOWN = 50


def render(canvas: Canvas, reader: Reader) -> None:
    advice_tab, fleet_tab = canvas.tabs("Advice for a workload", "Jobs by bottleneck")
    _advice(advice_tab, reader)
    draw_fleet(fleet_tab, reader)


def _advice(canvas: Canvas, reader: Reader) -> None:
    measured = query_rows(reader, "price_performance")
    if measured.empty:
        no_runs(canvas)
        return
    row = canvas.row()
    workload = pick_workload(row, measured["workload"])
    names = list(dict.fromkeys(measured[measured["workload"] == workload]["configuration"]))
    baseline = row.select("Configuration in use", names, key="baseline")
    as_of = pick_day(row)
    row = canvas.row()
    most = row.number(
        "Most CPU hosts to add", key="max_cpu_instances", lowest=1, highest=32, placeholder="8",
        width=170,
    )  # fmt: skip
    longest = row.number(
        "Longest step (ms)", key="max_step_time_ms", lowest=1, placeholder="any", width=170
    )
    size = row.number(
        "Data a step (MB)", key="mb_per_step", lowest=1, placeholder="unknown", width=170,
        help="What preprocessing sends to the training hosts for one step: with it, the network"
        " bounds what added hosts can do.",
    )  # fmt: skip
    given = {
        name: f"{value}"
        for name, value in (
            ("baseline", baseline), ("as_of", as_of), ("max_cpu_instances", most),
            ("max_step_time_ms", longest), ("mb_per_step", size),
        )
        if value
    }  # fmt: skip
    only = Filters(where=(("workload", workload),))
    rows = query_rows(reader, QUERY, only, **given)
    draw_card(canvas, _recommendation(reader, only, given))
    row = canvas.row()
    show_sql(row, QUERY, baseline=baseline, as_of=as_of)
    links.definition(row, "predicted_step_time_ms", "How is a step predicted?")
    _candidates(canvas, rows)
    _fit(canvas, rows)


def _recommendation(reader: Reader, only: Filters, given: dict[str, str]) -> Recommendation:
    def recommend() -> Recommendation:
        values = query_named(QUERY).values(given)
        return recommendations(advices(reader, only, values))[0]

    return remember(reader, (QUERY, "recommendation", only, tuple(given.items())), recommend)


def _candidates(canvas: Canvas, rows: pd.DataFrame) -> None:
    canvas.header("Candidates")
    ranked = rows.dropna(subset=["rank"])
    if ranked.empty:
        canvas.notice(
            "Nothing is ranked. The table has what is known: bounds, in no order.",
            icon=":material/info:",
        )
    else:
        canvas.chart(
            candidates_chart(rows),
            key="candidates",
            alt="Points: predicted step time and cost per 100 steps, with what they lose, of"
            " candidates that cost no more than the cluster in use, and of that; a line joins those"
            " on the frontier.",
        )
    first = f"the first {MOST_SHOWN} of " if len(rows) > MOST_SHOWN else ""
    canvas.note(f"The table has {first}{formats.count(len(rows), 'candidate')}.")
    canvas.table(
        rows.head(MOST_SHOWN).assign(kind=[KINDS[kind][0] for kind in rows["kind"][:MOST_SHOWN]]),
        ["rank", "candidate", "kind", "predicted_step_time_ms", "list_cost_per_100_steps_usd",
         "cost_reduction_ratio", "net_cost_reduction_ratio", "lost_usd_per_month",
         "lost_wait_h_per_month", "predicted_low_ms", "predicted_high_ms",
         "measured_step_time_ms", "break_even_step_time_ms", "predicted_gpu_utilization_ratio",
         "cluster_vcpu_count", "network_gbit_per_s", "network_limit_mb_per_step",
         "network_needed_gbit_per_s", "loses", "is_on_frontier", "is_price_estimated",
         "price_note", "rationale"],
        key="candidates_table",
        alt="Candidates, the cheapest first",
        what="candidates",
        file_name=QUERY,
        all_rows=lambda: rows,
        placeholder="",
    )  # fmt: skip


def _fit(canvas: Canvas, rows: pd.DataFrame) -> None:
    canvas.header("Measured against predicted")
    measured = rows.dropna(subset=["measured_step_time_ms"])
    others = measured[measured["kind"] != "unchanged"]
    if others.empty:
        canvas.text(
            "Only the cluster in use was measured, so added CPU hosts are taken to be as fast as"
            " the training hosts, give or take a quarter. Measure one candidate, import the step"
            " times under the same workload, and the model is fitted to both."
        )
        return
    row = first_row(measured)
    error = (
        "With three configurations or more, each is predicted from the others to see how good"
        " that is."
        if formats.is_unknown(row.prediction_error_ratio)
        else "Predicting each configuration from the others was off by"
        f" {formats.percent(row.prediction_error_ratio)} on average."
    )
    canvas.text(
        f"Fitted to {formats.count(len(measured), 'configuration')}: a vCPU of an added host does"
        f" {row.remote_efficiency_ratio:.2f} of what one of the training host does. {error}"
    )
    canvas.chart(
        fitted_chart(measured),
        key="fit",
        alt="Points: measured and predicted step time of each measured configuration.",
    )
    canvas.expander("Table: measured against predicted").table(
        measured,
        ["candidate", "measured_step_time_ms", "predicted_step_time_ms", "predicted_low_ms",
         "predicted_high_ms"],
        key="fit_table",
        alt="Measured and predicted step time of each measured configuration",
        placeholder="",
    )  # fmt: skip
