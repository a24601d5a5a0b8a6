"""What people do: bring their jobs in, filter, and hand a link to a colleague."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.app.dashboard import running_dashboard, stoker
from tests.conftest import describe_job, lines
from tests.e2e.conftest import Visiting

SAMPLE = re.compile(r"^[\d,]+ jobs? created ")


def sample_line(page: Page) -> str:
    """Return the line that says which jobs a page is based on."""
    return page.get_by_text(SAMPLE).first.inner_text()


def test_an_upload_is_imported_and_shown(visiting: Visiting, fresh: str) -> None:
    jobs = [describe_job(f"mine-{i}", created=i * 1000) for i in range(12)]
    content = lines(*jobs, {"TrainingJobName": "no-times"})
    with visiting(fresh) as visit:
        visit.open("data", "Data")
        visit.page.get_by_role("button", name="Upload job history").click()
        visit.page.locator('input[type="file"]').set_input_files(
            {"name": "mine.jsonl", "mimeType": "application/json", "buffer": content}
        )
        visit.page.get_by_role("button", name="Import 1 file").click()
        main = visit.page.locator('[data-testid="stMain"]')
        expect(main).to_contain_text("12 jobs")
        expect(main).to_contain_text(re.compile(r"1 record\b"))
        visit.page.get_by_role("link", name="Warm pools").first.click()
        visit.page.get_by_role("heading", name="Warm pools", level=1).wait_for()
        visit.settle()
        assert sample_line(visit.page).startswith("12 jobs created ")


def test_a_shared_link_shows_the_same_view(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("warm-pools", "Warm pools")
        everything = sample_line(visit.page)
        visit.page.get_by_role("combobox", name="Time range").click()
        visit.page.get_by_role("option", name="Last 30 days").click()
        visit.page.wait_for_url(re.compile("since="))
        visit.settle()
        chosen = sample_line(visit.page)
        link = visit.page.url
    assert chosen != everything
    assert "since" in parse_qs(urlsplit(link).query)
    with visiting(demo) as colleague:
        colleague.open(link.removeprefix(f"{demo}/"), "Warm pools")
        assert sample_line(colleague.page) == chosen


def test_filters_stay_when_the_page_changes(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("warm-pools?since=2026-10-01&until=2026-10-15", "Warm pools")
        chosen = sample_line(visit.page)
        visit.page.get_by_role("link", name="Startup latency").first.click()
        visit.page.get_by_role("heading", name="Startup latency", level=1).wait_for()
        visit.settle()
        assert sample_line(visit.page) == chosen


def test_brushed_days_are_the_time_range_and_back_undoes_it_in_one_press(
    visiting: Visiting, demo: str
) -> None:
    with visiting(demo) as visit:
        visit.open("")
        everything = sample_line(visit.page)
        chart = visit.page.locator('[data-testid="stPlotlyChart"]').first
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        visit.page.mouse.move(box["x"] + 0.35 * box["width"], middle)
        visit.page.mouse.down()
        visit.page.mouse.move(box["x"] + 0.55 * box["width"], middle, steps=8)
        visit.page.mouse.up()
        visit.page.wait_for_url(re.compile("since=.*until=|until=.*since="))
        visit.settle()
        assert sample_line(visit.page) != everything
        visit.page.go_back()
        expect(visit.page.get_by_text(everything)).to_be_visible()
        assert "since" not in visit.page.url


def test_back_leads_from_page_to_page_with_the_filters(visiting: Visiting, demo: str) -> None:
    """One press each: what the navigation carries is no step of its own."""
    with visiting(demo) as visit:
        visit.open("warm-pools?since=2026-10-01", "Warm pools")
        chosen = sample_line(visit.page)
        for title in ("Startup latency", "Jobs"):
            visit.page.get_by_role("link", name=title, exact=True).first.click()
            visit.page.get_by_role("heading", name=title, level=1).wait_for()
            visit.settle()
        for title in ("Startup latency", "Warm pools"):
            visit.page.go_back()
            visit.page.get_by_role("heading", name=title, level=1).wait_for()
            visit.settle()
            assert sample_line(visit.page) == chosen


def test_a_click_on_a_bar_shows_its_job(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("pool-timeline?period_s=900", "Pool timeline")
        bar = visit.page.locator(".js-plotly-plot .point path").first
        bar.click(force=True)
        visit.page.wait_for_url(re.compile("job="))
        visit.settle()
        (job,) = parse_qs(urlsplit(visit.page.url).query)["job"]
        visit.page.get_by_role("heading", name=job, level=2).wait_for()
        expect(visit.page.get_by_text("Actual: ")).to_be_visible()
        link = visit.page.url
    with visiting(demo) as colleague:
        colleague.open(link.removeprefix(f"{demo}/"), "Pool timeline")
        colleague.page.get_by_role("heading", name=job, level=2).wait_for()


@pytest.mark.thorough
def test_other_settings_of_a_queue_are_typed_in_and_compared(visiting: Visiting, demo: str) -> None:
    """The form of the Share replay, and the link that a colleague opens."""
    with visiting(demo) as visit:
        visit.open("share-replay", "Share replay")
        visit.page.get_by_text("Edit B:").click()
        visit.page.get_by_role("textbox", name="Name").fill("Twice the room")
        visit.page.get_by_role("spinbutton", name="Capacity").fill("500")
        visit.page.get_by_role("button", name="Replay", exact=True).click()
        visit.page.wait_for_url(re.compile("what_if="))
        answer = visit.page.get_by_text(re.compile("^With Twice the room, "))
        expect(answer).to_be_visible()
        visit.settle()
        said, link = answer.inner_text(), visit.page.url
    with visiting(demo) as colleague:
        colleague.open(link.removeprefix(f"{demo}/"), "Share replay")
        expect(colleague.page.get_by_text(said)).to_be_visible()


def test_the_demo_is_a_click_from_an_empty_home(visiting: Visiting, tmp_path: Path) -> None:
    """Beside the home, which it leaves as it is; pages and commands of both answer meanwhile."""
    if made := os.environ.get("STOKER_TESTS_DEMO"):
        shutil.copytree(made, tmp_path / "demo")
    with running_dashboard(tmp_path) as running, visiting(running.address) as visit:
        badge = visit.page.get_by_text("Demo: made-up jobs")
        visit.open("", "Overview")
        visit.page.get_by_role("link", name="Open the demo").click()
        badge.wait_for(timeout=60_000)
        visit.settle()
        visit.page.get_by_role("link", name="Jobs", exact=True).click()
        visit.page.get_by_role("heading", name="Jobs", level=1).wait_for()
        visit.settle()
        assert parse_qs(urlsplit(visit.page.url).query)["demo"] == ["1"]
        visit.page.reload()
        badge.wait_for()
        demo, own = (
            stoker("ask", "coverage", "--home", str(home), "--format", "csv")
            for home in (tmp_path / "demo", tmp_path)
        )
        assert (demo.status, own.status) == (0, 0)
        assert len(demo.out.splitlines()) > 1 == len(own.out.splitlines())
        again = stoker("serve", "--demo", "--home", str(tmp_path), "--no-browser")
        assert "is running already" in again.err
        assert f"{running.link}&demo=1" in again.err
        visit.page.get_by_role("link", name="Back to your own jobs").first.click()
        visit.page.get_by_role("heading", name="No jobs yet").wait_for()
        assert not (tmp_path / "DEMO").exists()
