"""Marks of queues of which something that is derived is out of date."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# a queue with an open end is out of date from there on
_SPAN = """
    min({start}),
    case when count(*) = count({end}) then max({end}) end
"""


def mark_span(
    cursor: "duckdb.DuckDBPyConnection", rows: str, *, queue: str, start: str, end: str
) -> None:
    """Mark the queues of some jobs from the first start to the last end."""
    span = _SPAN.format(start=start, end=end)
    cursor.execute(f"insert into stale_queues select {queue}, {span} from {rows} group by {queue}")


def mark_queues(cursor: "duckdb.DuckDBPyConnection") -> None:
    """Mark the queues that the records in `changed` are about; of none, all that are known."""
    cursor.execute(
        """
        insert into stale_queues
        select distinct queue_name, null, null from changed where queue_name is not null
        """
    )
    unnamed = "select 1 from changed where queue_name is null"
    mark_all(cursor, where=f"where exists ({unnamed})")


def mark_all(cursor: "duckdb.DuckDBPyConnection", where: str = "") -> None:
    """Mark every queue that any record names."""
    cursor.execute(
        f"""
        insert into stale_queues
        select queue_name, null, null
        from (
            select queue_name from training_jobs where queue_name is not null
            union
            select queue_name from service_jobs where queue_name is not null
            union
            select queue_name from job_queue_records where queue_name is not null
            union
            select queue_name from capacity_records where queue_name is not null
        )
        {where}
        """
    )
