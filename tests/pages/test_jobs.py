"""The Jobs page: the list, one job's story, and a user's sums; each is a link."""

from collections.abc import Callable

import pytest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from pages.kit.blocks import Kpis, Notice, Table, Text, View
from tests.conftest import ask, describe_job
from tests.pages.running import collected_view, run_page, texts

HOSTILE = "<b>[a](x) *y*"


def said(view: View) -> str:
    return "\n".join(block.markdown for block in view.blocks() if isinstance(block, Text | Notice))


def test_a_story_says_what_would_have_helped(demo_store: Store) -> None:
    stories = ask(demo_store, "job_story", limit=0).dropna(subset=["helpful_keep_alive_s"])
    job = next(stories[stories["miss_reason"] == "expired"].itertuples())
    page = run_page("jobs", demo_store, job=job.job_name, job_region=job.region)
    assert not page.error
    shown = texts(page)
    assert "Cold start: keep-alive expired" in shown
    assert f"({int(job.helpful_keep_alive_s):,} s) on every job of the pool" in shown
    assert job.helpful_donor_job_name in shown
    # the list gives way to the story, whose way back empties the URL
    page.button(key="leave_job").click().run()
    assert "job" not in page.query_params
    assert "Find a job" in texts(page)


def test_a_users_page_has_their_sums_and_jobs_only(demo_store: Store) -> None:
    view = collected_view("jobs", demo_store, user="ada")
    (summary,) = (row for row in ask(demo_store, "user_summary").itertuples()
                  if row.user_name == "ada")  # fmt: skip
    kpis = next(block for block in view.blocks() if isinstance(block, Kpis)).kpis
    assert kpis[0].value == f"{summary.total_usd:,.0f}"
    assert f"{summary.hit_count} hits" in kpis[2].detail
    tables = {block.key: block for block in view.blocks() if isinstance(block, Table)}
    assert set(tables["jobs"].rows["user_name"]) == {"ada"}
    assert len(tables["user_pools"].rows) == summary.pool_count


def test_jobs_of_one_name_are_told_apart(store: Store, take: Callable[..., ImportResult]) -> None:
    take(
        describe_job(HOSTILE),
        describe_job(HOSTILE, created=50, region="eu-west-1"),
    )
    view = collected_view("jobs", store, job=HOSTILE)
    assert "2 jobs have this name" in said(view)
    one = collected_view("jobs", store, job=HOSTILE, job_region="eu-west-1")
    assert "eu-west-1" in said(one)
    assert "[a]" not in said(one).replace("\\[a\\]", "")
    assert "no training job of this name" in said(collected_view("jobs", store, job="absent"))


@pytest.mark.parametrize("text", ["pretrain", "no such job"])
def test_the_search_is_in_the_link(text: str, demo_store: Store) -> None:
    view = collected_view("jobs", demo_store, text=text, sort="cost", outcome="miss")
    count = len(ask(demo_store, "job_search", text=f"{text} miss", limit=0))
    assert (f"**{count:,} jobs** match" in said(view)) == bool(count)
    assert ("No job matches this search" in said(view)) == (not count)
