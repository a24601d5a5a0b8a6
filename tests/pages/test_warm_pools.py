"""The Warm pools and Startup latency pages: what they say of known histories."""

from collections.abc import Callable
from urllib.parse import quote_plus

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from pages.kit.blocks import Link
from pages.kit.formats import plain
from tests.conftest import describe_job
from tests.pages.running import collected_view, linked_names, run_page, texts

Take = Callable[..., ImportResult]


def take_a_hit_and_a_miss(take: Take) -> None:
    """Import a first job, one that reuses its cluster, and one that comes too late."""
    kept = {"KeepAlivePeriodInSeconds": 600}
    take(
        describe_job(
            "first", ResourceConfig=kept,
            WarmPoolStatus={"Status": "Reused", "ReusedByJob": "second",
                            "ResourceRetainedBillableTimeInSeconds": 100},
        ),
        describe_job(
            "second", created=790, provisioning=5, ResourceConfig=kept,
            WarmPoolStatus={"Status": "Terminated",
                            "ResourceRetainedBillableTimeInSeconds": 600},
        ),
        describe_job("third", created=9000, ResourceConfig=kept),
        describe_job("cheap", created=100, EnableManagedSpotTraining=True, RoleArn="role/other"),
    )  # fmt: skip


def test_both_denominators_are_shown(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    page = run_page("warm_pools", store)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Hit rate"] == "33.3 %"
    assert figures["Hit rate, later jobs"] == "50 %"
    assert "1 hit confirmed" in texts(page)
    assert "0 hits inferred" in texts(page)


def test_misses_come_with_meaning_and_what_to_do(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    page = run_page("warm_pools", store)
    said = texts(page)
    assert "Keep-alive expired" in said
    assert "First job of its key" in said
    misses = next(table.value for table in page.dataframe if "missed_by_p50_s" in table.value)
    assert misses["next_action"].notna().all()
    assert "third" in linked_names(misses["example_job_name"])


def test_jobs_that_could_not_use_a_pool_stand_apart(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    page = run_page("warm_pools", store)
    table = next(table.value for table in page.dataframe if "eligibility" in table.value)
    assert table["eligibility"].tolist() == ["Managed spot"]


def test_a_pool_in_the_link_shows_its_jobs(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    assert "Jobs of" not in texts(run_page("warm_pools", store))
    key = store.scalar("select pool_key from job_facts where job_name = 'third'")
    page = run_page("warm_pools", store, pool=key)
    assert "Jobs of" in texts(page)
    jobs = next(table.value for table in page.dataframe if "outcome" in table.value)
    assert linked_names(jobs["job_name"]) == ["third", "second", "first"]
    assert jobs["outcome"].tolist() == ["Miss", "Hit", "Miss"]


def test_a_table_whose_rows_are_chosen_links_its_pools_too(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    key = store.scalar("select pool_key from job_facts where job_name = 'third'")
    page = run_page("warm_pools", store)
    pools = next(table.value for table in page.dataframe if "is_mixed" in table.value)
    assert pools["pool_name"].iloc[0].startswith(f"keep-alive?pool={quote_plus(key)}#")
    assert linked_names(pools["pool_key"])[0] == key


def test_a_quota_message_is_a_finding(store: Store, take: Take) -> None:
    message = "Instances not retained as a result of warmpool resource limits being exceeded"
    job = describe_job("a", ResourceConfig={"KeepAlivePeriodInSeconds": 600})
    job["SecondaryStatusTransitions"][-1]["StatusMessage"] = message
    take(job)
    assert "quota used up" in texts(run_page("warm_pools", store))


def test_a_job_that_a_finding_names_is_a_link_whose_name_is_text(store: Store, take: Take) -> None:
    message = "Instances not retained as a result of warmpool resource limits being exceeded"
    job = describe_job("*a* [b](c)", ResourceConfig={"KeepAlivePeriodInSeconds": 600})
    job["SecondaryStatusTransitions"][-1]["StatusMessage"] = message
    take(job)
    view = collected_view("warm_pools", store)
    (link,) = (
        block
        for block in view.blocks()
        if isinstance(block, Link) and block.params.get("job") == ["*a* [b](c)"]
    )
    assert link.page == "jobs"
    assert link.label == plain("*a* [b](c)") != "*a* [b](c)"


def test_quantiles_of_few_jobs_are_withheld(store: Store, take: Take) -> None:
    take_a_hit_and_a_miss(take)
    page = run_page("startup_latency", store)
    said = texts(page)
    assert "fewer than 10 jobs" in said
    assert page.metric[0].value == "unknown"


def test_without_status_history_the_page_says_what_is_missing(store: Store, take: Take) -> None:
    take(describe_job("a", SecondaryStatusTransitions=None))
    assert "status history" in texts(run_page("startup_latency", store))


def test_a_price_that_is_unknown_is_not_zero(store: Store, take: Take) -> None:
    take(describe_job("a", ResourceConfig={"InstanceType": "ml.zz9.xlarge"}))
    page = run_page("overview", store)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Training cost (USD)"] == "unknown"
    said = texts(page)
    assert "1 job without a known price" in said
    assert "No price is known for these jobs" in said


def test_published_latencies_are_on_the_page(demo_store: Store) -> None:
    page = run_page("startup_latency", demo_store)
    latency = next(
        table.value
        for table in page.dataframe
        if {"start_kind", "startup_latency_p90_s"} <= set(table.value)
    )
    # the answer comes first: what to change, and the cheapest way to a P90
    said = texts(page)
    assert "**Read data with Fast File in demo-thumbnails" in said
    assert said.index("What to change") < said.index("The cheapest way") < said.index("Cold and")
    assert "P90 of cold starts, File" in {metric.label for metric in page.metric}
    p90 = latency.set_index(["input_mode", "start_kind"])["startup_latency_p90_s"]
    # AWS ML blog: first and warm starts
    assert p90[("FSx for Lustre", "Cold start")] == 136
    assert p90[("FSx for Lustre", "Warm start")] == 19
    assert p90[("File", "Cold start")] == 176
    assert p90[("File", "Warm start")] == 70
