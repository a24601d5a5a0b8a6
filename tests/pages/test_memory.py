"""What is remembered: for one version, bounded, and computed once however many ask."""

import threading
import time

import pytest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from pages.kit.cache import query_rows
from pages.kit.memory import Memory
from tests.conftest import describe_job, lines


def test_a_new_version_is_read_anew(store: Store) -> None:
    reader = Reader(store)
    ingest(store, uploaded("a.jsonl", lines(describe_job("a"))))
    assert query_rows(reader, "coverage")["job_count"].sum() == 1
    ingest(store, uploaded("b.jsonl", lines(describe_job("b"))))
    assert query_rows(reader, "coverage")["job_count"].sum() == 2


def test_a_snapshot_remembers_what_its_version_said(store: Store) -> None:
    reader = Reader(store)
    ingest(store, uploaded("a.jsonl", lines(describe_job("a"))))
    with reader.snapshot():
        assert query_rows(reader, "coverage")["job_count"].sum() == 1
        ingest(store, uploaded("b.jsonl", lines(describe_job("b"))))
        assert query_rows(reader, "coverage")["job_count"].sum() == 1
        assert query_rows(reader, "pools")["job_count"].sum() == 1
    assert query_rows(reader, "coverage")["job_count"].sum() == 2


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    memory = Memory(most_entries=2, most_bytes=100)
    computed: list[str] = []

    def ask(key: str) -> None:
        memory.remember(key, lambda: computed.append(key), lambda _: 1)

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert computed == ["a", "b", "c", "b"]


def test_bytes_are_bounded_too() -> None:
    memory = Memory(most_entries=100, most_bytes=10)
    computed: list[int] = []
    for number in (1, 2, 3, 2, 1):
        memory.remember(number, lambda number=number: computed.append(number), lambda _: 5)
    assert computed == [1, 2, 3, 1]


def test_many_who_ask_at_once_have_it_computed_once() -> None:
    memory = Memory(most_entries=10, most_bytes=10)
    computed: list[int] = []
    answers: list[int] = []

    def compute() -> int:
        time.sleep(0.05)
        computed.append(1)
        return 7

    threads = [
        threading.Thread(target=lambda: answers.append(memory.remember("a", compute, lambda _: 1)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (computed, answers) == ([1], [7] * 8)


def test_what_fails_is_not_remembered() -> None:
    memory = Memory(most_entries=10, most_bytes=10)

    def fail() -> int:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        memory.remember("a", fail, lambda _: 1)
    assert memory.remember("a", lambda: 7, lambda _: 1) == 7
