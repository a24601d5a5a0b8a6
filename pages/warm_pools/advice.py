"""What to change about pools: merges and quotas, computed beside the page where there are many."""

from typing import Any

import pandas as pd

from analytics.catalog import query_named
from analytics.merging.merge_rows import coverage_rows, merge_rows, merges_for
from analytics.merging.merges import Merges
from analytics.query import Filters
from data.store.reader import Reader
from data.store.settings import load_settings
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.formats import count, hours, plain, usd_amount
from pages.kit.rows import records
from pages.kit.work import Report, computed
from pages.warm_pools.charts import merge_bars

LONG_JOBS, MANY_JOBS = 2_000, 200_000
"""From so many jobs on merges are computed in the background, and only when asked for."""

MERGE_BYTES, MOST_SHOWN, MOST_ROWS = 5 * 2**20, 8, 200
SECONDS_PER_HOUR = 3600


def draw_merges(canvas: Canvas, reader: Reader, jobs: Filters, job_count: int) -> None:
    """Draw which pools gain by being one: what to set, and what that brings."""
    canvas.header("Pools to merge")
    canvas.text(
        "Pools whose keys differ in one or two fields, such as the volume size, cannot use each"
        " other's clusters. Set to equal values, they would."
    )
    if not canvas.toggle("Look for merges", key="merges", default=job_count <= MANY_JOBS):
        canvas.note("With this many jobs it takes up to a minute; it runs in the background."
                    " `stoker ask pool_merges` is the same.")  # fmt: skip
        return
    by_user = canvas.segments(
        "Compare", ["Pools", "Users of each pool"], key="merge_by", default="Pools",
        help="Pools: what merging gains. Users: what users gain by sharing a pool already.",
    ) != "Pools"  # fmt: skip
    by = "user_name" if by_user else "pool_key"
    found = _merges(canvas, reader, jobs, by, is_long=job_count > LONG_JOBS)
    if found is None:
        return
    rows = merge_rows(found)
    if by_user:
        _draw_users(canvas, rows)
    else:
        _draw_chosen(canvas, rows)
        _draw_all(canvas, rows, coverage_rows(found))
    row = canvas.row()
    links.definition(row, "pool_merges", "How is this decided?")
    links.sql(row, "pool_merges")


def _merges(
    canvas: Canvas, reader: Reader, jobs: Filters, by: str, *, is_long: bool
) -> Merges | None:
    settings = load_settings(reader.home)
    values = query_named("pool_merges").values({"by": by})

    def compute(report: Report) -> Merges:
        with reader.snapshot():
            return merges_for(reader, jobs, values, report)

    key = ("merges", jobs, by, settings.cost_of_delay_usd_per_h, settings.keep_alive_limit_s)
    return computed(
        canvas, reader, key, compute, name="Merges of pools", is_long=is_long,
        size=lambda _: MERGE_BYTES,
    )  # fmt: skip


def _draw_chosen(canvas: Canvas, rows: pd.DataFrame) -> None:
    chosen = rows[rows["is_chosen"].fillna(False).astype(bool)].head(MOST_SHOWN)  # noqa: FBT003
    if chosen.empty:
        canvas.notice(
            "No merge surely gains more than the best keep-alive period of each pool.",
            icon=":material/check:",
        )
        return
    best = next(records(chosen))
    assumed = ", assumed" if best.is_value_assumed else ""
    canvas.text(
        f"**{count(len(chosen), 'merge pays', 'merges pay')}.** The best gains"
        f" {usd_amount(best.net_gain_usd_per_month)} USD per month (90 %:"
        f" {usd_amount(best.net_gain_low_usd_per_month)} to"
        f" {usd_amount(best.net_gain_high_usd_per_month)}) over the best keep-alive period of each"
        f" pool, at {usd_amount(best.value_of_waiting_usd_per_h)} USD per hour of waiting{assumed}."
    )
    canvas.chart(
        merge_bars(chosen),
        key="merge_gains",
        alt="Bars: net gain per month of each merge with its 90 % interval, in USD. Highest:"
        f" {usd_amount(chosen['net_gain_usd_per_month'].iloc[0])} USD.",
    )
    for number, row in enumerate(records(chosen), start=1):
        part = canvas.expander(
            f"{number}. {plain(row.pool_label)} and {count(row.pool_count - 1, 'other pool')}:"
            f" {usd_amount(row.net_gain_usd_per_month)} USD per month"
        )
        part.text(plain(row.rationale))
        part.code(row.setting, "json")
        part.note(
            f"{count(row.job_count, 'job')} of {count(row.user_count, 'user')};"
            f" over today {usd_amount(row.gain_over_today_usd_per_month)} USD per month, which"
            " includes what the period alone would bring."
        )
        links.page_link(part, "keep_alive", "See this pool's periods", pool=row.pool_key)
    canvas.note(
        "Periods are chosen on some days, and gains read on the others. A month is 730 h. No pool"
        " is in two of these merges."
    )


def _draw_all(canvas: Canvas, rows: pd.DataFrame, coverage: pd.DataFrame) -> None:
    part = canvas.expander("Table: every pair and group that was compared, and why others were not")
    if not rows.empty:
        part.table(
            rows.head(MOST_ROWS),
            ["verdict", "pool_label", "other_pool_label", "differing_fields",
             "net_gain_usd_per_month", "net_gain_low_usd_per_month", "net_gain_high_usd_per_month",
             "cash_gain_usd_per_month", "wait_saved_h_per_month", "extra_hit_count",
             "gain_over_today_usd_per_month", "advised_keep_alive_s", "job_count",
             "changed_job_count", "user_count", "security_note", "rationale", "pool_key",
             "other_pool_key"],
            key="merge_table",
            alt="Pairs and groups of pools with what differs, the gain of merging them and why",
            what="merges",
            file_name="pool_merges",
            all_rows=lambda: rows,
            placeholder="",
        )  # fmt: skip
    part.table(
        coverage,
        ["merge_coverage", "found_count", "explanation"],
        key="merge_coverage",
        alt="How many pools and pairs were compared, and why others were not",
    )


def _draw_users(canvas: Canvas, rows: pd.DataFrame) -> None:
    if rows.empty:
        canvas.text("No pool has several users.")
        return
    canvas.table(
        rows.head(MOST_ROWS),
        ["pool_label", "verdict", "user_count", "net_gain_usd_per_month",
         "net_gain_low_usd_per_month", "net_gain_high_usd_per_month", "wait_saved_h_per_month",
         "extra_hit_count", "job_count", "unknown_user_job_count", "rationale", "pool_key"],
        key="user_table",
        alt="Pools with several users, and what these gain by sharing",
        what="pools",
        file_name="pool_merges_by_user",
        all_rows=lambda: rows,
        placeholder="",
    )  # fmt: skip


def draw_quotas(canvas: Canvas, reader: Reader, jobs: Filters, job_count: int) -> None:
    """Draw the quotas that warm pools ran into, or need."""
    canvas.header("Quotas")
    if not canvas.toggle("Look at quotas", key="quotas", default=job_count <= MANY_JOBS):
        canvas.note("With this many jobs it takes some seconds; it runs in the background."
                    " `stoker ask quota_advice` is the same.")  # fmt: skip
        return
    settings = load_settings(reader.home)
    rows = computed(
        canvas,
        reader,
        ("quotas", jobs, settings.cost_of_delay_usd_per_h, settings.keep_alive_limit_s),
        lambda _: query_rows(reader, "quota_advice", jobs),
        name="Quota advice",
        is_long=job_count > LONG_JOBS,
    )
    if rows is None:
        return
    if rows.empty:
        canvas.text("No cluster was refused, and keep-alive advice keeps none warm.")
        return
    asked = rows[rows["verdict"] == "ask_for_more"]
    for row in records(asked.head(MOST_SHOWN)):
        _draw_quota(canvas, row)
    if asked.empty:
        unread = rows["verdict"].eq("not_read").any()
        canvas.text(
            "No cluster was refused. The quotas were not read: `stoker sync` reads them."
            if unread
            else "The quotas cover what keep-alive advice needs."
        )
    canvas.expander("Table: what each quota has to allow").table(
        rows,
        ["instance_type", "region", "quota_kind", "verdict", "quota_value", "needed_count",
         "advised_quota_value", "refused_job_count", "refused_by_message_count", "miss_count",
         "wait_saved_h_per_month", "cash_gain_usd_per_month", "net_gain_usd_per_month",
         "peak_idle_today", "peak_idle_advised", "peak_running_count", "account_id", "observed_at",
         "rationale"],
        key="quota_table",
        alt="Quotas with what is needed, what was refused and what that cost",
        what="quotas",
        file_name="quota_advice",
        placeholder="",
    )  # fmt: skip
    line = canvas.row()
    links.definition(line, "quota_advice", "How is this decided?")
    links.sql(line, "quota_advice")


def _draw_quota(canvas: Canvas, row: Any) -> None:
    box = canvas.box()
    box.subheader(
        f"Ask for {count(row.advised_quota_value, 'instance')}: {plain(row.instance_type)} for"
        f" {'warm pools' if row.quota_kind == 'training_warm_pool' else 'training jobs'},"
        f" {plain(row.region)}"
    )
    if row.refused_job_count:
        box.text(
            f"**{count(row.refused_job_count, 'cluster')} not kept**,"
            f" {count(row.miss_count, 'job')} started cold for it: about"
            f" {hours(row.wait_saved_h_per_month * SECONDS_PER_HOUR)} of waiting per month."
        )
    box.note(plain(row.rationale))
    box.code(row.setting, "json")
