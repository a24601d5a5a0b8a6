"""Import of ten million metric samples beside DuckDB's own read and write of the same file.

Samples as an exporter writes them (host by host) and as a monitor does (minute by minute).
"""

import tempfile
from functools import partial
from pathlib import Path

import duckdb
from measuring import Row, peak_memory_gib, timed

from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest, input_files
from data.store.home import Home

SAMPLES = 10_000_000
ORDERS = {
    "host by host": "host_name, metric_name, sampled_at",
    "minute by minute": "sampled_at, host_name, metric_name",
}

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


def main() -> None:
    """Print one row an order of samples."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as plain:
        plain.execute("set timezone = 'UTC'")
        for name, order in ORDERS.items():
            path, copied = Path(folder) / "samples.parquet", Path(folder) / "copied.parquet"
            query = _SAMPLES.format(minutes=SAMPLES // 200, order=order)
            plain.execute(f"copy ({query}) to '{path}' (format parquet)")
            copy = f"copy (from '{path}') to '{copied}' (format parquet)"
            baseline = min(timed(partial(plain.execute, copy)) for _ in range(3))
            seconds = []
            for number in range(3):
                home = Home(Path(folder) / f"home-{number}-{name[:4]}").create()
                store = open_home(home)
                (file,) = input_files(path)
                seconds.append(timed(partial(ingest, store, file)))
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
