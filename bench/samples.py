"""Import of ten million metric samples beside DuckDB's own read and write of the same file.

Samples as an exporter writes them (host by host) and as a monitor does (minute by minute); the
third file has a column of another name, which a mapping reads, so that its rows are written anew.
"""

import tempfile
from functools import partial
from pathlib import Path

import duckdb
from measuring import Row, peak_memory_gib, timed

from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest, input_files
from data.store.home import Home

SAMPLES = 10_000_000
BY_HOST, BY_MINUTE = "host_name, metric_name, sampled_at", "sampled_at, host_name, metric_name"
FILES = {
    "host by host": (BY_HOST, "host_name"),
    "minute by minute": (BY_MINUTE, "host_name"),
    "host by host, mapped": (BY_HOST, "node"),
}
COLUMNS = (
    "host_name",
    "job_name",
    "metric_name",
    "statistic_name",
    "period_s",
    "sampled_at",
    "metric_value",
)

_SAMPLES = """
select
    concat('train-job-', host // 4, '/algo-', 1 + host % 4) as host_name,
    concat('train-job-', host // 4) as job_name,
    ['GPUUtilization', 'CPUUtilization'][1 + metric] as metric_name,
    'Average' as statistic_name,
    60 as period_s,
    to_timestamp(1772438400 + 60 * minute) as sampled_at,
    (hash(host, metric, minute) % 40000) / 100.0 as metric_value
from range(100) as hosts(host), range(2) as metrics(metric), range({minutes}) as minutes(minute)
order by {order}
"""


def _mapping(host: str) -> Mapping:
    """Return the mapping of a file in which the host has another name."""
    named = {name: host if name == "host_name" else name for name in COLUMNS}
    lines = ['kind = "metrics"', "[columns]"]
    lines += [f'{name} = "{column}"' for name, column in named.items()]
    return Mapping.parse("\n".join(lines), "samples")


def main() -> None:
    """Print one row an order of samples."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as plain:
        plain.execute("set timezone = 'UTC'")
        for number, (name, (order, host)) in enumerate(FILES.items()):
            path, copied = Path(folder) / "samples.parquet", Path(folder) / "copied.parquet"
            query = _SAMPLES.format(minutes=SAMPLES // 200, order=order)
            renamed = f"select * rename (host_name as {host}) from ({query})"
            plain.execute(f"copy ({renamed}) to '{path}' (format parquet)")
            mapping = None if host == "host_name" else _mapping(host)
            copy = f"copy (from '{path}') to '{copied}' (format parquet)"
            baseline = min(timed(partial(plain.execute, copy)) for _ in range(3))
            seconds = []
            for time in range(3):
                home = Home(Path(folder) / f"home-{number}-{time}").create()
                store = open_home(home)
                (file,) = input_files(path)
                seconds.append(timed(partial(ingest, store, file, mapping=mapping)))
                store.close()
            print(
                Row(
                    f"import {SAMPLES:,} samples, {name}, {path.stat().st_size / 1e6:,.0f} MB",
                    min(seconds),
                    "read and write",
                    baseline,
                    "aim: within 2 x",
                )
            )
        print(f"peak memory {peak_memory_gib():.1f} GiB")


if __name__ == "__main__":
    main()
