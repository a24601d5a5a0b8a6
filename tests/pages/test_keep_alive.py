"""The Keep-alive page: objective, advice, periods side by side, and the link that keeps them."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.chains import history
from tests.conftest import describe_job
from tests.pages.running import linked_names, run_page, texts

Take = Callable[..., ImportResult]
GAP_S = 120


def take_a_chain(take: Take, **resources: object) -> None:
    """Import a month of jobs that each ask for a cluster two minutes after the one before."""
    kept = {"KeepAlivePeriodInSeconds": 60, **resources}
    jobs = []
    for day in range(30):
        created = day * 86_400
        for place in range(5):
            jobs.append(describe_job(f"job-{day:02}-{place}", created=created, ResourceConfig=kept))
            created += 690 + GAP_S
    take(*jobs)


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_for_money_alone_no_cluster_is_kept(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, value_usd_per_h="0")
    assert "Stop keeping clusters warm (currently 60 s)" in texts(page)
    assert "less idle time" in texts(page)


def test_with_a_cost_of_delay_the_advice_is_just_above_the_gap(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store)
    page.slider(key="value_usd_per_h").set_value(500.0).run()
    said = texts(page)
    # 121 s would be best; people set minutes
    assert "Raise the keep-alive period from 60 s to 180 s" in said
    assert f"Exactly {GAP_S + 1} s would be best" in said
    assert "keep_alive_period_in_seconds=180" in said
    assert '"sagemaker:KeepAlivePeriod": "180"' in said
    assert "Cash gain (USD)" in figures(page)
    assert "times the cost of a decision made in hindsight" in said
    assert figures(page)["Back-test regret"] == "0 %"
    assert figures(page)["Quota needed"] == "1"


def test_the_link_keeps_every_choice(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page(
        "keep_alive",
        store,
        value_usd_per_h="500",
        limit="6 h (API)",
        pool="all",
        p90_target_s="200",
        quota="3",
        view="Frontier",
        first_s="300",
        by="Weekday",
    )
    assert page.selectbox(key="pool").value == "all"
    assert page.slider(key="value_usd_per_h").value == 500
    assert page.number_input(key="p90_target_s").value == 200
    assert page.number_input(key="quota").value == 3
    assert page.number_input(key="first_s").value == 300
    assert "quota of 3 would have been enough" in texts(page)


def test_a_p90_target_is_met_or_said_to_be_out_of_reach(store: Store, take: Take) -> None:
    take_a_chain(take)
    # a fifth of the jobs, the first of each day, stays cold
    page = run_page("keep_alive", store, p90_target_s="50")
    assert "No period up to 3,600 s reaches a P90 startup latency of 50 s" in texts(page)


def test_a_p90_target_says_which_cost_of_delay_it_implies(store: Store, take: Take) -> None:
    take(*history(days=20, a_day=12, keep_alive_s=0, seed=3))
    said = texts(run_page("keep_alive", store, p90_target_s="45", value_usd_per_h="0"))
    assert "Start keeping clusters warm" in said
    assert "P90 startup latency goes from 90 s to" in said
    assert "implies a cost of delay of" in said


def test_two_periods_stand_side_by_side(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, first_s="0", second_s="300")
    table = next(
        frame.value for frame in page.dataframe if "first_period" in frame.value.columns
    ).set_index("measure")
    assert list(table.loc["Hit rate", ["first_period", "second_period"]]) == ["0 %", "80 %"]
    assert table.loc["Hits", "difference"] == "+120"


def test_groups_show_the_current_and_the_advised_period(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, value_usd_per_h="500", by="Weekday")
    table = next(
        frame.value for frame in page.dataframe if "hit_rate_ratio_advised" in frame.value.columns
    )
    assert len(table) == 7
    assert table["hit_rate_ratio_advised"].tolist() == pytest.approx([80.0] * 7)
    assert table["hit_rate_ratio_current"].tolist() == pytest.approx([0.0] * 7)


def test_all_pools_can_be_chosen_and_each_is_advised(store: Store, take: Take) -> None:
    take_a_chain(take)
    others = history(RoleArn="arn:aws:iam::123456789012:role/other", keep_alive_s=3600)
    take(*(job | {"TrainingJobName": "k" + job["TrainingJobName"]} for job in others))
    page = run_page("keep_alive", store, value_usd_per_h="0")
    # the table comes first, and the page opens with the pool that has most to gain
    ranked = page.dataframe[0].value
    assert ranked["verdict"].iloc[0] == "Stop"
    assert page.selectbox(key="pool").value == linked_names(ranked["pool_key"])[0]
    page.selectbox(key="pool").set_value("all").run()
    assert page.query_params["pool"] in ("all", ["all"])
    assert not page.exception
    assert "**1 of 2 pools** should change" in texts(page)


def test_too_few_jobs_get_no_advice_but_a_curve(store: Store, take: Take) -> None:
    take(*history(days=3))
    page = run_page("keep_alive", store)
    assert "Not enough data for advice" in texts(page)
    assert "9 eligible jobs over 3 days" in texts(page)
    assert "What every period costs and saves" in texts(page)


def test_a_pool_that_is_not_there_is_named(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, pool="gone")
    assert "has no eligible jobs here" in page.info[0].value


def test_without_a_price_waiting_cannot_be_weighed(store: Store, take: Take) -> None:
    take_a_chain(take, InstanceType="ml.zz9.xlarge")
    page = run_page("keep_alive", store, value_usd_per_h="100")
    assert "price of these clusters is unknown" in texts(page)


def test_an_export_without_price_and_period_still_has_its_page(store: Store) -> None:
    rows = ["job_name,created_at,training_started_at,training_ended_at,pool_key"]
    rows += [
        f"{job['TrainingJobName']},{job['CreationTime']},{job['TrainingStartTime']},"
        f"{job['TrainingEndTime']},p"
        for job in history(keep_alive_s=None)
    ]
    ingest(store, uploaded("jobs.csv", "\n".join(rows).encode()))
    page = run_page("keep_alive", store, value_usd_per_h="50")
    assert "No advice: the price is unknown" in texts(page)


@pytest.mark.parametrize("words", ["newest free", "oldest first", "own jobs", "full period"])
def test_assumptions_are_said(demo_store: Store, words: str) -> None:
    assert words in texts(run_page("keep_alive", demo_store))


def test_only_jobs_that_cannot_use_pools(store: Store, take: Take) -> None:
    take(describe_job("a", EnableManagedSpotTraining=True))
    assert "None of these jobs could use a warm pool" in texts(run_page("keep_alive", store))
