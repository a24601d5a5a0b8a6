"""The page Advice: what is listed and decided; and the Overview, which leads with it."""

from collections.abc import Callable
from urllib.parse import parse_qs, unquote

import pytest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from pages.kit import row_links
from tests.chains import history
from tests.conftest import ask
from tests.pages.running import PAGES, collected_view, run_page, texts


@pytest.fixture
def idle_pool(store: Store, take: Callable[..., ImportResult]) -> Store:
    """A pool that keeps its clusters for an hour, to no avail."""
    take(*history(keep_alive_s=3600))
    return store


def test_a_recommendation_says_what_why_and_how_sure(idle_pool: Store) -> None:
    said = texts(run_page("advice", idle_pool, value_usd_per_h="0"))
    (row,) = ask(idle_pool, "advice", value_of_waiting_usd_per_h="0").to_dict("records")
    assert f"You could save {row['cash_gain_usd_per_month']:,.2f} USD a month" in said
    assert row["rationale"] in said
    assert "Chosen on some days, and judged on the days left out." in said
    assert f"It is based on {row['job_count']} jobs." in said


def test_what_is_dismissed_no_longer_counts_and_can_be_opened_again(idle_pool: Store) -> None:
    page = run_page("advice", idle_pool)
    page.text_input[0].set_value("not this year")
    next(button for button in page.button if button.label == "Dismiss").click()
    page.run()
    assert "Nothing to change" in page.header[0].value
    (row,) = ask(idle_pool, "advice").to_dict("records")
    assert (row["state"], row["decision_note"], row["is_in_total"]) == (
        "dismissed",
        "not this year",
        False,
    )
    page = run_page("advice", idle_pool, state="all")
    next(button for button in page.button if button.label == "Open again").click()
    page.run()
    assert ask(idle_pool, "advice")["state"].tolist() == ["open"]


def test_whether_changes_paid_says_that_the_cost_of_delay_is_assumed(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    """Four weeks that keep clusters for an hour, and four that do not."""
    for kept_s, days in ((3600, range(28)), (0, range(28, 56))):
        retained = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": kept_s}
        jobs = history(days=56, keep_alive_s=kept_s, WarmPoolStatus=retained)
        take(*jobs[3 * days[0] : 3 * days[-1] + 3], name=f"{kept_s}.jsonl")
    assumed = "An hour of waiting is assumed to cost 60 USD"
    for params, is_said in (({}, True), ({"value_usd_per_h": "70"}, False)):
        (table,) = (
            frame.value
            for frame in run_page("advice", store, **params).dataframe
            if "rationale" in frame.value
        )
        assert (assumed in str(table.to_dict())) is is_said


def test_what_advice_is_on_is_a_link_to_where_it_is_shown(demo_store: Store) -> None:
    """Every pool, queue and workload of the list: its page knows it."""
    rows = ask(demo_store, "advice").assign(advice_kind=lambda listed: listed["kind"])
    assert row_links.is_linked("subject_label", rows)
    pools = set(ask(demo_store, "pools")["pool_key"])
    queues = set(ask(demo_store, "queue_counts")["queue_name"])
    known = {"pool": pools, "queue": queues, "workload": set(rows["subject"])}
    for address, label in zip(
        row_links.addresses("subject_label", rows, {}), rows["subject_label"], strict=True
    ):
        page, _, rest = str(address).partition("?")
        query, _, said = rest.partition("#")
        assert page.replace("-", "_") in PAGES
        assert unquote(said) == label
        for name, (value,) in parse_qs(query).items():
            assert value in known[name]


def test_the_overview_leads_with_what_to_do(demo_store: Store) -> None:
    """What is first on the page names the three changes with most to gain, and their gain."""
    view = collected_view("overview", demo_store)
    listed = ask(demo_store, "advice")
    counted = listed[listed["is_in_total"]]
    sure = listed[listed["is_in_total"] & listed["certainty"].isin(("sure", "rough"))]
    words = [str(getattr(block, "markdown", getattr(block, "text", ""))) for block in view.blocks()]
    answer = next(place for place, text in enumerate(words) if "You could save" in text)
    assert words[answer].endswith(f"with {len(counted)} changes: do these three first")
    following = " ".join(words[answer : answer + 14])
    for label in sure["subject_label"].head(3):
        assert label.split(" · ")[0] in following
    # the sum is of all changes: what the three bring of it is said too
    three = sure.head(3)
    assert f"These 3 bring {three['cash_gain_usd_per_month'].sum():,.0f} USD and " in following
    assert (
        f"{len(counted)} changes in all, worth {counted['net_gain_usd_per_month'].sum():,.0f} USD"
        in following
    )
    # before any figure of the past
    assert answer < next(n for n, block in enumerate(view.blocks()) if hasattr(block, "kpis"))
