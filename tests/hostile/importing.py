"""Imports of hostile files, and what must never happen then: an error without words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from analytics.query import Filters
from data.errors import StokerError
from data.files.mapping import Mapping
from data.ingest.pipeline import ImportFailure, InputFile, ingest_files, uploaded, uploaded_files
from data.store.store import Store
from tests.conftest import T0, ask, describe_job, lines
from tests.hostile.files import HostileFile

GOOD_ACCOUNT = "111122223333"
ASKED = (
    "jobs", "costs", "warm_pool_hit_rate", "keep_alive_advice", "imports", "rejected_rows",
    "coverage", "service_jobs", "utilization", "bill_summary", "price_performance", "share_usage",
)  # fmt: skip


def swallow(store: Store, files: Sequence[HostileFile]) -> list[str]:
    """Import files; return what is wrong with how some were taken or refused."""
    found: list[str] = []
    plain: list[InputFile] = []
    for file in files:
        if file.mapping is None:
            plain += [replace(one, kind=file.kind) for one in _members(file, found)]
        else:
            try:
                mapping = Mapping.parse(file.mapping, "fuzz")
            except StokerError:
                continue
            found += _imported(store, list(_members(file, found)), mapping)
    return found + _imported(store, plain, None)


def _members(file: HostileFile, found: list[str]) -> Iterator[InputFile]:
    """Yield the files in an upload, each named by the number of the hostile file."""
    try:
        for one in uploaded_files(file.name, file.content):
            yield replace(one, name=f"{file.number}-{one.name}"[:300])
    except StokerError as error:
        if not error.what or not error.next_action:
            found.append(f"{file.name}: no reason or no next action")
    except Exception as error:  # noqa: BLE001 - what a test looks for
        found.append(f"{file.name}: {type(error).__name__}: {error}"[:300])


def _imported(store: Store, files: list[InputFile], mapping: Mapping | None) -> list[str]:
    return [
        fault
        for outcome in ingest_files(store, files, mapping=mapping)
        if isinstance(outcome, ImportFailure) and (fault := _fault(outcome))
    ]


def _fault(failed: ImportFailure) -> str:
    """Return what is wrong with a refusal: nothing, if it is one in words."""
    if not failed.reason or not failed.next_action:
        return f"{failed.file_name}: no reason or no next action"
    if failed.error is not None and not isinstance(failed.error, StokerError):
        return failed.reason[:300]
    return ""


def import_good(store: Store) -> None:
    """Import what must still answer the same afterwards."""
    jobs = [
        describe_job(
            f"good-{n}",
            created=1000 * n,
            account=GOOD_ACCOUNT,
            ResourceConfig={"KeepAlivePeriodInSeconds": 900},
        )
        for n in range(40)
    ]
    jobs.append({"TrainingJobName": "no-times"})
    list(ingest_files(store, [uploaded("good.jsonl", lines(*jobs))]))


def answers_of_good(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return the answers about the good jobs alone."""
    # their one day: the time looked at, else, ends with the newest job of all
    day = T0.replace(hour=0)
    of_them = (("account_id", GOOD_ACCOUNT),)
    filters = Filters(since=day, until=day + timedelta(days=1), where=of_them)
    found = {}
    for name in ("jobs", "costs", "warm_pool_hit_rate", "keep_alive_advice", "startup_latency"):
        given = {"by": "all"} if name in ("costs", "warm_pool_hit_rate") else {}
        rows = ask(store, name, filters, **given)
        found[name] = [tuple(map(str, row)) for row in rows.itertuples(index=False)]
    return found


def ask_all(store: Store, names: Sequence[str] = ASKED) -> None:
    """Ask questions about everything that is there."""
    for name in names:
        ask(store, name)
