"""Links from page to page, which take the filters in force along."""

from collections.abc import Iterable

from analytics.query import Filters
from pages.kit import filters, row_links
from pages.kit.canvas import ARROW, Canvas
from pages.kit.formats import is_unknown, plain


def page_link(
    canvas: Canvas, page: str, label: str, *, icon: str = ARROW, **params: str | list[str]
) -> None:
    """Draw a link to a page, by the name of its folder, with further URL parameters."""
    further = {name: [value] if isinstance(value, str) else value for name, value in params.items()}
    canvas.link(page, label, icon=icon, params={**filters.in_force(canvas), **further})


def definition(canvas: Canvas, metric: str, label: str = "How is this measured?") -> None:
    """Draw a link to the definition of a metric, by its id."""
    page_link(canvas, "definitions", label, icon=":material/help:", metric=metric)


def sql(canvas: Canvas, query: str, jobs: Filters | None = None, **parameters: str) -> None:
    """Draw a link to the SQL of a query over these jobs, else over the filters in force."""
    pairs = [f"{name}={value}" for name, value in parameters.items()]
    page_link(
        canvas, "sql", "Show the SQL", icon=":material/code:", query=query, set=pairs,
        **(filters.as_params(jobs) if jobs else {}),
    )  # fmt: skip


def named_jobs(canvas: Canvas, names: Iterable[object]) -> None:
    """Draw a link to each job that a text names."""
    known = [str(name) for name in names if not is_unknown(name) and name != ""]
    if not known:
        return
    row = canvas.row()
    for name in dict.fromkeys(known):
        page_link(row, row_links.JOBS_PAGE, plain(name), **row_links.job_params(name))


def job(
    canvas: Canvas, name: str, account_id: str, region: str, label: str = "See the job's story"
) -> None:
    """Draw a link to one job on the Jobs page."""
    params = row_links.job_params(name, account_id, region)
    page_link(canvas, row_links.JOBS_PAGE, label, **params)
