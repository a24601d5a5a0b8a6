"""How long the search of all candidates takes for one workload: python bench/instance_groups.py

The workload trains on ml.g4dn.xlarge, which has most larger hosts (five) to combine with CPU hosts.
"""

import tempfile
import time
from pathlib import Path

from measuring import timed

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.instance_groups.advice_rows import advices
from analytics.query import Filters, run_query
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader

TIMES = 5
RUNS = b"""\
workload,configuration,instance_groups,step_time_ms,cpu_utilization_ratio,gpu_utilization_ratio
vision,now,ml.g4dn.xlarge x1,900,1,0.3
vision,larger,ml.g4dn.4xlarge x1,310,0.95,0.8
vision,added,ml.g4dn.xlarge x1 + ml.c5.2xlarge x1,400,,
"""


def main() -> None:
    """Print the median time of the search, and of the whole query with its rows."""
    query = query_named("instance_group_advice")
    with tempfile.TemporaryDirectory() as folder:
        store = open_home(Home(Path(folder)).create(), derivation=derive)
        ingest(store, uploaded("runs.csv", RUNS))
        reader = Reader(store)
        rows = run_query(reader, query)
        search_s = timed(lambda: advices(reader, Filters(), query.values({})), times=TIMES)
        began_cpu = time.process_time()
        query_s = timed(lambda: run_query(reader, query), times=TIMES)
        cpu_s = (time.process_time() - began_cpu) / TIMES
        store.close()
    print(f"{len(rows):,} candidates of one workload")
    print(f"search {search_s:.3f} s; query with its rows {query_s:.3f} s, CPU time {cpu_s:.3f} s")


if __name__ == "__main__":
    main()
