"""The panel that reads from AWS: plan, report, what is denied, cancel, accounts, no credentials."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from data.aws.account_file import listed_accounts
from data.aws.accounts import Account
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from pages.data import sync_work
from pages.data.sync_work import SyncWork
from tests.aws_server.clock import Clock
from tests.aws_server.history import AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.queued import Queue
from tests.aws_server.server import AwsServer
from tests.pages.running import run_page, texts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUEUE = Queue("research", ("ads", "ranking"), is_quota=False, capacity=24, priority=10)
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def history() -> AwsHistory:
    return AwsHistory(Clock(NOW), jobs=30, queues=(QUEUE,))


@pytest.fixture
def aws(history: AwsHistory, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    with AwsServer(history, knobs=Knobs()) as server:
        server.set_environment(monkeypatch)
        yield server


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_work, "_works", {})


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def work_of(store: Store) -> SyncWork:
    return sync_work.sync_work(Reader(store))


def click(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def ended(page: AppTest, store: Store) -> AppTest:
    """Return the page once nothing is under way any more."""
    until(lambda: work_of(store).task is None)
    page.run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def test_a_preview_says_what_would_be_read_and_reads_no_jobs(store: Store, aws: AwsServer) -> None:
    page = ended(click(run_page("data", store), "What would be read?"), store)
    said = texts(page)
    assert "requests**, about" in said
    assert "123456789012" in said
    plan = next(table.value for table in page.dataframe if "sync_step" in table.value)
    assert plan["request_count"].sum() == work_of(store).plan.request_count  # type: ignore[union-attr]
    assert store.scalar("select count(*) from training_jobs") == 0


def test_a_sync_reads_the_jobs_and_reports_requests_and_what_is_denied(
    store: Store, aws: AwsServer
) -> None:
    aws.knobs.denied.add("batch:DescribeServiceEnvironments")
    page = ended(click(run_page("data", store), "Sync now"), store)
    assert store.scalar("select count(*) from training_jobs") >= 30
    said = texts(page)
    sent = aws.requests.total()
    assert f"{sent} requests, of which 0 retries" in said
    assert "`batch:DescribeServiceEnvironments`" in said
    by_operation = next(table.value for table in page.dataframe if "iam_action" in table.value)
    assert by_operation["request_count"].sum() == sent
    assert any('"batch:DescribeServiceEnvironments"' in code.value for code in page.code)
    coverage = next(
        table.value for table in page.dataframe if "sampled_minute_ratio" in table.value
    )
    assert set(coverage["account_id"].dropna()) == {"123456789012"}


def test_a_cancelled_sync_keeps_what_was_read_and_goes_on_the_next_time(
    store: Store, aws: AwsServer
) -> None:
    work, reader = work_of(store), Reader(store)
    aws.knobs.delays["sagemaker:Search"] = 0.5
    work.start(reader, 0.0)
    task = work.task
    assert task is not None
    until(lambda: work.plan is not None and task.step.startswith("Training jobs"))
    task.cancel()
    page = ended(run_page("data", store), store)
    assert work.report is not None
    assert work.report.is_cancelled
    assert "Cancelled" in texts(page)
    aws.knobs.delays.clear()
    page = ended(click(page, "Sync now"), store)
    assert store.scalar("select count(*) from training_jobs") >= 30
    assert "Cancelled" not in texts(page)


def test_automatic_refresh_reads_again_and_again_until_it_is_switched_off(
    store: Store, aws: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[None] = []
    monkeypatch.setattr(SyncWork, "start", lambda *_: begun.append(None))
    work = work_of(store)
    work.repeat(Reader(store), 0.05, 0.0)
    until(lambda: len(begun) >= 3)
    work.repeat(Reader(store), None, 0.0)
    time.sleep(0.5)
    count = len(begun)
    time.sleep(0.5)
    assert len(begun) == count
    assert work.every_s is None


def test_without_credentials_the_usual_ways_are_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    page = ended(click(run_page("data", store), "Sync now"), store)
    assert "No AWS credentials were found" in page.error[0].value
    assert "- AWS_ACCESS_KEY_ID" in texts(page)
    assert store.scalar("select count(*) from imports") == 0


def test_accounts_are_added_and_changed_on_the_page(store: Store) -> None:
    page = run_page("data", store)
    page.text_input(key="account__name").set_value("research")
    page.text_input(key="account__regions").set_value("us-east-1 eu-west-1")
    click(page, "Add the account")
    assert listed_accounts(store.home) == (Account("research", regions=("us-east-1", "eu-west-1")),)
    assert "**research**" in texts(page)
    page.text_input(key="account__name").set_value("research")
    click(page, "Add the account")
    assert "already" in page.error[0].value


def test_the_demo_is_not_mixed_with_aws(home: Home, store: Store) -> None:
    (home.root / "DEMO").touch()
    page = run_page("data", store)
    assert not [button for button in page.button if button.label == "Sync now"]
    assert "made-up" in texts(page)
