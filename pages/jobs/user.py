"""A user's jobs: what they cost, what they waited for, how often they hit, and their pools."""

from dataclasses import replace
from typing import Any

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.pool_names import pool_names
from pages.kit.row_links import USER
from pages.kit.rows import first_row


def draw_heading(canvas: Canvas, name: str) -> None:
    """Draw whose jobs these are, and the way back to everybody's."""
    canvas.header(f"Jobs of {formats.plain(name)}")
    canvas.setting("User", name)
    canvas.button(
        "Everybody's jobs", key="leave_user", icon=":material/arrow_back:", is_quiet=True,
        on_click=lambda: canvas.write(USER, None),
    )  # fmt: skip


def of_user(jobs: Filters, name: str) -> Filters:
    """Return the filters narrowed to one user."""
    others = tuple(term for term in jobs.where if term[0] != "user_name")
    return replace(jobs, where=(*others, ("user_name", name)))


def draw(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw the sums of a user's jobs, at least one, and the pools that they are in."""
    summary = first_row(query_rows(reader, "user_summary", jobs))
    gpus = query_rows(reader, "gpu_waste", jobs, by="all")
    canvas.kpis([_cost(summary), _waiting(summary), _hits(summary), _idle_gpus(gpus)])
    row = canvas.row()
    links.definition(row, "startup_wait_s")
    links.definition(row, "hit_rate_ratio", "What is a hit?")
    links.definition(row, "idle_gpu_h", "What is an idle GPU-hour?")
    links.sql(row, "user_summary", jobs)
    _draw_pools(canvas, reader, jobs)


def _cost(summary: Any) -> Kpi:
    parts = [
        f"{formats.count(summary.job_count, 'job')},"
        f" {formats.count(summary.failed_job_count)} failed or stopped"
    ]
    if not formats.is_unknown(summary.retained_usd):
        parts.append(f"of which idle clusters after their jobs {formats.usd(summary.retained_usd)}")
    if summary.unknown_price_job_count:
        parts.append(
            f"{formats.count(summary.unknown_price_job_count, 'job')} whose price is unknown"
        )
    if not formats.is_unknown(summary.estimated_usd):
        parts.append(f"{formats.usd(summary.estimated_usd)} at estimated prices")
    return Kpi(
        "Cost (USD)", formats.usd_amount(summary.total_usd), "; ".join(parts),
        "Billable time and idle warm clusters at on-demand list prices.",
    )  # fmt: skip


def _waiting(summary: Any) -> Kpi:
    parts = [
        f"avoidable, had each miss been a hit: {formats.hours(summary.wait_lost_s)}",
        f"startup known for {formats.count(summary.known_startup_job_count)} of"
        f" {formats.count(summary.job_count, 'job')}",
    ]
    if summary.queued_job_count:
        parts.append(
            f"before it {formats.hours(summary.queue_wait_sum_s)} in queues"
            f" ({formats.count(summary.queued_job_count, 'job')})"
        )
    return Kpi(
        "Waited for startup", formats.hours(summary.startup_wait_s), "; ".join(parts),
        "From creation to the first Training status, summed over jobs.",
    )  # fmt: skip


def _hits(summary: Any) -> Kpi:
    return Kpi(
        "Warm pool hit rate",
        formats.percent(summary.hit_rate_ratio),
        f"{formats.count(summary.hit_count, 'hit')} of"
        f" {formats.count(summary.eligible_count, 'eligible job')}",
        "Share of eligible jobs that reused a warm cluster.",
    )


def _idle_gpus(gpus: Any) -> Kpi:
    name, help = "Idle GPU-hours", "Measured GPU-hours below 5 % utilization."
    waste = None if gpus.empty else first_row(gpus)
    if waste is None or not waste.allocated_gpu_h:
        return Kpi(name, "none held", "no job of theirs has both GPUs and a recorded run", help)
    return Kpi(
        name,
        formats.quantity(waste.idle_gpu_h),
        f"of {formats.quantity(waste.measured_gpu_h)} measured;"
        f" {formats.quantity(waste.allocated_gpu_h)} held"
        f" (coverage {formats.percent(waste.coverage_ratio)})",
        help,
    )


def _draw_pools(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    pools = query_rows(reader, "pools", jobs)
    if pools.empty:
        return
    canvas.header("Their pools")
    canvas.table(
        pools.assign(pool_name=list(pool_names(pools).values())),
        ["pool_name", "job_count", "hit_rate_ratio", "wait_lost_s", "list_cost_usd",
         "retained_cost_usd", "current_keep_alive_s", "region", "account_id"],
        key="user_pools",
        alt="Pools that the user's jobs are in, counted over these jobs only",
        what="pools",
        file_name="user_pools",
    )  # fmt: skip
