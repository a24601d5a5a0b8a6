"""Ingest of a million jobs, JSON lines and Parquet, beside DuckDB's typed read of the same file."""

import tempfile
from functools import partial
from pathlib import Path

import duckdb
from histories import write_describe_lines, write_parquet_export
from measuring import Row, peak_memory_gib, timed

from data.datasets.answers import sql_type
from data.datasets.training_jobs.aws_record import RECORD
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files
from data.store.home import Home

JOBS = 1_000_000


def main() -> None:
    """Print one row a format."""
    with tempfile.TemporaryDirectory() as folder:
        json_path, parquet_path = Path(folder) / "jobs.jsonl", Path(folder) / "jobs.parquet"
        write_describe_lines(json_path, jobs=JOBS)
        write_parquet_export(parquet_path, jobs=JOBS)
        columns = ", ".join(f"\"{name}\": '{sql_type(spec)}'" for name, spec in RECORD.items())
        reads = {
            json_path: f"read_json($path, format = 'newline_delimited', columns = {{{columns}}})",
            parquet_path: "read_parquet($path)",
        }
        for path, read in reads.items():
            with duckdb.connect() as plain:
                made = f"create table t as from {read}"
                baseline = timed(partial(plain.execute, made, {"path": str(path)}))
            home = Home(Path(folder) / f"home-{path.suffix[1:]}").create()
            store = open_home(home)
            (source,) = input_files(path)
            seconds = timed(partial(ingest, store, source))
            store.close()
            size_mb = path.stat().st_size / 1e6
            print(
                Row(
                    f"ingest {JOBS:,} jobs, {path.suffix[1:]}, {size_mb:,.0f} MB",
                    seconds,
                    "typed read",
                    baseline,
                    "aim: within 10 x" if path == json_path else "",
                )
            )
        print(f"peak memory {peak_memory_gib():.1f} GiB")


if __name__ == "__main__":
    main()
