"""The list of jobs, one job's story, a user's sums: against loops over the jobs, and a replay."""

from collections.abc import Callable

import pandas as pd
import pytest

from analytics.query import Filters
from analytics.vocabulary import MISS_REASONS
from data.errors import WrongUseError
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import ask, describe_job

SEARCHED = ["job_name", "user_name", "status", "instance_type", "share_name", "queue_name",
            "outcome", "miss_reason"]  # fmt: skip


@pytest.fixture(scope="module")
def jobs(demo_store: Store) -> pd.DataFrame:
    return ask(demo_store, "jobs")


@pytest.mark.parametrize("text", ["ADA  Expired", "vision g5.2xlarge stopped", "%", "o'hara"])
def test_search_finds_what_a_loop_finds(text: str, demo_store: Store, jobs: pd.DataFrame) -> None:
    labels = ask(demo_store, "pools").set_index("pool_key")["pool_label"]
    texts = jobs[SEARCHED].assign(pool_label=jobs["pool_key"].map(labels)).fillna("").astype(str)
    expected = {
        jobs.job_name[position]
        for position, cells in enumerate(texts.itertuples(index=False))
        if all(any(word in cell.lower() for cell in cells) for word in text.lower().split())
    }
    found = ask(demo_store, "job_search", text=text, limit=0)
    assert set(found["job_name"]) == expected
    assert set(found["match_count"]) <= {len(expected)}


def test_every_order_is_total_and_a_limit_takes_its_beginning(demo_store: Store) -> None:
    for sort_by, direction in (("user", "ascending"), ("cost", "descending")):
        given = {"sort_by": sort_by, "direction": direction}
        whole = ask(demo_store, "job_search", limit=0, **given)
        column = whole["user_name" if sort_by == "user" else "list_cost_usd"].dropna()
        assert (
            column.is_monotonic_increasing
            if sort_by == "user"
            else (column.is_monotonic_decreasing)
        )
        first = ask(demo_store, "job_search", limit=50, **given)
        pd.testing.assert_frame_equal(first, whole.head(50), check_dtype=False)
        assert len(whole) == whole["match_count"].iloc[0]


@pytest.mark.parametrize(("text", "count"), [("first\u00a0file", 1), ("\tfirst", 1), ("\u2003", 2)])
def test_words_end_at_any_white_space(
    text: str, count: int, store: Store, take: Callable[..., ImportResult]
) -> None:
    take(describe_job("first-file"), describe_job("second-file", created=9000))
    assert len(ask(store, "job_search", text=text)) == count


def test_too_many_words_are_refused(demo_store: Store) -> None:
    with pytest.raises(WrongUseError, match="13 words"):
        ask(demo_store, "job_search", text="a " * 13)


def test_the_period_that_would_have_helped_is_the_shortest(demo_store: Store) -> None:
    missed = Filters(where=(("outcome", "miss"), ("region", "us-east-1")))
    stories = ask(demo_store, "job_story", missed, limit=0).dropna(subset=["helpful_keep_alive_s"])
    one_a_pool = stories.drop_duplicates("pool_key")
    assert len(one_a_pool) >= 3
    for job in one_a_pool.itertuples():
        of_job = Filters(where=(("job_name", job.job_name),))
        for period_s in (int(job.helpful_keep_alive_s), int(job.helpful_keep_alive_s) - 60):
            what_if = ask(
                demo_store, "pool_timeline", of_job, pool_key=job.pool_key, period_s=period_s
            )
            (run,) = what_if[what_if["segment"] == "run"].itertuples()
            assert run.is_hit == (period_s == job.helpful_keep_alive_s), job.job_name


def test_no_shorter_period_is_advised_where_the_cluster_ended_before_its_own(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """Kept for an hour, ended by hand after 100 s, asked for after 400 s."""
    hour = {"KeepAlivePeriodInSeconds": 3600}
    ended = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 100}
    take(
        describe_job("first", ResourceConfig=hour, WarmPoolStatus=ended),  # it ends at 690
        describe_job("second", created=1090, ResourceConfig=hour),
    )
    story = ask(store, "job_story").set_index("job_name").loc["second"]
    assert (story.miss_reason, story.unlimited_gap_s) == ("ended_early", 400)
    assert pd.isna(story.helpful_keep_alive_s)
    assert story.next_action == MISS_REASONS["ended_early"].next_action


def test_a_story_has_who_reused_the_cluster(demo_store: Store) -> None:
    hits = ask(demo_store, "jobs", Filters(where=(("outcome", "hit"),)), limit=20)
    for hit in hits.dropna(subset=["donor_job_name"]).itertuples():
        (donor,) = ask(
            demo_store, "job_story", Filters(where=(("job_name", hit.donor_job_name),))
        ).itertuples()
        assert donor.reusing_job_name == hit.job_name


def test_a_user_has_the_sums_of_a_loop(demo_store: Store, jobs: pd.DataFrame) -> None:
    costs = ask(demo_store, "costs", by="user_name").set_index("group_value")
    for user in ask(demo_store, "user_summary").itertuples():
        own = jobs[jobs["user_name"] == user.user_name]
        assert user.job_count == len(own)
        assert user.startup_wait_s == pytest.approx(own["startup_latency_s"].sum())
        assert user.known_startup_job_count == own["startup_latency_s"].notna().sum()
        assert user.hit_count == (own["outcome"] == "hit").sum()
        assert user.pool_count == len(
            own.dropna(subset=["pool_key"]).groupby(["account_id", "region", "pool_key"])
        )
        assert user.total_usd == pytest.approx(costs["total_usd"][user.user_name])
