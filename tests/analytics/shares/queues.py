"""Queues for tests: jobs as an export has them, and capacities, quotas and policies beside them."""

from datetime import datetime, timedelta
from typing import Any

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import T0

COLUMNS = (
    "job_name", "queue_name", "share_name", "scheduling_priority", "created_at", "scheduled_at",
    "training_started_at",
    "training_ended_at", "status", "instance_count", "instance_type", "accelerator_count",
    "gpu_utilization_ratio", "capacity_instance_count", "user_name",
)  # fmt: skip


def moment(seconds: float) -> datetime:
    """Return an instant, in seconds after T0."""
    return T0 + timedelta(seconds=seconds)


def job(
    name: str, share: str, created: float, start: float | None, end: float | None, size: int = 1,
    **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    """Return a job of an export: times are seconds after T0."""
    return {
        "job_name": name,
        "queue_name": "q",
        "share_name": share,
        "created_at": moment(created).isoformat(),
        "scheduled_at": "" if start is None else moment(start).isoformat(),
        "training_started_at": "" if start is None else moment(start).isoformat(),
        "training_ended_at": "" if end is None else moment(end).isoformat(),
        "instance_count": size,
        "status": "InProgress" if end is None else "Completed",
        **fields,
    }  # fmt: skip


def csv(*jobs: dict[str, Any]) -> bytes:
    """Return jobs as an export."""
    rows = [",".join(str(one.get(name, "")) for name in COLUMNS) for one in jobs]
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def import_jobs(store: Store, *jobs: dict[str, Any], name: str = "jobs.csv") -> None:
    """Import an export of jobs."""
    ingest(store, uploaded(name, csv(*jobs)))


def add(store: Store, table: str, *rows: dict[str, Any]) -> None:
    """Merge observations as their datasets do, and derive what they change."""
    insert(store, *((table, row) for row in rows))
    store.derive()


def insert(store: Store, *rows: tuple[str, dict[str, Any]]) -> None:
    """Merge observations: tables and rows."""
    with store.transaction() as cursor:
        for table, row in rows:
            names, marks = ", ".join(row), ", ".join(f"${name}" for name in row)
            cursor.execute(f"insert into {table} ({names}, import_id) values ({marks}, 1)", row)
            queue = {"queue": row.get("queue_name", "q")}
            cursor.execute("insert into stale_queues values ($queue, null, null)", queue)


def capacity(amount: float, share: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a capacity of the queue, or the quota of a share."""
    return {
        "queue_name": "q", "share_name": share, "instance_type": None, "observed_at": None,
        "capacity": amount, "capacity_unit": "instances", **fields,
    }  # fmt: skip


def fair_share(store: Store, weights: dict[str, float]) -> None:
    """Give the queue a fair-share policy."""
    add(store, "job_queue_records", {
        "account_id": "1", "region": "r", "queue_name": "q", "observed_at": T0,
        "scheduling_policy_arn": "ARN:policy",
    })  # fmt: skip
    add(store, "scheduling_policy_records", {
        "account_id": "1", "region": "r", "policy_name": "p", "policy_arn": "arn:policy",
        "share_kind": "fair_share", "observed_at": T0,
        "share_weights": [{"share_name": name, "weight_factor": weight}
                          for name, weight in weights.items()],
    })  # fmt: skip
