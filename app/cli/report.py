"""`stoker report`: one file with the main pictures, the advice, definitions and coverage."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command, filter_options
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader

STDOUT = "-"
FORMS = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}
EXAMPLES = """\
Examples:
  stoker report --out report.html                      all jobs, in one file for any browser
  stoker report --out week.html --since 7d             jobs of the last seven days
  stoker report --out ada.html --where user_name=ada
  stoker report --out - --format md                    in short, for a chat or a pull request

Each Monday at 7, from cron:
  0 7 * * 1  stoker sync && stoker report --since 7d --out "$HOME/week-$(date +\\%V).html"

The file needs no network and no Stoker. Charts stay interactive; print it to get a PDF.
"""


@command("report", "Write one file with the main figures and the advice.", EXAMPLES)
@click.option("--out", metavar="FILE", required=True, help="The file; '-' is standard output.")
@filter_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "md")),
    help="HTML, or Markdown in short (default: by the ending of --out, else html).",
)
def report(
    invocation: Invocation,
    home: Home,
    *,
    out: str,
    form: str | None,
    since: datetime | None,
    until: datetime | None,
    where: tuple[tuple[str, str], ...],
) -> int:
    """Writes a report on the jobs: what they cost, what to set instead, how they started and used
    their clusters and queues, with the definition of each metric, what the records cover, and what
    was rejected. The figures are those of the dashboard's pages. No page needs to be open.
    """
    chosen = form or _form_of(out)

    def work(reader: "Reader") -> int:
        from analytics.query import Filters
        from pages.kit.report.content import has_content, report_view

        view = report_view(reader, Filters(since, until, where))
        if chosen == "html":
            from pages.kit.html.page import html_page

            text = html_page(view, "")
        else:
            from pages.kit.report.markdown import markdown_report

            text = markdown_report(view)
        _write(text, out, invocation)
        if not has_content(view):
            invocation.err.write("No job here: the report says so, and what to do.\n")
        return DONE

    return run_on_reader(invocation, home, work)


def _form_of(out: str) -> str:
    suffix = Path(out).suffix.lower()
    if out != STDOUT and suffix and suffix not in FORMS:
        known = ", ".join(FORMS)
        message = f"'{suffix}' says no format: --out may end in {known}; else say --format too."
        raise click.UsageError(message)
    return FORMS.get(suffix, "html")


def _write(text: str, out: str, invocation: Invocation) -> None:
    """Write to standard output, or to a file that appears whole or not at all."""
    if out == STDOUT:
        invocation.out.write(text)
        return
    from data.serialize.rows import PRIVATE, whole_file
    from data.store.home import is_in_a_home

    target = invocation.path(out)
    mode = PRIVATE if is_in_a_home(target) else invocation.file_mode
    with whole_file(target, mode=mode) as draft:
        draft.write_text(text, encoding="utf-8")
    invocation.err.write(f"Report written to {target}\n")
