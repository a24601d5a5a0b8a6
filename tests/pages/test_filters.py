"""Filters live in the URL: a link reproduces the view, and what does not fit is said."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import describe_job
from tests.pages.running import first_run, page_of, run_page, texts

Take = Callable[..., ImportResult]


def take_two_regions(take: Take) -> None:
    take(
        describe_job("a", region="us-east-1", Tags=[{"Key": "user", "Value": "ada"}]),
        describe_job("b", region="eu-west-1", created=86_400),
        describe_job("c", region="eu-west-1", created=2 * 86_400),
    )


def jobs_on(page: AppTest) -> str:
    return next(line for line in texts(page).splitlines() if "created" in line and "job" in line)


def test_without_parameters_all_jobs_count(store: Store, take: Take) -> None:
    take_two_regions(take)
    assert "3 jobs" in jobs_on(run_page("overview", store))


def test_a_link_narrows_the_page(store: Store, take: Take) -> None:
    take_two_regions(take)
    assert "2 jobs" in jobs_on(run_page("overview", store, region="eu-west-1"))
    assert "1 job*" in jobs_on(run_page("overview", store, since="2026-03-04"))
    both = run_page("overview", store, region=["eu-west-1", "us-east-1"], until="2026-03-04")
    assert "2 jobs" in jobs_on(both)


def test_choosing_a_value_writes_it_to_the_url(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = run_page("overview", store)
    page.multiselect(key="region").set_value(["eu-west-1"]).run()
    assert page.query_params["region"] in ("eu-west-1", ["eu-west-1"])
    assert "2 jobs" in jobs_on(page)

    again = run_page("overview", store, region=page.query_params["region"])
    assert jobs_on(again) == jobs_on(page)


def test_a_period_is_written_as_a_day(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = run_page("overview", store)
    page.selectbox(key="time_range").set_value("Last 7 days").run()
    assert page.query_params["since"] in ("2026-02-26", ["2026-02-26"])
    page.selectbox(key="time_range").set_value("Custom range").run()
    assert page.query_params["until"] in ("2026-03-05", ["2026-03-05"])
    page.date_input(key="last_day").set_value(page.date_input(key="first_day").value).run()
    assert "1 job*" in jobs_on(page)


def test_clear_forgets_all_filters(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = run_page("overview", store, region="eu-west-1", since="2026-03-04")
    next(button for button in page.button if button.label == "Clear").click().run()
    assert "3 jobs" in jobs_on(page)
    assert "region" not in page.query_params
    assert "since" not in page.query_params


def test_what_does_not_fit_is_left_out_and_named(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = first_run("overview", store, region="mars-1", since="yesterday", nonsense="1")
    assert "3 jobs" in jobs_on(page)
    notice = page.info[0].value
    assert "region mars-1" in notice
    assert "since yesterday" in notice


def test_a_link_cannot_put_markdown_on_the_page(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = first_run("overview", store, region="![x](https://evil.example/x.png)")
    assert "](" not in page.info[0].value.replace("\\](", "")


def test_an_unknown_user_can_be_chosen(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = run_page("overview", store, user_name="")
    assert "2 jobs" in jobs_on(page)
    options = page.multiselect(key="user_name").options
    assert "unknown" in options


def test_filters_survive_another_page(store: Store, take: Take) -> None:
    take_two_regions(take)
    first = run_page("overview", store, region="eu-west-1")
    # a link of the navigation: the same session, an URL without parameters
    second = page_of("warm_pools", store)
    second.session_state["stoker_filters"] = first.session_state["stoker_filters"]
    second.run()
    assert "2 jobs" in jobs_on(second)
    assert second.query_params["region"] in ("eu-west-1", ["eu-west-1"])


def test_filters_that_leave_nothing_can_be_cleared(store: Store, take: Take) -> None:
    take_two_regions(take)
    page = run_page("overview", store, since="2026-05-01")
    assert "No job matches" in texts(page)
    page.button(key="clear_from_notice").click().run()
    assert "3 jobs" in jobs_on(page)
