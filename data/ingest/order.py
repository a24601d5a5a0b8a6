"""Whether times or order of samples show that they are distinct: counting keys takes longer."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.ingest.grid import are_on_grid_once
from data.tables.quoting import literal

# with shorter runs, looking at each takes as long as counting
SHORTEST_RUN_ROWS = 10


def are_distinct(
    connection: duckdb.DuckDBPyConnection, path: Path, series: Sequence[str], moment: str
) -> bool:
    """Whether it shows soon that no two rows of a Parquet file have the same key.

    The key is the columns of `series`, and `moment`. False does not mean that there are equal keys.
    """
    return are_on_grid_once(connection, path, series, moment) or is_in_order(
        connection, path, series, moment
    )


def is_in_order(
    connection: duckdb.DuckDBPyConnection, path: Path, series: Sequence[str], moment: str
) -> bool:
    """Whether the order of the rows of a Parquet file shows that none has another's key.

    The key is the columns of `series`, and `moment`. A run is rows of one series, one after the
    other. It is shown where time goes one way in each run and runs of one series do not overlap;
    also where rows ascend by time, then series. False does not mean that there are equal keys.
    """
    rows = f"""
        select
            hash({", ".join(series)}) as series,
            {moment} as moment,
            ({", ".join(f"coalesce({name}::varchar, '')" for name in series)}) as place
        from read_parquet({literal(str(path))}, hive_partitioning = false)
    """
    pairs = f"""
        select
            series,
            moment,
            series is distinct from lag(series) over () as is_head,
            lag(moment) over () as moment_before
            {{more}}
        from ({rows})
    """
    row_count, run_count, is_descending = connection.execute(
        f"""
        select count(*), count(*) filter (is_head), count(*) filter (moment < moment_before) > 0
        from ({pairs.format(more="")})
        """
    ).fetchall()[0]
    if row_count >= run_count * SHORTEST_RUN_ROWS:
        return _are_runs_apart(connection, pairs.format(more=""))
    if is_descending:
        return False
    place_before = ", place, lag(place) over () as place_before"
    repeated = connection.execute(
        f"""
        select count(*) from ({pairs.format(more=place_before)})
        where moment = moment_before and place <= place_before
        """
    ).fetchall()
    return not repeated[0][0]


def _are_runs_apart(connection: duckdb.DuckDBPyConnection, pairs: str) -> bool:
    rows = connection.execute(
        f"""
        with numbered as (
            select *, count(*) filter (is_head) over (rows unbounded preceding) as run
            from ({pairs})
        ),
        runs as (
            select
                any_value(series) as series,
                min(moment) as first_at,
                max(moment) as last_at,
                count(*) filter (not is_head and moment <= moment_before) = 0
                    or count(*) filter (not is_head and moment >= moment_before) = 0 as is_one_way
            from numbered
            group by run
        ),
        neighbours as (
            select
                is_one_way,
                first_at <= lag(last_at) over (partition by series order by first_at)
                    as is_overlapping
            from runs
        )
        select count(*) filter (not is_one_way or is_overlapping) from neighbours
        """
    ).fetchall()
    return not rows[0][0]
