"""The Pool timeline page: span, what-if, a job's detail, and what it says when it cannot."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from analytics.query import Filters
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from pages.pool_timeline.charts import timeline_bins, timeline_gantt
from tests.conftest import ask, describe_job
from tests.pages.running import page_of, run_page, texts

Take = Callable[..., ImportResult]
GAP_S, CYCLE_S = 120, 690 + 120
DAY_S = 86_400
GONE = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 60}


def take_a_chain(take: Take, jobs: int = 6, **fields: Any) -> None:
    """Import jobs that each ask for a cluster two minutes after the one before ended."""
    asked = {"ResourceConfig": {"KeepAlivePeriodInSeconds": 60}, "WarmPoolStatus": GONE} | fields
    take(*(describe_job(f"job-{n}", created=n * CYCLE_S, **asked) for n in range(jobs)))


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def param(page: AppTest, name: str) -> str | None:
    given = page.query_params.get(name)
    return given[0] if isinstance(given, list) else given


def test_actual_and_what_if_stand_side_by_side(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store)
    assert figures(page)["Hit rate"] == "0 %"
    assert "what-if 900 s" not in texts(page)
    page.segmented_control(key="keep_alive").set_value("What-if").run()
    assert not page.exception
    assert param(page, "period_s") == "900"
    assert "what-if 900 s: **5 of 6 jobs**" in texts(page)
    assert "keeps its cold start" in texts(page)
    page.number_input(key="period_s").set_value(GAP_S).run()
    assert f"what-if {GAP_S} s: **0 of 6 jobs**" in texts(page)
    page.segmented_control(key="keep_alive").set_value("Actual").run()
    assert param(page, "period_s") is None


def test_a_job_shows_why_it_missed_and_its_phases(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store, period_s="900", job="job-3")
    said = texts(page)
    assert "job-3" in [header.value for header in page.header]
    assert "Actual: **Miss: keep-alive expired.**" in said
    assert "It missed by 1 min." in said
    assert "Nearest candidate: the cluster of *job-2*." in said
    assert "What-if 900 s: **Hit**. It reused the cluster of *job-2*" in said
    assert page.selectbox(key="job").value == "job-3"


def test_a_job_can_be_chosen_without_a_pointer(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store)
    assert page.selectbox(key="job").value is None
    page.selectbox(key="job").select("job-0").run()
    assert param(page, "job") == "job-0"
    assert "First job of its key".lower() in texts(page)
    page.selectbox(key="job").set_value(None).run()
    assert param(page, "job") is None


def test_a_job_that_is_not_there_is_said(store: Store, take: Take) -> None:
    take_a_chain(take)
    assert "not in this pool" in texts(run_page("pool_timeline", store, job="gone"))


def test_the_first_span_is_the_last_day_with_enough_jobs(store: Store, take: Take) -> None:
    take_a_chain(take)
    take(describe_job("late", created=10 * DAY_S, ResourceConfig={"KeepAlivePeriodInSeconds": 60}))
    page = run_page("pool_timeline", store)
    assert (param(page, "span"), param(page, "from")) == ("1d", "2026-03-02T00:00")
    assert "**6 jobs** of this pool created in this time range" in texts(page)
    page.button(key="span_later").click().run()
    assert param(page, "from") == "2026-03-12T00:00"
    assert "**1 job** of this pool created in this time range" in texts(page)
    assert page.button(key="span_later").disabled
    page.button(key="span_earlier").click().run()
    assert param(page, "from") == "2026-03-02T00:00"
    page.segmented_control(key="span").set_value("all").run()
    assert param(page, "from") is None
    assert "**7 jobs** of this pool created in this time range" in texts(page)


def test_a_shorter_span_stays_where_jobs_were_seen(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store, span="7d")
    page.segmented_control(key="span").set_value("1h").run()
    # the sixth job is created at 09:07:30
    assert param(page, "from") == "2026-03-02T09:00"
    assert "**1 job** of this pool created in this time range" in texts(page)


def test_a_span_without_jobs_says_so(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store, span="1h", **{"from": "2026-05-01T00:00"})
    assert "No job of this pool was created in this time range" in texts(page)


@pytest.mark.thorough
@pytest.mark.parametrize("given", ["x", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_span_that_means_nothing_does_no_harm(store: Store, take: Take, given: str) -> None:
    take_a_chain(take)
    for span in ("1h", "30d", "never"):
        run_page("pool_timeline", store, span=span, **{"from": given})


@pytest.mark.parametrize("given", ["x", "-5", "1.5", "99999999999999999999"])
def test_a_period_that_means_nothing_does_no_harm(store: Store, take: Take, given: str) -> None:
    take_a_chain(take)
    run_page("pool_timeline", store, period_s=given)


def test_many_jobs_are_summed_over_time(store: Store, take: Take) -> None:
    take_a_chain(take, jobs=160)
    page = run_page("pool_timeline", store, span="all", period_s="900")
    assert "160 jobs are too many to draw one by one" in texts(page)
    assert "what-if 900 s: **159 of 160 jobs**" in texts(page)
    page.segmented_control(key="span").set_value("6h").run()
    assert "too many" not in texts(page)


def test_another_pool_begins_where_its_own_jobs_are(store: Store, take: Take) -> None:
    take_a_chain(take)
    other = {"InstanceType": "ml.g5.4xlarge", "KeepAlivePeriodInSeconds": 60}
    begins = [20 * DAY_S + number * 900 for number in range(6)]
    take(*(describe_job(f"o-{at}", created=at, ResourceConfig=other) for at in begins))
    keys = ask(store, "pools").set_index("instance_type")["pool_key"]
    page = run_page("pool_timeline", store, pool=keys["ml.g5.2xlarge"])
    assert param(page, "from") == "2026-03-02T00:00"
    page.selectbox(key="pool").select(keys["ml.g5.4xlarge"]).run()
    assert param(page, "from") == "2026-03-22T00:00"
    assert param(page, "pool") == keys["ml.g5.4xlarge"]


def test_unknown_idle_time_is_no_zero(store: Store, take: Take) -> None:
    take_a_chain(take, WarmPoolStatus=None)
    page = run_page("pool_timeline", store)
    assert figures(page)["Idle time"] == "unknown"
    assert "not recorded for 6 jobs" in texts(page)


def test_a_job_without_an_end_is_counted(store: Store, take: Take) -> None:
    take_a_chain(take)
    fields = dict.fromkeys(
        ("TrainingEndTime", "BillableTimeInSeconds", "SecondaryStatusTransitions")
    ) | {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    take(describe_job("running", created=7 * CYCLE_S, **fields))
    assert "1 without a recorded end" in texts(run_page("pool_timeline", store))


def test_only_jobs_that_cannot_use_pools(store: Store, take: Take) -> None:
    take(describe_job("a", EnableManagedSpotTraining=True))
    assert "None of these jobs could use a warm pool" in texts(run_page("pool_timeline", store))


def test_a_pool_that_is_not_there_is_named(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("pool_timeline", store, pool="gone")
    assert "has no eligible jobs here" in page.info[0].value


def test_a_name_from_outside_makes_no_markup(store: Store, take: Take) -> None:
    rows = "job_name,created_at,training_started_at,training_ended_at,status,pool_key,"
    rows += "keep_alive_period_s\n<b>[x](y)</b>,2026-03-02T08:00:00Z,2026-03-02T08:01:00Z,"
    rows += "2026-03-02T08:20:00Z,Completed,p,600\n"
    ingest(store, uploaded("jobs.csv", rows.encode()), kind="jobs")
    page = run_page("pool_timeline", store, job="<b>[x](y)</b>")
    assert r"\[x\](y)" in page.header[-1].value
    segments = ask(store, "pool_timeline", pool_key="p")
    drawn = timeline_gantt({"Actual": segments}, within=Filters(), job=None, ink="#000000").figure()
    told = [text for trace in drawn.data for text in trace.hovertext or ()]
    assert told
    assert not any("<b>[" in text.removeprefix("<b>") for text in told)


def test_each_bar_tells_its_job_to_a_click(demo_store: Store) -> None:
    key = ask(demo_store, "pools")["pool_key"].iloc[4]
    filters = Filters(where=(("pool_key", key),))
    segments = ask(demo_store, "pool_timeline", filters, pool_key=key).head(60)
    drawn = timeline_gantt({"Actual": segments}, within=filters, job=None, ink="#000000").figure()
    named = {name for trace in drawn.data for (name,) in trace.customdata}
    assert named == set(segments["job_name"])


def test_panels_of_sums_have_one_scale(demo_store: Store) -> None:
    key = ask(demo_store, "pools")["pool_key"].iloc[4]
    bins = {
        title: ask(demo_store, "pool_timeline_bins", pool_key=key, period_s=period)
        for title, period in (("Actual", ""), ("What-if 3,600 s", "3600"))
    }
    drawn = timeline_bins(bins).figure()
    go.Figure(drawn.to_plotly_json())  # which checks it
    assert drawn.layout.yaxis.range == drawn.layout.yaxis3.range
    assert drawn.layout.yaxis2.range == drawn.layout.yaxis4.range


def test_the_link_from_warm_pools_is_there(demo_store: Store) -> None:
    key = ask(demo_store, "pools")["pool_key"].iloc[4]
    page = page_of("warm_pools", demo_store, pool=key).run()
    assert not page.exception
    assert any("timeline" in link.label for link in page.get("page_link"))
