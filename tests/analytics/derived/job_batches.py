"""Batches of job records on a coarse clock, and derived tables as rows that stores can share."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from data.store.store import Store

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NAMES = [f"job-{number}" for number in range(12)]
KEY = ("account_id", "region", "job_name")

Record = dict[str, Any]
Batch = dict[tuple[str, str, str], Record | None]  # None: withdrawn


def at(seconds: int | None) -> datetime | None:
    """Return an instant so many seconds after T0."""
    return None if seconds is None else T0 + timedelta(seconds=seconds)


GROUP = {"group_name": None, "instance_type": "ml.g5.xlarge", "instance_count": 1}
REFUSAL = {
    "secondary_status": "Completed",
    "started_at": T0,
    "ended_at": T0,
    "status_message": "Instances not retained",
}
ODDITIES: list[Record] = [
    {"account_id": "2"},
    {"record_kind": "export"},
    {"training_started_at": None, "first_training_at": None},
    {"training_ended_at": None, "status": "InProgress"},
    {"role_arn": None},
    {"role_arn": "role/b"},
    {"has_network_isolation": True, "role_arn": "role/c"},
    {"instance_groups": []},
    {"instance_groups": [GROUP, GROUP]},
    {"instance_groups": [{**GROUP, "instance_type": "ml.c5.xlarge"}]},
    {"instance_groups": [{**GROUP, "instance_count": 2}]},
    {"is_spot": True},
    {"training_plan_arn": "plan"},
    {"input_mode": None},
    {"input_mode": "FastFile"},
    {"keep_alive_period_s": None},
    {"keep_alive_period_s": 0},
    {"retained_s": 0.0, "warm_pool_status": "Terminated"},
    {"retained_s": 3.0},
    {"status_transitions": [REFUSAL]},
    {"pool_key": "own-key"},
    {"pool_key": "own-key", "instance_groups": [{**GROUP, "instance_type": "ml.c5.xlarge"}]},
    {"scheduled_at": at(12)},
]
mostly = st.sampled_from([True] * 5 + [False])


@st.composite
def records(draw: st.DrawFn, pool_count: int, last_request: int) -> Record:
    """Draw one job's record: of so many pools, on a coarse clock, and now and then odd."""
    created = draw(st.integers(0, last_request))
    started = created + draw(st.sampled_from([4, 4, 1, 0]))
    record = {
        "account_id": "1",
        "region": "us-east-1",
        "job_name": draw(st.sampled_from(NAMES)),
        "record_kind": "describe",
        "created_at": at(created),
        "training_started_at": at(started),
        "first_training_at": at(started + draw(st.sampled_from([4, 1]))),
        "training_ended_at": at(started + draw(st.integers(0, 8))),
        "status": "Completed",
        "role_arn": "role/a",
        "instance_groups": [GROUP],
        "volume_size_gib": 30.0 + draw(st.integers(1, pool_count)),
        "input_mode": "File",
        "keep_alive_period_s": draw(st.sampled_from([20, 20, 5])),
    }
    if draw(st.sampled_from([False, False, True])):
        record["reused_by_job_name"] = draw(st.sampled_from([*NAMES, "elsewhere"]))
    return record if draw(mostly) else {**record, **draw(st.sampled_from(ODDITIES))}


@st.composite
def batches(draw: st.DrawFn) -> list[Batch]:
    """Draw a batch of some jobs, then small ones: new or changed jobs, and some withdrawn."""
    # in a short time clusters of all jobs meet, in a long one only some
    shape = draw(st.sampled_from([(6, 30), (6, 150), (3, 60), (1, 60)]))
    first = draw(st.lists(records(*shape), min_size=6, max_size=16))
    changes = st.lists(
        st.tuples(records(*shape), st.sampled_from([True, True, False])), min_size=1, max_size=5
    )
    steps = [[(record, True) for record in first], *draw(st.lists(changes, min_size=1, max_size=3))]
    return [
        {tuple(record[name] for name in KEY): record if stays else None for record, stays in step}
        for step in steps
    ]


def merge(store: Store, batch: Mapping[tuple[str, str, str], Record | None]) -> None:
    """Merge a batch as the pipeline does: a known job keeps its number, and becomes stale."""
    with store.transaction() as cursor:
        for key, record in batch.items():
            named = dict(zip(KEY, key, strict=True))
            where = "where account_id = $account_id and region = $region and job_name = $job_name"
            known = cursor.execute(f"select job_id from training_jobs {where}", named).fetchall()
            cursor.execute(f"delete from training_jobs {where}", named)
            if known:
                job_id = known[0][0]
            elif record is None:
                continue
            else:
                job_id = cursor.execute("select nextval('job_ids')").fetchall()[0][0]
            cursor.execute("insert into stale_jobs values ($job_id)", {"job_id": job_id})
            if record is not None:
                _insert(cursor, {**record, "job_id": job_id, "version_count": 1})


def _insert(cursor: Any, row: Record) -> None:
    schema = cursor.sql("from training_jobs limit 0").to_arrow_table().schema
    fields = pa.schema([schema.field(name) for name in row])
    cursor.register("row_to_insert", pa.Table.from_pylist([row], fields))
    cursor.execute("insert into training_jobs by name from row_to_insert")
    cursor.unregister("row_to_insert")


def empty(store: Store) -> None:
    """Take all jobs away, and what was derived from them."""
    tables = "training_jobs stale_jobs job_facts pools pool_savings pool_startups family_startups"
    with store.transaction() as cursor:
        for table in tables.split():
            cursor.execute(f"truncate {table}")


_NAME = "(select job_name from training_jobs as named where named.job_id = job_facts.{})"
_BY_NAME = {
    "job_facts": f"""
        select
            * exclude (job_id, pool_id, donor_job_id, unlimited_donor_job_id),
            pool_id is not null as has_pool,
            {_NAME.format("donor_job_id")} as donor_by_number,
            {_NAME.format("unlimited_donor_job_id")} as unlimited_donor
        from job_facts
    """,
    "pools": "select * exclude (pool_id) from pools",
    "pool_startups": """
        select pool_startups.* exclude (pool_id), pool_key, account_id, region
        from pool_startups left join pools using (pool_id)
    """,
    "family_startups": "from family_startups",
    "pool_savings": """
        select pool_savings.* exclude (pool_id), pool_key, account_id, region
        from pool_savings left join pools using (pool_id)
    """,
}


def derived_rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every derived table as sorted rows, numbers of jobs and pools replaced by names."""
    return {name: _rows(store, sql) for name, sql in _BY_NAME.items()}


def _rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.cursor() as cursor:
        cursor.execute(f"select columns(*)::varchar from ({sql}) order by all")
        return cursor.fetchall()


def all_in_one(batches: Iterable[Batch]) -> Batch:
    """Return what is left after several batches, the last job first."""
    left: Batch = {}
    for batch in batches:
        left |= batch
    return {key: record for key, record in reversed(left.items()) if record is not None}
