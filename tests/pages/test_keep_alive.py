"""The Keep-alive page: choices, the best period, today's setting, and the link that keeps them."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.ingest import IngestResult
from data.store import Store
from tests.conftest import describe_job
from tests.pages.running import run_page, texts

Take = Callable[..., IngestResult]
GAP_S = 120


def take_a_chain(take: Take, **resources: object) -> None:
    """Take in jobs that each ask for a cluster two minutes after the one before ended."""
    kept = {"KeepAlivePeriodInSeconds": 60, **resources}
    take(*(describe_job(f"job-{n}", created=n * (690 + GAP_S), ResourceConfig=kept)
           for n in range(5)))  # fmt: skip


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_for_money_alone_no_cluster_is_kept(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store)
    assert figures(page)["Keep-alive period"] == "none"
    assert "today: 60 s" in texts(page)


def test_with_a_worth_the_best_period_is_just_above_the_gap(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store)
    page.slider(key="value_usd_per_h").set_value(500.0).run()
    assert figures(page)["Keep-alive period"] == f"{GAP_S + 1} s"
    assert figures(page)["Hit rate"] == "80 %"


def test_the_link_keeps_worth_limit_and_pool(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page(
        "keep_alive", store, value_usd_per_h="500", limit="6 h (newest API)", pool="all"
    )
    assert page.selectbox(key="pool_choice").value == "all"
    assert page.slider(key="value_usd_per_h").value == 500
    assert figures(page)["Keep-alive period"] == f"{GAP_S + 1} s"


def test_another_period_can_be_compared(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, period_s="300")
    assert "compared: 300 s" in texts(page)
    assert "compared: 80 %" in texts(page)


def test_all_pools_can_be_chosen(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store)
    page.selectbox(key="pool_choice").set_value("all").run()
    assert page.query_params["pool"] in ("all", ["all"])
    assert not page.exception
    # each pool has its own setting today
    assert "today:" not in texts(page)


def test_a_pool_that_is_not_there_is_named(store: Store, take: Take) -> None:
    take_a_chain(take)
    page = run_page("keep_alive", store, pool="gone")
    assert "has no eligible job here" in page.info[0].value


def test_without_a_price_waiting_cannot_be_weighed(store: Store, take: Take) -> None:
    take_a_chain(take, InstanceType="ml.unheard.of")
    page = run_page("keep_alive", store, value_usd_per_h="100")
    assert "price of these clusters is unknown" in texts(page)
    assert figures(page)["Idle cost (USD)"] == "unknown"


@pytest.mark.parametrize("words", ["newest free", "oldest first", "own jobs", "full period"])
def test_assumptions_are_said(demo_store: Store, words: str) -> None:
    assert words in texts(run_page("keep_alive", demo_store))


def test_only_jobs_that_cannot_use_pools(store: Store, take: Take) -> None:
    take(describe_job("a", EnableManagedSpotTraining=True))
    assert "None of these jobs could use a warm pool" in texts(run_page("keep_alive", store))
