"""Every column, declared once, whichever tables and answers have it; one file a subject."""

from collections.abc import Iterable

from data.tables.columns import (
    advice,
    benchmarks,
    bills,
    costs,
    groups,
    imports,
    instance_groups,
    jobs,
    keep_alive,
    merging,
    pools,
    queues,
    quotas,
    reference,
    samples,
    share_replay,
    share_settings,
    shares,
    startup,
    sync,
    timeline,
    tuning,
    utilization,
)
from data.tables.declaration import Column


def by_name(columns: Iterable[Column]) -> dict[str, Column]:
    """Return columns by their names.

    >>> by_name([Column("job_count", "bigint", "Number of jobs")]).keys()
    dict_keys(['job_count'])
    >>> by_name([Column("a", "bigint", "One"), Column("a", "bigint", "Other")])
    Traceback (most recent call last):
    ValueError: column 'a' is declared twice

    Raises:
        ValueError: two columns have the same name.
    """
    found: dict[str, Column] = {}
    for column in columns:
        if column.name in found:
            message = f"column {column.name!r} is declared twice"
            raise ValueError(message)
        found[column.name] = column
    return found


COLUMNS: dict[str, Column] = by_name(
    column
    for subject in (
        jobs,
        pools,
        groups,
        startup,
        costs,
        bills,
        keep_alive,
        merging,
        quotas,
        timeline,
        imports,
        reference,
        samples,
        share_replay,
        benchmarks,
        instance_groups,
        tuning,
        queues,
        shares,
        utilization,
        share_settings,
        sync,
        advice,
    )
    for column in subject.COLUMNS
)
