"""Taking a file in: land it, check it, merge it; each step safe to repeat."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.datasets.prices import price_file
from data.datasets.training_jobs import aws_json
from data.datasets.training_jobs.merge import merge_jobs, withdraw_run
from data.datasets.training_jobs.record import COLUMNS
from data.errors import StokerError
from data.files import export
from data.files.mapping import Mapping
from data.raw.inputs import HEAD_BYTES, Progress, Source, readable, reported
from data.raw.landing import Event, land_event, land_payload, landed_events
from data.raw.parser import parser
from data.store.home import Home
from data.store.settings import load_settings
from data.store.store import Store

KINDS = ("jobs", "prices")


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of one file."""

    file_name: str
    kind: str
    source: str
    row_count: int
    accepted_count: int
    unchanged_count: int
    rejected_count: int
    ingest_run_id: int
    is_known_file: bool = False


def ingest(
    store: Store,
    source: Source,
    *,
    kind: str | None = None,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    keep_secrets: bool = False,
    now: datetime | None = None,
) -> IngestResult:
    """Take one file in.

    Args:
        kind: jobs or prices; guessed from the content when absent.
        mapping: how the columns of an export are named.
        progress: called with a step's name and its done share, 0 to 1.
        keep_secrets: land the values of HyperParameters and Environment too.

    Raises:
        StokerError: the file as a whole cannot be used. Nothing of it is kept.
    """
    tell = progress or (lambda step, share: None)
    home = store.home
    with readable(source), source.open() as opened:
        head = opened.read(HEAD_BYTES)
    if not head.strip():
        raise StokerError(
            f"{source.name} is empty.", next_action="Export the jobs again, and give that file."
        )
    file_format = export.sniff(head)
    kind = kind or ("prices" if price_file.is_price_file(head) else "jobs")
    content_hash, landed_format = _land(
        home, source, kind, file_format, mapping, tell, keep_secrets=keep_secrets
    )
    event = Event(
        kind=kind,
        file_format=landed_format,
        file_name=source.name,
        content_hash=content_hash,
        suffix=_suffix(file_format),
        mapping_name=mapping.name if mapping else None,
        mapping_text=mapping.to_toml() if mapping else None,
        mapping_hash=mapping.hash if mapping else "",
        fetched_at=now or datetime.now(UTC),
    )
    known = _known_run(store, event)
    if known is not None and not known.is_superseded:
        return replace(known.result, file_name=source.name, is_known_file=True)
    if known is not None:
        event = replace(event, attempt=known.attempt + 1)
    try:
        return _merge(store, event, tell, is_new=True)
    except StokerError:
        if not any(other.content_hash == content_hash for other in landed_events(home)):
            event.payload(home).unlink(missing_ok=True)
        raise


def resume(store: Store, progress: Progress | None = None) -> list[IngestResult]:
    """Merge what was landed but never merged, as after a kill."""
    merged = set(store.frame("select event_name from ingest_runs")["event_name"])
    waiting = [event for event in landed_events(store.home) if event.name not in merged]
    tell = progress or (lambda step, share: None)
    return [_merge(store, event, tell, is_new=False) for event in waiting]


def rebuild(home: Home, progress: Progress | None = None) -> list[IngestResult]:
    """Make the database anew from the landing alone.

    The old file stays until the new one is complete; a rebuild that dies is taken up by `resume`.
    """
    kept = home.database.with_suffix(".before-rebuild")
    for suffix in ("", ".wal"):
        old = Path(f"{home.database}{suffix}")
        if old.exists():
            old.replace(f"{kept}{suffix}")
    store = Store.open(home)
    try:
        results = resume(store, progress)
    finally:
        store.close()
    for suffix in ("", ".wal"):
        Path(f"{kept}{suffix}").unlink(missing_ok=True)
    return results


def _suffix(file_format: str) -> str:
    return {"json": ".jsonl", "parquet": ".parquet", "delimited": ".csv"}[file_format]


def _land(
    home: Home,
    source: Source,
    kind: str,
    file_format: str,
    mapping: Mapping | None,
    tell: Progress,
    *,
    keep_secrets: bool,
) -> tuple[str, str]:
    """Land the payload; return its hash and the format that reads it."""
    tell("Landing", 0.0)
    with readable(source), reported(source, tell) as opened:
        if file_format == "json" and kind == "jobs":
            content_hash, landed = land_payload(
                home,
                ".jsonl",
                lambda target: aws_json.write_landed(
                    opened, target, is_export=mapping is not None, keep_secrets=keep_secrets
                ),
            )
            return content_hash, "json" if landed.is_export else "aws"
        content_hash, _ = land_payload(
            home,
            _suffix(file_format),
            lambda target: export.landed_form(
                opened, target, file_format, mapping=mapping, keep_secrets=keep_secrets
            ),
        )
        return content_hash, file_format


@dataclass(frozen=True, slots=True)
class _Run:
    result: IngestResult
    is_superseded: bool
    attempt: int


def _known_run(store: Store, event: Event) -> _Run | None:
    runs = store.frame(
        """
        select * from ingest_runs
        where content_hash = $content_hash and kind = $kind and mapping_hash = $mapping_hash
        order by ingest_run_id desc limit 1
        """,
        {
            "content_hash": event.content_hash,
            "kind": event.kind,
            "mapping_hash": event.mapping_hash,
        },
    )
    if runs.empty:
        return None
    run = runs.iloc[0]
    result = IngestResult(
        file_name=run.file_name,
        kind=run.kind,
        source=run.source,
        row_count=int(run.row_count),
        accepted_count=0,
        unchanged_count=int(run.accepted_count + run.unchanged_count),
        rejected_count=int(run.rejected_count),
        ingest_run_id=int(run.ingest_run_id),
    )
    return _Run(result, bool(run.is_superseded), int(run.event_name.rsplit("-", 1)[1]))


def _merge(store: Store, event: Event, tell: Progress, *, is_new: bool) -> IngestResult:
    """Check a landed payload and merge it, with its run, in one transaction."""
    home = store.home
    started_at = datetime.now(UTC)
    tell("Checking", 0.0)
    with parser(home) as parsing:
        _stage(parsing, event, home)
        tell("Merging", 0.0)
        if is_new:
            land_event(home, event)
        with store.transaction() as cursor:
            run_id = int(cursor.execute("select nextval('ingest_run_ids')").fetchall()[0][0])
            _supersede(cursor, event)
            rejected = parsing.sql(
                f"""
                select
                    {run_id} as ingest_run_id,
                    {"file_name" if event.file_format == "aws" else "null::varchar"} as file_name,
                    row_number, reason, next_action, "raw"
                from checked where reason is not null
                """
            ).to_arrow_table()
            cursor.register("rejected", rejected)
            cursor.execute(
                """
                insert into rejected_rows
                select ingest_run_id, coalesce(file_name, $file_name), row_number, reason,
                    next_action, "raw"
                from rejected
                """,
                {"file_name": event.file_name},
            )
            cursor.unregister("rejected")
            if event.kind == "prices":
                accepted_count, unchanged_count = price_file.merge(cursor, parsing, run_id), 0
                first_at = last_at = None
            else:
                accepted = parsing.sql(
                    f"select {', '.join(COLUMNS)} from checked where reason is null"
                ).to_arrow_reader(100_000)
                cursor.register("accepted", accepted)
                merged = merge_jobs(
                    cursor,
                    "accepted",
                    ingest_run_id=run_id,
                    fetched_at=event.fetched_at.isoformat(),
                    content_hash=event.content_hash,
                )
                cursor.unregister("accepted")
                accepted_count, unchanged_count = merged.accepted_count, merged.unchanged_count
                first_at, last_at = parsing.execute(
                    "select min(created_at)::varchar, max(created_at)::varchar"
                    " from checked where reason is null"
                ).fetchall()[0]
            result = IngestResult(
                file_name=event.file_name,
                kind=event.kind,
                source=event.file_format,
                row_count=accepted_count + unchanged_count + rejected.num_rows,
                accepted_count=accepted_count,
                unchanged_count=unchanged_count,
                rejected_count=rejected.num_rows,
                ingest_run_id=run_id,
            )
            cursor.execute(
                """
                insert into ingest_runs values (
                    $ingest_run_id, $event_name, $kind, $source, $file_name, $content_hash,
                    $mapping_hash, $mapping_name, $fetched_at, $started_at, $finished_at,
                    $row_count, $accepted_count, $unchanged_count, $rejected_count,
                    $first_created_at, $last_created_at, false
                )
                """,
                {
                    "ingest_run_id": run_id,
                    "event_name": event.name,
                    "kind": event.kind,
                    "source": event.file_format,
                    "file_name": event.file_name,
                    "content_hash": event.content_hash,
                    "mapping_hash": event.mapping_hash,
                    "mapping_name": event.mapping_name,
                    "fetched_at": event.fetched_at,
                    "started_at": started_at,
                    "finished_at": datetime.now(UTC),
                    "row_count": result.row_count,
                    "accepted_count": accepted_count,
                    "unchanged_count": unchanged_count,
                    "rejected_count": result.rejected_count,
                    "first_created_at": first_at,
                    "last_created_at": last_at,
                },
            )
    store.derive()
    tell("Done", 1.0)
    return result


def _stage(parsing: duckdb.DuckDBPyConnection, event: Event, home: Home) -> None:
    path = event.payload(home)
    mapping = (
        Mapping.parse(event.mapping_text, event.mapping_name or "mapping")
        if event.mapping_text
        else None
    )
    if event.kind == "prices":
        price_file.stage(parsing, path, event.file_format)
    elif event.file_format == "aws":
        aws_json.stage(parsing, path, user_tags=load_settings(home).user_tags)
    else:
        export.stage_export(parsing, path, file_format=event.file_format, mapping=mapping)


def _supersede(cursor: duckdb.DuckDBPyConnection, event: Event) -> None:
    """Take back what the same content brought under another mapping."""
    others = cursor.execute(
        """
        select ingest_run_id from ingest_runs
        where content_hash = $content_hash and kind = $kind and not is_superseded
        """,
        {"content_hash": event.content_hash, "kind": event.kind},
    ).fetchall()
    for (run_id,) in others:
        withdraw_run(cursor, run_id)
        cursor.execute("delete from prices where ingest_run_id = $run_id", {"run_id": run_id})
        cursor.execute(
            "update ingest_runs set is_superseded = true where ingest_run_id = $run_id",
            {"run_id": run_id},
        )
