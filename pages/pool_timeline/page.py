"""Pool timeline: a pool's clusters as they started, ran, idled and expired, one by one."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analytics.query import Filters
from analytics.vocabulary import MISS_REASONS
from data.store.reference_tables import aws_limit
from data.store.store import Store
from pages.kit import (
    cache,
    charts,
    formats,
    frame,
    kpis,
    links,
    recording,
    tables,
    text,
)
from pages.kit.blocks import Setting
from pages.kit.cache import answer
from pages.kit.kpis import Figure
from pages.kit.labels import word
from pages.kit.notes import note
from pages.kit.pool_picker import POOL, pool_choice
from pages.pool_timeline import time_range
from pages.pool_timeline.charts import lane_count, phase_steps, timeline_bins, timeline_gantt

TITLE = "Pool timeline"
MOST_JOBS, MOST_LANES = 150, 30
JOB, PERIOD = "job", "period_s"
AS_IT_WAS, OTHER = "As it was", "With another period"
USUAL_PERIODS_S = (900, 1800)
CHART, JOB_CHOICE, VIEW_CHOICE, PERIOD_CHOICE, SEEN_POOL = (
    "timeline", "job_choice", "view_choice", "period_choice", "timeline_pool",
)  # fmt: skip
Panels = Mapping[str, str]
"""The period of each timeline, as the questions want it, by its title."""


@frame.on_jobs(
    TITLE,
    "Each row holds one cluster at a time: its jobs, and the idle time in which the next job"
    " can take it over. Where nobody does, it expires, and the next job starts cold.",
)
def render(store: Store, chosen: Filters) -> None:
    pools = cache.with_eligible_jobs(answer(store, "pools", chosen), st.query_params.get(POOL))
    if pools.empty:
        text.inform(
            "None of these jobs could use a warm pool. The Warm pools page says why.",
            icon=":material/info:",
        )
        links.page_link("warm_pools", "See why")
        return
    pool_key = _pool_key(pools)
    of_pool = chosen.for_pool(pool_key)
    hours = answer(store, "pool_hours", of_pool, pool_key=pool_key)
    in_span = time_range.span_choice(hours, of_pool)
    panels = _panels(store, pools.set_index("pool_key").loc[pool_key])
    totals = {
        title: answer(store, "pool_timeline_totals", in_span, pool_key=pool_key, period_s=given)
        .iloc[0]
        for title, given in panels.items()
    }  # fmt: skip
    _timelines(store, in_span, pool_key, panels, totals)
    _job(store, of_pool, pool_key, panels)
    links.definition("keep_alive_curve", "How are clusters followed?")


def _pool_key(pools: pd.DataFrame) -> str:
    pool_key = pool_choice(pools)
    if st.session_state.get(SEEN_POOL, pool_key) != pool_key:
        # another pool has jobs at other times
        time_range.forget()
        st.query_params.pop(JOB, None)
    st.session_state[SEEN_POOL] = pool_key
    return pool_key


def _panels(store: Store, pool: pd.Series) -> Panels:
    """Draw the choice of another period; return the timelines to show."""
    longest_s = aws_limit(store, "keep_alive_period_api")
    given = st.query_params.get(PERIOD, "")
    period_s = min(int(given), longest_s) if given.isdecimal() else None
    usual_s = next(usual for usual in USUAL_PERIODS_S if usual != pool.current_keep_alive_s)
    st.session_state[VIEW_CHOICE] = AS_IT_WAS if period_s is None else OTHER
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Clusters", [AS_IT_WAS, OTHER], key=VIEW_CHOICE, required=True,
            on_change=_choose_view, args=(usual_s,),
            help="The same jobs, had each asked for another keep-alive period.",
        )  # fmt: skip
        if period_s is None:
            return {AS_IT_WAS: ""}
        st.session_state[PERIOD_CHOICE] = period_s
        st.number_input(
            "Keep-alive period (s)", min_value=0, max_value=longest_s, step=60, key=PERIOD_CHOICE,
            on_change=_choose_period, width=200,
        )  # fmt: skip
        today = (
            "unknown"
            if formats.is_unknown(pool.current_keep_alive_s)
            else f"{int(pool.current_keep_alive_s):,} s"
        )
        st.markdown(f":gray[:small[Today: {today}]]", width="content")
    recording.add(Setting("Keep-alive period", f"{period_s:,} s"))
    return {AS_IT_WAS: "", f"With {period_s:,} s": str(period_s)}


def _choose_view(usual_s: int) -> None:
    if st.session_state[VIEW_CHOICE] == OTHER:
        st.query_params[PERIOD] = str(usual_s)
    else:
        st.query_params.pop(PERIOD, None)


def _choose_period() -> None:
    st.query_params[PERIOD] = str(int(st.session_state[PERIOD_CHOICE]))


def _timelines(
    store: Store,
    in_span: Filters,
    pool_key: str,
    panels: Panels,
    totals: Mapping[str, pd.Series],
) -> None:
    was = totals[AS_IT_WAS]
    if not was.job_count:
        text.inform(
            "No job of this pool was created in this span. Go earlier or later, or choose All.",
            icon=":material/event_busy:",
        )
        return
    _headline(totals)
    segments = _segments(store, in_span, pool_key, panels, int(was.job_count))
    if segments is None:
        _summed(store, in_span, pool_key, panels, was)
        links.sql("pool_timeline_bins", in_span, pool_key=pool_key)
    else:
        _one_by_one(segments, in_span, was)
        links.sql("pool_timeline", in_span, pool_key=pool_key)


def _headline(totals: Mapping[str, pd.Series]) -> None:
    was, *others = totals.values()
    titles = list(totals)[1:]

    def beside(write: object) -> str:
        return ", ".join(
            f"{title[0].lower()}{title[1:]}: **{write(other)}**"  # type: ignore[operator]
            for title, other in zip(titles, others, strict=True)
        )

    def hits(row: pd.Series) -> str:
        return f"{formats.count(row.hit_count)} of {formats.count(row.job_count, 'job')}"

    def idle(row: pd.Series) -> str:
        return f"{formats.hours(row.retained_s)}, {formats.usd(row.retained_cost_usd)}"

    unknown = int(was.unknown_retained_job_count)
    kpis.row(
        [
            Figure(
                "Hits",
                formats.percent(was.hit_rate_ratio),
                _joined(hits(was), beside(hits)),
                "Jobs that took over a warm cluster, of the jobs created in this span.",
            ),
            Figure(
                "Idle",
                formats.hours(was.retained_s),
                _joined(
                    ""
                    if formats.is_unknown(was.retained_s)
                    else formats.usd(was.retained_cost_usd),
                    f"not recorded for {formats.count(unknown, 'job')}" if unknown else "",
                    beside(idle),
                ),
                "Time that clusters were kept after their jobs, as AWS reports it; cost at list"
                " price.",
            ),
            Figure(
                "Waiting saved",
                formats.hours(was.wait_saved_s),
                _joined("by hits", beside(lambda row: formats.hours(row.wait_saved_s))),
                "Hits times what a warm start of this pool saves.",
            ),
        ]
    )


def _segments(
    store: Store, in_span: Filters, pool_key: str, panels: Panels, job_count: int
) -> dict[str, pd.DataFrame] | None:
    """Return the segments of each timeline; None where they are too many to draw."""
    if job_count > MOST_JOBS:
        return None
    for context in ("yes", "no"):
        found = {
            title: answer(
                store, "pool_timeline", in_span, pool_key=pool_key, period_s=given, context=context
            )
            for title, given in panels.items()
        }
        drawn = max(rows["job_name"].nunique() for rows in found.values())
        lanes = max(lane_count(rows) for rows in found.values())
        if drawn <= MOST_JOBS and lanes <= MOST_LANES:
            return found
    return None


def _one_by_one(segments: dict[str, pd.DataFrame], in_span: Filters, totals: pd.Series) -> None:
    text.header("Clusters one by one")
    was = segments[AS_IT_WAS]
    cold = was[(was["segment"] == "run") & ~was["is_hit"]]
    charts.draw(
        timeline_gantt(segments, within=in_span, job=st.query_params.get(JOB)),
        key=CHART,
        alt="Bars over time, a row for each cluster: starting, running and idle. As it was:"
        f" {formats.count(was['job_name'].nunique(), 'job')} on"
        f" {formats.count(was['cluster_number'].nunique(), 'cluster')},"
        f" {formats.count(len(cold), 'cold start')}.",
        on_select=_choose_point,
    )
    parts = [
        f"{_sample(totals)}.",
        "Click a bar to see its job; drag to zoom in, double-click to zoom out.",
    ]
    if not was["is_counted"].all():
        parts.append("Pale: jobs outside the span or the filters.")
    if len(segments) > 1:
        parts.append("Job times stay as recorded: a job that would have hit keeps its cold start.")
    note(" ".join(parts))
    with st.expander("Table: the bars"):
        tables.show(
            _stacked(segments),
            ["timeline", "cluster_number", "job_name", "segment", "start_at", "end_at",
             "duration_s", "ended_by", "start_kind", "miss_reason"],
            key="segment_table",
            alt="Each cluster's segments: job, what, from, until, duration and how it ended",
            file_name="pool_timeline",
            placeholder="",
        )  # fmt: skip
    _job_choice(was)


def _summed(
    store: Store, in_span: Filters, pool_key: str, panels: Panels, totals: pd.Series
) -> None:
    job_count = int(totals.job_count)
    text.header("Clusters over time")
    text.inform(
        f"{formats.count(job_count, 'job')} are too many to draw one by one: summed over time."
        " Choose a shorter span to see each job."
        if job_count > MOST_JOBS
        else "Too many clusters ran at once to draw them one by one: summed over time. Choose a"
        " shorter span to see each job.",
        icon=":material/stacked_bar_chart:",
    )
    bins = {
        title: answer(store, "pool_timeline_bins", in_span, pool_key=pool_key, period_s=given)
        for title, given in panels.items()
    }
    was = bins[AS_IT_WAS]
    step = formats.duration(was["step_s"].iloc[0])
    charts.draw(
        timeline_bins(bins),
        key="timeline_bins",
        alt="Stacked bars over time: clusters running, starting and idle; below, warm and cold"
        f" starts and expiries. One bar is {step}. {formats.count(job_count, 'job')}.",
    )
    note(
        f"{_sample(totals)}. One bar is {step}. Jobs are counted when they take a cluster, expiries"
        " when they occur. Jobs created before the span are not in it."
    )
    with st.expander("Table: the bars"):
        tables.show(
            _stacked(bins),
            ["timeline", "bin_at", "run_s", "startup_s", "idle_s", "job_count", "hit_count",
             "cold_start_count", "expiry_count"],
            key="bin_table",
            alt="Cluster-hours running, starting and idle, starts and expiries, by step of time",
            what="steps",
            file_name="pool_timeline_bins",
        )  # fmt: skip


def _sample(totals: pd.Series) -> str:
    parts = [f"**{formats.count(totals.job_count, 'job')}** of this pool created in this span"]
    if totals.no_end_job_count:
        parts.append(f"{formats.count(totals.no_end_job_count)} without a recorded end")
    if totals.no_start_job_count:
        parts.append(f"{formats.count(totals.no_start_job_count)} without a recorded start")
    return " · ".join(parts)


def _choose_point() -> None:
    points = st.session_state[CHART]["selection"]["points"]
    if not points:
        st.query_params.pop(JOB, None)
        return
    given = points[0].get("customdata")
    if given:
        st.query_params[JOB] = given[0] if isinstance(given, list) else given["0"]


def _job_choice(was: pd.DataFrame) -> None:
    runs = was[was["segment"] == "run"].sort_values(["start_at", "job_name"])
    labels = {
        row.job_name: f"{row.start_at:%d %b %H:%M} · {row.job_name} · {_short(row)}"
        for row in runs.itertuples()
    }
    wanted = st.query_params.get(JOB)
    st.session_state[JOB_CHOICE] = wanted if wanted in labels else None
    st.selectbox(
        "Job", list(labels), format_func=labels.__getitem__, key=JOB_CHOICE, index=None,
        on_change=_choose_job, placeholder="Click a bar above, or choose a job",
    )  # fmt: skip


def _choose_job() -> None:
    name = st.session_state[JOB_CHOICE]
    if name is None:
        st.query_params.pop(JOB, None)
    else:
        st.query_params[JOB] = name


def _short(run: object) -> str:
    if run.is_hit:  # type: ignore[attr-defined]
        return "hit"
    return f"miss: {word('miss_reason', run.miss_reason).lower()}"  # type: ignore[attr-defined]


def _job(store: Store, of_pool: Filters, pool_key: str, panels: Panels) -> None:
    name = st.query_params.get(JOB)
    if not name:
        return
    others = tuple(term for term in of_pool.where if term[0] == "pool_key")
    of_job = Filters(where=(*others, ("job_name", name)))
    jobs = answer(store, "jobs", of_job)
    if jobs.empty:
        text.inform("The job of this link is not in this pool.", icon=":material/search_off:")
        return
    job = jobs.iloc[0]
    text.header(formats.plain(name))
    for title, given in panels.items():
        found = answer(store, "pool_timeline", of_job, pool_key=pool_key, period_s=given)
        if found.empty:
            text.say("This job could not use a warm pool: "
                      f"{word('eligibility', job.eligibility).lower()}.")  # fmt: skip
            break
        run = found[found["segment"] == "run"].iloc[0]
        text.say(f"{title}: {_outcome(run, job if not given else None)}")
    _phases(answer(store, "job_phases", of_job), job)
    links.sql("job_phases", of_job)


def _outcome(run: pd.Series, job: pd.Series | None) -> str:
    """Say whether a job hit, and from whom or why not; `job` has what was observed."""
    if run.is_hit:
        evidence = "" if job is None else f" ({word('evidence', job.evidence).lower()})"
        gap = ""
        if job is not None and not formats.is_unknown(job.gap_s):
            gap = f", which had been idle for {formats.duration(job.gap_s)}"
        return f"**Hit**{evidence}. It took over the cluster of {_name(run.donor_job_name)}{gap}."
    reason = MISS_REASONS[run.miss_reason].meaning
    parts = [f"**Miss: {word('miss_reason', run.miss_reason).lower()}.**"]
    if job is None and run.miss_reason == "not_kept":
        parts.append("No cluster is kept with a period of 0 s.")
    else:
        parts.append(reason)
    if not formats.is_unknown(run.missed_by_s):
        parts.append(f"It missed by {formats.duration(run.missed_by_s)}.")
    if run.missed_donor_job_name:
        parts.append(f"It could have used the cluster of {_name(run.missed_donor_job_name)}.")
    if job is not None and not formats.is_unknown(job.differing_fields):
        parts.append(f"What differed: {formats.plain(job.differing_fields)}.")
    return " ".join(parts)


def _name(job_name: str) -> str:
    return f"*{formats.plain(job_name)}*" if job_name else "another job"


def _phases(phases: pd.DataFrame, job: pd.Series) -> None:
    facts = [
        f"Created {formats.moment(job.created_at)}",
        f"status {formats.text(job.status)}",
        f"startup {formats.duration(job.startup_latency_s)}",
        f"keep-alive {_seconds(job.keep_alive_period_s)}",
        f"retained {_seconds(job.retained_s)}",
        f"user {formats.plain(job.user_name)}",
    ]
    note(" · ".join(facts))
    known = phases.dropna(subset=["end_at"])
    if known.empty:
        text.inform(
            "When this job's phases began and ended is not recorded. Full describe-training-job"
            " answers have them.",
            icon=":material/info:",
        )
        return
    charts.draw(
        phase_steps(phases),
        key="phases",
        alt="Bars: phases of the job over time. "
        + "; ".join(
            f"{row.phase}: {formats.duration(row.duration_s)},"
            f" {'billed' if row.billed else 'not billed'}"
            for row in known.itertuples()
        ),
    )
    with st.expander("Table: phases"):
        tables.show(
            phases,
            ["phase", "start_at", "end_at", "duration_s", "billed"],
            key="phase_table",
            alt="The job's phases with start, end, duration and whether they are billed",
            file_name="job_phases",
        )


def _seconds(value: float) -> str:
    return "unknown" if formats.is_unknown(value) else f"{int(value):,} s"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _stacked(panels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [rows.assign(timeline=title) for title, rows in panels.items()], ignore_index=True
    )
