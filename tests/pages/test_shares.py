"""The Shares page: who waits beside idle capacity, and what it says where it cannot know."""

from collections.abc import Callable

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from pages.kit.blocks import Chart, Link, Table, View
from tests.analytics.shares.queues import add, capacity, import_jobs, job
from tests.conftest import describe_job
from tests.pages.running import collected_view, run_page, texts

HOUR_S = 3600


def take_a_siloed_day(store: Store) -> None:
    """Import a queue in which research waits for three hours beside idle capacity of platform."""
    import_jobs(
        store,
        *(
            job(f"r{n}", "research", n, 3 * HOUR_S + n, 4 * HOUR_S, 2, scheduling_priority=5)
            for n in range(12)
        ),
        job("p", "platform", 0, 0, 4 * HOUR_S, 4),
        job("w", "research", 3 * HOUR_S, None, None, 1),
    )
    add(store, "capacity_records", capacity(40, "platform"), capacity(10, "research"))


def charts(view: View) -> dict[str, Chart]:
    return {block.key: block for block in view.blocks() if isinstance(block, Chart)}


def tables(view: View) -> dict[str, Table]:
    return {block.key: block for block in view.blocks() if isinstance(block, Table)}


def test_the_answer_names_who_waited_while_capacity_stood_idle(store: Store) -> None:
    take_a_siloed_day(store)
    page = run_page("shares", store)
    text = texts(page)
    assert "one in ten jobs of **research** waited longer than **3 h**" in text.lower()
    figures = {metric.label: metric.value for metric in page.metric}
    # 4 held of 50 for four hours, and 24 for the last of them
    assert figures["Stood idle"] == "80 %"
    assert figures["Longest wait, P90"] == "3 h"


def test_bands_of_the_chart_add_up_to_the_capacity(store: Store) -> None:
    take_a_siloed_day(store)
    figure = charts(collected_view("shares", store))["bands"].figure
    bars = [trace.y for trace in figure.data if trace.type == "bar"]
    assert [round(sum(values), 6) for values in zip(*bars, strict=True)] == [50, 50, 50, 50]


def test_a_share_of_the_link_shows_its_own_bands(store: Store) -> None:
    take_a_siloed_day(store)
    view = collected_view("shares", store, share_name="platform")
    figure = charts(view)["bands"].figure
    lent = next(trace for trace in figure.data if trace.name == "Lent to others")
    assert max(lent.y) > 13


def test_the_table_has_shares_with_entitlement_waits_and_losses(store: Store) -> None:
    take_a_siloed_day(store)
    rows = tables(collected_view("shares", store))["shares_table"].rows.set_index("share_name")
    assert rows.loc["platform", "entitlement_ratio"] == 0.8
    assert rows.loc["research", "queue_wait_p90_s"] == 3 * HOUR_S
    assert rows.loc["platform", "starved_instance_h"] == 0


def test_the_queue_now_has_the_job_that_waits(store: Store) -> None:
    take_a_siloed_day(store)
    rows = tables(collected_view("shares", store))["queue_now"].rows
    assert rows["job_name"].tolist() == ["w"]


def test_without_a_capacity_the_page_says_what_to_import(store: Store) -> None:
    import_jobs(store, job("one", "a", 0, 0, HOUR_S))
    view = collected_view("shares", store)
    text = "\n".join(getattr(block, "markdown", "") for block in view.blocks())
    assert "The queue's capacity is unknown" in text
    assert any(isinstance(block, Link) and block.page == "data" for block in view.blocks())


def test_jobs_of_no_queue_are_told_apart_from_no_jobs(
    store: Store, take: Callable[..., ImportResult]
) -> None:
    assert "No jobs are imported yet" in texts(run_page("shares", store))
    take(describe_job("plain"))
    assert "name neither a queue nor a share" in texts(run_page("shares", store))


def test_the_overview_says_which_threshold_is_crossed(store: Store) -> None:
    take_a_siloed_day(store)
    text = texts(run_page("overview", store))
    assert "Share underused while others wait" in text
    assert "share platform in queue q" in text
