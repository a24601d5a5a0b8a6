"""Whether samples at regular times are distinct: a bit for each time of each series."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.tables.quoting import literal

# the times of samples are a whole number of these apart, or this does not tell
TICKS_US = (60_000_000, 1_000_000)
MOST_BYTES = 2**28
# few rows over many years would need bits that are nearly all empty
LEAST_BYTES, MOST_BYTES_A_ROW = 2**20, 64


def are_on_grid_once(
    connection: duckdb.DuckDBPyConnection, path: Path, series: Sequence[str], moment: str
) -> bool:
    """Whether each series has one row at most at each tick, and no row between ticks.

    The order of the rows does not matter. False does not mean that there are equal keys.
    """
    read = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    first_us, last_us = connection.execute(
        f"select epoch_us(min({moment})), epoch_us(max({moment})) from {read}"
    ).fetchall()[0]
    rows = (
        f"select hash({', '.join(series)}) as series, epoch_us({moment}) as moment_us from {read}"
    )
    on_ticks = (f"bool_and((moment_us - {first_us}) % {tick} = 0)" for tick in TICKS_US)
    row_count, series_count, *fits = connection.execute(
        f"select count(*), approx_count_distinct(series), {', '.join(on_ticks)} from ({rows})"
    ).fetchall()[0]
    tick_us = next((tick for tick, fit in zip(TICKS_US, fits, strict=True) if fit), None)
    if tick_us is None:
        return False
    tick_count = (last_us - first_us) // tick_us + 1
    most_bytes = min(MOST_BYTES, max(LEAST_BYTES, MOST_BYTES_A_ROW * row_count))
    if tick_count * series_count > most_bytes * 8:
        return False
    # of two series with one hash, or of two rows at one tick, one bit is missing
    tick = f"(moment_us - {first_us}) // {tick_us}"
    is_once = connection.execute(
        f"""
        select bool_and(row_count = bit_count) from (
            select
                count(*) as row_count,
                bit_count(bitstring_agg({tick}, 0::bigint, {tick_count - 1}::bigint)) as bit_count
            from ({rows}) group by series
        )
        """
    ).fetchall()[0][0]
    return bool(is_once)
