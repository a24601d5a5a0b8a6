"""Pool timeline: the span, what-if, clusters one by one or summed, and one job."""

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.frame import on_jobs
from pages.kit.pool_picker import pick_pool, pools_to_choose
from pages.kit.rows import first_row
from pages.pool_timeline import job_detail, time_range
from pages.pool_timeline.clusters import draw_clusters
from pages.pool_timeline.panels import choose_panels

PAGE = Page(
    title="Pool timeline",
    icon=":material/view_timeline:",
    lead="Each row holds one cluster at a time: its jobs, and the idle time in which the next job"
    " can reuse it. If no job does, the cluster expires and the next job starts cold.",
    position=70,
)
SEEN_POOL = "timeline_pool"


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    pools = pools_to_choose(canvas, query_rows(reader, "pools", jobs))
    if pools.empty:
        canvas.notice("None of these jobs could use a warm pool.", icon=":material/info:")
        links.page_link(canvas, "warm_pools", "See why")
        return
    pool_key = pick_pool(canvas, pools)
    _forget_other_pool(canvas, pool_key)
    of_pool = jobs.for_pool(pool_key)
    in_span = time_range.choose_span(
        canvas, query_rows(reader, "pool_hours", of_pool, pool_key=pool_key), of_pool
    )
    pool = first_row(pools[pools["pool_key"] == pool_key])
    panels = choose_panels(canvas, reader, pool)
    draw_clusters(canvas, reader, in_span, pool_key, panels)
    job_detail.draw_job(canvas, reader, of_pool, pool_key, panels)
    links.definition(canvas, "keep_alive_curve", "How are clusters followed?")


def _forget_other_pool(canvas: Canvas, pool_key: str) -> None:
    """Forget span and job of another pool: this one has jobs at other times."""
    if canvas.visit.memory.get(SEEN_POOL, pool_key) != pool_key:
        time_range.forget_span(canvas)
        canvas.write(job_detail.JOB, None)
    canvas.visit.memory[SEEN_POOL] = pool_key
