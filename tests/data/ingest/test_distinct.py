"""Whether samples are distinct is seen without counting their keys, and never wrongly."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ingest import grid
from data.ingest.order import are_distinct

Rows = list[tuple[str, int]]

SECOND_US = 1_000_000


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def written(path: Path, rows: Rows) -> Path:
    hosts, times = zip(*rows, strict=True)
    table = {
        "host": pa.array(hosts, pa.string()),
        "sampled_at": pa.array(times, pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(table), path)
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(-30, 30)), min_size=1, max_size=40),
    step_us=st.sampled_from([60 * SECOND_US, SECOND_US, 7_000]),
    phase_us=st.sampled_from([0, 12_345]),
)
def test_rows_with_one_key_are_never_taken_for_distinct(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, rows: Rows, step_us: int, phase_us: int
) -> None:
    placed = [(host, phase_us + step_us * place) for host, place in rows]
    path = written(tmp_path / "rows.parquet", placed)
    has_twins = len(set(rows)) < len(rows)
    assert not (are_distinct(connection, path, ["host"], "sampled_at") and has_twins)
    on_grid = grid.are_on_grid_once(connection, path, ["host"], "sampled_at")
    if step_us >= SECOND_US:
        assert on_grid is not has_twins  # whatever the order
    elif on_grid:
        assert not has_twins


def test_a_grid_that_memory_does_not_hold_is_not_laid_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "rows.parquet", [("b", 0), ("a", 9000 * SECOND_US), ("a", 0)])
    assert grid.are_on_grid_once(connection, path, ["host"], "sampled_at")
    monkeypatch.setattr(grid, "MOST_BYTES", 10)
    assert not grid.are_on_grid_once(connection, path, ["host"], "sampled_at")


def test_few_rows_over_many_years_are_not_laid_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    year_us = 366 * 86_400 * SECOND_US
    path = written(tmp_path / "rows.parquet", [("a", 0), ("a", year_us + SECOND_US)])
    assert not grid.are_on_grid_once(connection, path, ["host"], "sampled_at")
    assert are_distinct(connection, path, ["host"], "sampled_at")
