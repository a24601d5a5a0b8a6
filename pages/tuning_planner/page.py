"""Tuning planner: what rounds of parallel jobs take, need and cost, cold and on warm pools."""

from functools import partial
from typing import Any

import pandas as pd

from analytics.catalog import query_named
from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.rows import first_row, records
from pages.kit.workloads import show_sql
from pages.tuning_planner.charts import costs, makespans

PAGE = Page(
    title="Tuning planner",
    icon=":material/tune:",
    lead="Plans a tuning loop: tuners that each start several jobs, wait for them, and start the"
    " next round. It shows what warm pools save, and what the loop needs of your quotas.",
    position=130,
)
QUERY = "tuning_plan"
# label, parameter of the query, lowest value
LOOP = (
    ("Tuners in parallel", "parallel", 1),
    ("Rounds", "rounds", 1),
    ("Jobs a tuner starts", "folds", 1),
    ("Training (s)", "run_s", 0),
    ("Startup, cold (s)", "startup_cold_s", 0),
    ("Startup, warm (s)", "startup_warm_s", 0),
)
MORE = (
    ("Provisioning, not billed (s)", "unbilled_startup_s", 0),
    ("Pause between rounds (s)", "idle_s", 0),
    ("Kept after the last round (s)", "keep_alive_period_s", 0),
    ("Instances of a job", "instance_count", 1),
    ("Added by the profiler (s)", "profiler_s", 0),
    ("API calls allowed a second", "api_limit_per_s", 1),
    ("A tuner looks again after (s)", "poll_s", 1),
)
NO_DEFAULT = {"api_limit_per_s": "AWS's limit"}
WIDTH, LOOP_WIDTH = 190, 170


def render(canvas: Canvas, reader: Reader) -> None:
    given = _choices(canvas, reader)
    plan = query_rows(reader, QUERY, **given)
    row = first_row(plan)
    canvas.kpis(_kpis(row))
    line = canvas.row()
    links.definition(line, "makespan_h")
    show_sql(line, QUERY, **{name: str(value) for name, value in given.items()})
    _time(canvas, plan)
    _cost(canvas, plan)
    _needs(canvas, row)
    _loops(canvas, reader)


def _choices(canvas: Canvas, reader: Reader) -> dict[str, Any]:
    given: dict[str, Any] = {}
    first, second = LOOP[:3], LOOP[3:]
    for fields in (first, second):
        row = canvas.row()
        for field in fields:
            _number(row, *field, given, LOOP_WIDTH)
    row = canvas.row()
    types = query_rows(reader, "instance_types")["instance_type"].tolist()
    for text, name in (
        ("Instance type of the jobs", "instance_type"),
        ("Instance type of the tuners", "tuner_instance_type"),
    ):
        none = "as the jobs" if name.startswith("tuner") else "no cost without one"
        chosen = row.optional_select(text, types, key=name, placeholder=none, width=260)
        if chosen:
            given[name] = chosen
    more = canvas.expander("More of the plan")
    for some in (MORE[:4], MORE[4:]):
        row = more.row()
        for field in some:
            _number(row, *field, given)
    return given


def _number(
    row: Canvas, text: str, name: str, lowest: int, given: dict[str, Any], width: int = WIDTH
) -> None:
    usual = query_named(QUERY).parameters[name].default
    value = row.number(
        text, key=name, lowest=lowest, highest=1_000_000,
        placeholder=NO_DEFAULT.get(name, "unknown") if usual is None else f"{usual:g}", width=width,
    )  # fmt: skip
    if value is not None:
        given[name] = value


def _kpis(plan: Any) -> list[Kpi]:
    return [
        Kpi(
            "Jobs",
            formats.count(plan.job_count),
            f"{formats.count(plan.parallel_jobs, 'tuner')},"
            f" {formats.count(plan.rounds, 'round')}, {formats.count(plan.folds, 'job')} of each"
            " and itself",
        ),
        Kpi("All cold", _hours(plan.makespan_cold_h), "from the first round to the last"),
        Kpi(
            "On warm pools",
            _hours(plan.makespan_warm_h),
            f"{formats.percent(plan.makespan_reduction_ratio)} less time",
            "Every round but the first starts on the clusters of the round before.",
        ),
        Kpi(
            "Clusters at a time",
            formats.count(plan.clusters_needed),
            f"{formats.count(plan.round_call_count)} for jobs,"
            f" {formats.count(plan.parallel_jobs)} for tuners",
        ),
    ]


def _hours(hours: float) -> str:
    return f"{hours:,.2f} h"


def _time(canvas: Canvas, plan: pd.DataFrame) -> None:
    canvas.header("Time")
    canvas.chart(
        makespans(plan),
        key="makespans",
        alt="Bars: time of the loop, all cold and on warm pools.",
    )
    canvas.expander("Table: time").table(
        plan,
        ["makespan_cold_h", "makespan_warm_h", "makespan_reduction_ratio", "fan_out_h",
         "profiler_added_h", "job_count"],
        key="time_table",
        alt="Time of the loop, cold and warm",
        file_name=QUERY,
        placeholder="",
    )  # fmt: skip


def _cost(canvas: Canvas, plan: pd.DataFrame) -> None:
    canvas.header("Cost")
    row = first_row(plan)
    if formats.is_unknown(row.list_cost_cold_usd):
        canvas.notice(
            "Choose an instance type with a known price to see what the loop costs.",
            icon=":material/info:",
        )
        return
    canvas.chart(
        costs(plan), key="costs", alt="Bars: list cost of the loop, all cold and on warm pools."
    )
    if row.price_note:
        canvas.note(f"Prices: {formats.plain(row.price_note)}.")
    canvas.expander("Table: cost").table(
        plan,
        ["list_cost_cold_usd", "list_cost_warm_usd", "profiler_added_usd",
         "list_unit_price_usd_per_h", "price_date", "is_price_estimated"],
        key="cost_table",
        alt="List cost of the loop, cold and warm",
        placeholder="",
    )  # fmt: skip
    links.definition(canvas, "tuning_cost_usd", "What does it include?")


def _needs(canvas: Canvas, plan: Any) -> None:
    canvas.header("What it needs")
    profiler = (
        ""
        if formats.is_unknown(plan.profiler_added_h)
        else f"\n- **Profiler:** left on, it adds {_hours(plan.profiler_added_h)}"
        f" and {formats.usd(plan.profiler_added_usd)}. Turn it off with"
        " `disable_profiler=True`."
    )
    canvas.text(
        f"- **Quota for training job usage:** {formats.count(plan.instances_needed_count)}"
        " instances at a time, jobs and tuners.\n"
        f"- **Quota for warm pool usage:** {formats.count(plan.warm_instances_needed_count)}"
        " instances; without it clusters are not kept, and every round starts cold.\n"
        f"- **API calls:** {formats.count(plan.round_call_count)} CreateTrainingJob calls at the"
        f" start of each round. At {plan.api_limit_per_s:g} calls a second, each tuner waits"
        f" {formats.duration(plan.call_delay_s)} between its calls, which adds"
        f" {_hours(plan.fan_out_h)} to the loop. While tuners wait they ask for the status of"
        f" their jobs {plan.poll_rate_per_s:.1f} times a second.{profiler}\n"
        "- **Keep-alive:** set it on the jobs that tuners start, longer than the time between"
        " rounds. Tuning jobs of SageMaker itself reuse clusters on their own, and take no"
        " keep-alive period."
    )


def _loops(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Loops in your history")
    loops = query_rows(reader, "tuning_loops", Filters())
    if loops.empty:
        canvas.notice(
            "No jobs come in rounds: at least three rounds of as many jobs, one after the other.",
            icon=":material/info:",
        )
        return
    canvas.text(
        "Rounds of as many jobs, each after the one before. Plan one of them again, as one tuner"
        " that starts all jobs of a round."
    )
    row = canvas.row()
    for number, loop in enumerate(records(loops.head(3))):
        row.button(
            f"Plan {loop.loop_name} of {formats.day(loop.first_created_at)},"
            f" {formats.count(loop.rounds)} rounds",
            key=f"plan_{number}",
            on_click=partial(_plan, canvas, loop),
        )
    canvas.table(
        loops,
        ["loop_name", "jobs_per_round_count", "rounds", "job_count", "startup_cold_s",
         "startup_warm_s", "training_median_s", "round_gap_median_s", "instance_type",
         "instance_count", "user_name", "first_created_at", "last_created_at"],
        key="loops",
        alt="Tuning loops in the history",
        what="loops",
        file_name="tuning_loops",
        placeholder="",
    )  # fmt: skip
    line = canvas.row()
    links.definition(line, "tuning_loops", "How are loops found?")
    show_sql(line, "tuning_loops")


def _plan(canvas: Canvas, loop: Any) -> None:
    """Put a loop of the history into the plan."""
    values = {
        "parallel": 1,
        "rounds": loop.rounds,
        "folds": loop.jobs_per_round_count,
        "startup_cold_s": loop.startup_cold_s,
        "startup_warm_s": loop.startup_warm_s,
        "run_s": loop.training_median_s,
        "idle_s": loop.round_gap_median_s,
        "instance_count": loop.instance_count,
    }
    for name, value in values.items():
        canvas.write(name, None if formats.is_unknown(value) else str(round(value)))
    is_one_type = not formats.is_unknown(loop.instance_type) and loop.instance_type != "mixed"
    canvas.write("instance_type", loop.instance_type if is_one_type else None)
