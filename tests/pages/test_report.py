"""The report: one file that loads nothing, or Markdown in short; the figures are the pages'."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from analytics.query import Filters
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import row_links
from pages.kit.blocks import Block, Chart, Code, Group, Heading, Kpi, Kpis, Part, Table, Text, View
from pages.kit.canvas import _declared
from pages.kit.html.markdown import text_of
from pages.kit.html.page import html_page
from pages.kit.report import content
from pages.kit.report.markdown import markdown_report
from pages.kit.report.sections import Section, picked

HOSTILE = "<img src=//x onerror=alert(1)>|[a](//y)`@all`"


def a_view(*blocks: Block) -> View:
    view = View("Report", datetime(2026, 3, 2, tzinfo=UTC))
    view.body.blocks = list(blocks)
    return view


def test_a_report_shows_figures_and_no_heading_of_what_it_leaves_out() -> None:
    table = Table(pd.DataFrame({"job_name": ["a"]}), _declared(["job_name"]), "Jobs")
    page = a_view(
        Heading("Page", 1),
        Text("What it is for."),
        Kpis([Kpi("Jobs", "3")]),
        Heading("Only a table", 2),
        Group("expander", (Part([table]),), ("Table",)),
        Heading("Left out", 2),
        Text("Not this."),
        Heading("Shown", 2),
        Group("columns", (Part([Code("x")]), Part([Text("This.")])), widths=(1, 1)),
    )
    blocks = picked(page, Section("page", without=frozenset({"Left out"})))
    assert [block.text for block in blocks if isinstance(block, Heading)] == ["Shown"]
    assert [block.level for block in blocks if isinstance(block, Heading)] == [3]
    assert "Not this" not in str(blocks)
    assert "This." in str(blocks)
    assert picked(a_view(Heading("Page", 1), Text("Empty.")), Section("page")) == []


def test_hostile_names_are_text_in_both_forms() -> None:
    rows = pd.DataFrame({"job_name": [HOSTILE], "job_count": [1]})
    table = Table(rows, _declared(["job_name", "job_count"]), "Jobs")
    part = Part([Heading(HOSTILE, 3), Text(f"**{HOSTILE}**"), table, Code(f"```\n{HOSTILE}")])
    view = a_view(Group("section", (part,), (content.ADVICE,)))
    html = html_page(view, "")
    assert "<img" not in html.partition("<script")[0]
    assert f'<a href="#section-1">{content.ADVICE}</a>' in html
    text = markdown_report(view)
    shown = MarkdownIt("commonmark").enable("table").render(text)
    assert "<img" not in shown
    assert "<a " not in shown
    assert "@all" not in re.sub(r"(?s)<pre>.*?</pre>", "", shown)
    assert shown.count("<tr>") == 2  # the name opened no other cell or row
    assert shown.count("<td") == 2


def test_an_empty_home_has_a_report_that_says_so(empty_store: Store) -> None:
    view = content.report_view(Reader(empty_store), Filters())
    assert not content.has_content(view)
    assert "No jobs yet" in html_page(view, "")
    assert "No jobs yet" in markdown_report(view)


def test_a_wrong_column_is_refused(empty_store: Store) -> None:
    with pytest.raises(WrongUseError, match="no_such"):
        content.report_view(Reader(empty_store), Filters(where=(("no_such", "a"),)))


@pytest.fixture(scope="module")
def report(demo_store: Store) -> View:
    # the jobs of one user: what takes long on the whole history is quick here
    return content.report_view(Reader(demo_store), Filters(where=(("user_name", "ada"),)))


def test_the_report_loads_nothing_and_holds_every_section(report: View) -> None:
    html = html_page(report, "")
    outside = re.sub(r"(?s)<script[^>]*>.*?</script>", "", html)
    tags = " ".join(re.findall(r"<[a-z][^>]*>", outside))
    assert not re.findall(r"""\b(?:src|href|action|data|poster)\s*=\s*["']?[^"'#]""", tags)
    assert "url(" not in outside
    assert "@import" not in outside
    assert "default-src 'none'" in unescape(outside)
    assert html.count("<script>") == 2
    titles = [block.labels[0] for block in report.blocks()
              if isinstance(block, Group) and block.layout == "section"]  # fmt: skip
    assert titles[:2] == ["Overview", "Advice"]
    assert titles[-2:] == [content.DATA, content.DEFINITIONS]
    assert sum(isinstance(block, Chart) for block in report.blocks()) >= 3
    assert "user_name" in outside
    assert "Net gain" in outside  # a definition


def test_markdown_has_the_advice_and_is_short(report: View) -> None:
    text = markdown_report(report)
    advised = [block.text for block in report.blocks()
               if isinstance(block, Heading) and re.match(r"\d+\\\. ", block.text)]  # fmt: skip
    assert advised
    assert text.count("\n### ") <= content.MOST_REJECTED
    assert re.search(r"(?m)^### 1\.", text)
    assert len(text) < 20_000
    assert f"### {text_of(advised[0])}" in text.replace("\\", "")


def test_cells_lead_to_jobs_pools_and_users_with_the_filters_in_force() -> None:
    rows = pd.DataFrame(
        {
            "job_name": ["a b&c", None],
            "account_id": ["123", "123"],
            "region": ["us-east-1", None],
            "pool_name": ["P (1)", "Q"],
            "pool_key": ["k1", None],
            "user_name": ["ada", ""],
        }
    )
    in_force: dict[str, Any] = {"region": ["us-east-1"]}
    assert row_links.addresses("job_name", rows, in_force) == [
        "jobs?region=us-east-1&job=a+b%26c&job_account=123&job_region=us-east-1#a%20b%26c",
        None,
    ]
    assert row_links.addresses("pool_name", rows, in_force) == [
        "keep-alive?region=us-east-1&pool=k1#P%20%281%29",
        None,
    ]
    assert row_links.addresses("user_name", rows, {}) == ["jobs?user=ada#ada", None]
    assert not row_links.is_linked("pool_name", rows.drop(columns="pool_key"))
