"""Many records of one service job become one row, in whatever order they come."""

import itertools
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest, ingest_files
from data.ingest.rebuild import rebuild
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import lines
from tests.data.datasets.batch import attempt, described, event, ms, preempted, summary

Take = Callable[..., ImportResult]
QUOTA = {"shareIdentifier": None, "quotaShareName": "speech"}
ROW = (
    "select * exclude (service_job_no, import_id, fetched_at, content_hash, input_seq, attempts),"
    " attempts::varchar as attempts from service_jobs order by service_job_id"
)


def status(store: Store) -> str:
    return str(store.scalar("select status from service_jobs"))


def names(store: Store) -> dict[str, bool | None]:
    rows = store.frame(
        "select split_part(training_job_arn, '/', 2) as name, is_preempted"
        " from service_job_attempts order by position"
    ).astype(object)
    rows = rows.where(rows.notna(), None)
    return dict(zip(rows["name"], rows["is_preempted"], strict=True))


def test_the_same_answers_twice_are_once(store: Store, take: Take) -> None:
    first = take(described("a"), described("b"))
    again = take(described("a"), described("b"))
    assert (first.accepted_count, again.accepted_count, again.is_known_file) == (2, 0, True)
    more = take(described("b"), described("c"))
    assert (more.accepted_count, more.unchanged_count) == (1, 1)
    assert store.scalar("select count(*) from service_jobs") == 3
    assert store.scalar("select count(*) from service_job_versions") == 0


def test_a_list_a_description_and_an_event_are_one_job(store: Store, take: Take) -> None:
    take({"jobSummaryList": [summary("a")]}, name="list.json")
    take(described("a", serviceRequestPayload='{"ResourceConfig": {"InstanceCount": 2}}'))
    take(event(described("a", status="SCHEDULED", scheduledAt=ms(50)), 50), name="event.json")
    row = store.frame("select * exclude (attempts) from service_jobs").iloc[0]
    assert (row.queue_name, row.status, row.version_count) == ("gpus", "SCHEDULED", 3)
    assert row.instance_groups[0]["instance_count"] == 2


@pytest.mark.thorough
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_ended_job_has_ended_whatever_comes_later(
    store: Store, take: Take, order: tuple[int, ...]
) -> None:
    records = [
        event(described("a", status="RUNNING"), 500),
        event(described("a", status="SUCCEEDED", stoppedAt=ms(400)), 400),
        event(described("a", status="RUNNABLE"), 300),
    ]
    for number in order:
        take(records[number], name=f"{number}.json")
    assert status(store) == "SUCCEEDED"


@pytest.mark.thorough
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_job_goes_back_to_the_queue(store: Store, take: Take, order: tuple[int, ...]) -> None:
    records = [
        event(described("a", status="SCHEDULED"), 100),
        event(described("a", status="RUNNING"), 200),
        event(described("a", status="RUNNABLE"), 300),
    ]
    for number in order:
        take(records[number], name=f"{number}.json")
    assert status(store) == "RUNNABLE"


def test_the_time_of_an_answer_counts_where_it_was_written_down(store: Store, take: Take) -> None:
    def answered(record: dict[str, Any], date: str) -> dict[str, Any]:
        return {**record, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}

    later = answered(described("a", status="RUNNABLE"), "Mon, 02 Mar 2026 09:00:00 GMT")
    earlier = answered(
        described("a", status="RUNNING", startedAt=ms(60)), "Mon, 02 Mar 2026 08:30:00 GMT"
    )
    take(later, name="later.json")
    take(earlier, name="earlier.json")
    assert status(store) == "RUNNABLE"


def test_attempts_that_left_the_window_stay_preempted(store: Store, take: Take) -> None:
    lost = [attempt(f"a-{number}", number * 100, number * 100 + 50) for number in range(1, 6)]
    for seen in range(1, 6):
        take(
            described(
                "a",
                **QUOTA,
                status="RUNNING",
                # AWS shows the newest two only
                preemptionSummary=preempted(seen, *lost[max(0, seen - 2) : seen]),
            ),
            name=f"{seen}.json",
        )
    take(
        described(
            "a",
            **QUOTA,
            status="SUCCEEDED",
            attempts=[attempt("a-6", 700, 900, "done")],
            preemptionSummary=preempted(5, *lost[3:]),
        ),
        name="last.json",
    )
    assert names(store) == {
        **{f"a-{number}": True for number in range(1, 6)},
        # five of six were preempted, of which the last answer shows two
        "a-6": None,
    }
    assert store.scalar("select preempted_attempt_count from service_jobs") == 5


def test_a_later_answer_says_how_an_attempt_ended(store: Store, take: Take) -> None:
    take(described("a", status="RUNNING", attempts=[attempt("A-1", 10)]), name="1.json")
    take(
        described("a", status="SUCCEEDED", attempts=[attempt("a-1", 10, 90, "done")]),
        name="2.json",
    )
    row = store.frame("select * from service_job_attempts").iloc[0]
    assert row.status_reason == "done"
    assert (row.ended_at - row.started_at).total_seconds() == 80
    assert store.scalar("select count(*) from service_job_attempts") == 1


def test_a_rebuild_finds_the_same_jobs(home: Home) -> None:
    files = [
        uploaded("1.json", lines(described("a", attempts=[attempt("a-1", 10)]))),
        uploaded("2.json", lines(event(described("a", status="RUNNING"), 60), described("b"))),
        uploaded("3.json", lines(described("a", **QUOTA, attempts=[attempt("a-2", 90)]))),
    ]
    with closing(open_home(home)) as store:
        list(ingest_files(store, files))
        before = store.frame(ROW).astype(str)
    rebuild(home)
    with closing(open_home(home)) as store:
        pd.testing.assert_frame_equal(store.frame(ROW).astype(str), before)


attempt_lists = st.lists(
    st.builds(
        lambda name, started, ended, reason: attempt(
            name, started, None if started is None or ended is None else started + ended, reason
        ),
        st.sampled_from(["a-1", "A-1", "a-2", "a-3"]),
        st.sampled_from([None, 10, 20]),
        st.sampled_from([None, 5]),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=3,
)
versions = st.lists(
    st.builds(
        lambda seconds, state, lists, count, share: (
            seconds,
            described(
                "a",
                **(QUOTA if share else {}),
                status=state,
                attempts=lists[0],
                preemptionSummary=None if count is None else preempted(count, *lists[1]),
            ),
        ),
        st.integers(1, 9),
        st.sampled_from(["SUBMITTED", "RUNNABLE", "SCHEDULED", "RUNNING", "SUCCEEDED", "FAILED"]),
        st.tuples(attempt_lists, attempt_lists),
        st.sampled_from([None, 0, 1, 2]),
        st.booleans(),
    ),
    min_size=2,
    max_size=4,
    unique_by=lambda version: version[0],
)


def merged(new_home: Callable[[], Home], files: list[bytes]) -> pd.DataFrame:
    with closing(open_home(new_home())) as store:
        for number, content in enumerate(files):
            ingest(store, uploaded(f"{number}.jsonl", content))
        return store.frame(ROW).astype("object").map(str)


@pytest.mark.thorough
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(versions=versions, data=st.data())
def test_neither_order_nor_files_matter_and_no_attempt_is_lost(
    new_home: Callable[[], Home],
    versions: list[tuple[int, dict[str, Any]]],
    data: st.DataObject,
) -> None:
    files = [lines(event(job, seconds)) for seconds, job in versions]
    one_by_one = merged(new_home, files)
    shuffled = merged(new_home, data.draw(st.permutations(files)))
    pd.testing.assert_frame_equal(one_by_one, shuffled)
    in_one_file = merged(new_home, [b"".join(data.draw(st.permutations(files)))])
    pd.testing.assert_frame_equal(one_by_one, in_one_file)
    named = {
        found["serviceResourceId"]["value"].lower()
        for _, job in versions
        for found in (
            *job["attempts"],
            *job.get("preemptionSummary", {}).get("recentPreemptedAttempts", []),
        )
    }
    text = str(one_by_one["attempts"].item()).lower()
    assert text.count("arn:aws:sagemaker") == len(named)
    assert all(arn in text for arn in named)
