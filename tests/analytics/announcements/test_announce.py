"""What is announced, and that each thing is announced once, whatever happens in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from analytics.announcements.announce import MOST_LINES, announce
from data.announcements.memory import Announced
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import T0, ask, describe_job
from tests.data.announcements.test_webhook import Hook

Take = Callable[..., ImportResult]
END = 690.0  # of conftest's default job
WARM = {
    "ResourceConfig": {"KeepAlivePeriodInSeconds": 1800},
    "WarmPoolStatus": {"Status": "Available"},
}


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def hook(store: Store) -> Iterator[Hook]:
    opened = Hook()
    store.home.settings.write_text(f'webhook_url = "{opened.url}"\n')
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def test_a_job_and_its_pool_are_announced_once_each(store: Store, take: Take, hook: Hook) -> None:
    take(describe_job("train", Tags=[{"Key": "user", "Value": "ada <b>"}], **WARM))
    assert announce(store, now=after(END - 1)) is None
    assert hook.texts == []
    assert announce(store, now=after(END + 60)) is None
    assert hook.texts == [
        "train of ada &lt;b&gt; ended after 10 min: Completed. It ran on 1 x ml.g5.2xlarge."
    ]
    announce(store, now=after(END + 120))
    assert len(hook.texts) == 1
    announce(store, now=after(END + 1800 - 300))
    announce(store, now=after(END + 1800 - 200))
    assert hook.texts[1:] == [
        "A warm pool expires in 5 min, at 08:41 UTC, unless a job reuses it: 1 x ml.g5.2xlarge,"
        " left by train."
    ]


def test_what_is_long_past_is_no_news(store: Store, take: Take, hook: Hook) -> None:
    take(*(describe_job(f"old-{number}", created=number) for number in range(30)))
    assert announce(store, now=after(END + 86_400)) is None
    assert hook.texts == []


def test_many_events_are_one_message_of_bounded_length(
    store: Store, take: Take, hook: Hook
) -> None:
    take(*(describe_job(f"job-{number}", created=number) for number in range(30)))
    announce(store, now=after(END + 60))
    (text,) = hook.texts
    assert len(text.splitlines()) == MOST_LINES + 1
    assert text.endswith("... and 10 more.")


def test_a_refused_message_is_sent_again_three_times_at_most(
    store: Store, take: Take, hook: Hook
) -> None:
    take(describe_job("train"))
    hook.status = 500
    for _ in range(5):
        said = announce(store, now=after(END + 60))
    assert len(hook.texts) == 3
    assert said is None
    take(describe_job("other", created=60), name="other.jsonl")
    assert "status 500" in (announce(store, now=after(END + 70)) or "")
    hook.status = 200
    announce(store, now=after(END + 80))
    assert hook.texts[-1].startswith("other ended")
    announce(store, now=after(END + 90))
    assert len(hook.texts) == 5


def test_without_an_address_nothing_is_remembered_or_sent(store: Store, take: Take) -> None:
    take(describe_job("train"))
    assert announce(store, now=after(END + 60)) is None
    assert not (store.home.root / "announced.jsonl").exists()


def test_an_address_that_may_not_be_used_is_said(store: Store, take: Take) -> None:
    take(describe_job("train"))
    store.home.settings.write_text('webhook_url = "http://example.org/secret"\n')
    said = announce(store, now=after(END + 60)) or ""
    assert "webhook_url" in said
    assert "secret" not in said


def test_a_line_that_was_cut_short_says_nothing(store: Store) -> None:
    Announced(store.home).begin(["a"])
    with (store.home.root / "announced.jsonl").open("ab") as file:
        file.write(b'["b", "sen')
    known = Announced(store.home)
    known.begin(["c"])
    assert [event in Announced(store.home) for event in "abc"] == [True, False, True]


KILLED = """
import sys
from datetime import datetime
from pathlib import Path
from analytics.announcements.announce import announce
from data.ingest.home_store import open_home
from data.store.home import Home
store = open_home(Home(Path(sys.argv[1])))
announce(store, now=datetime.fromisoformat(sys.argv[2]))
"""


def test_what_was_sent_before_a_kill_is_not_sent_again(
    store: Store, take: Take, hook: Hook
) -> None:
    take(describe_job("train"))
    store.close()
    hook.wait_s = 30  # the message is out, and the answer is not
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store.home.root), after(END + 60).isoformat()],
    )
    try:
        assert hook.arrived.wait(60)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    hook.wait_s = 0
    reopened = open_home(store.home)
    assert announce(reopened, now=after(END + 70)) is None
    reopened.close()
    assert len(hook.texts) == 1


def test_events_are_listed_without_any_webhook(store: Store, take: Take) -> None:
    take(describe_job("train", **WARM), describe_job("bad", TrainingJobStatus="Failed", created=30))
    events = ask(store, "announcements", now=after(END + 1200).isoformat(), expires_within_s="900")
    assert list(zip(events["event"], events["job_name"], strict=True)) == [
        ("job_ended", "train"), ("job_ended", "bad"), ("pool_expires", "train")
    ]  # fmt: skip
    assert list(events["event_at"]) == [after(END), after(END + 30), after(END + 1800)]
