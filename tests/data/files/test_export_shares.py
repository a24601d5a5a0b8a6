"""Job exports with queues, shares and priorities keep all of it."""

from data.files.mapping import Mapping
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import at

COLUMNS = (
    "job_name, queue_name, share_name, scheduling_priority, capacity_instance_count, input_seq,"
    " epoch(scheduled_at - created_at) as wait_s, gpu_utilization_ratio, cpu_utilization_ratio"
)
EXPECTED = [
    ("a", "gpus", "vision", 90, 100, 1, 30.0, 0.5, 0.25),
    ("b", "gpus", "speech", -5, 120, 2, 0.0, None, None),
]


def rows(store: Store) -> list[tuple[object, ...]]:
    found = store.frame(f"select {COLUMNS} from training_jobs order by job_name").astype(object)
    return [tuple(row) for row in found.where(found.notna(), None).itertuples(index=False)]


def test_canonical_columns_need_no_mapping(store: Store) -> None:
    content = (
        "job_name,created_at,scheduled_at,queue_name,share_name,scheduling_priority,"
        "capacity_instance_count,gpu_utilization_ratio,cpu_utilization_ratio\n"
        f"a,{at(0)},{at(30)},gpus,vision,90,100,0.5,0.25\n"
        f"b,{at(5)},{at(5)},gpus,speech,-5,120,,\n"
    ).encode()
    assert ingest(store, uploaded("jobs.csv", content)).accepted_count == 2
    assert rows(store) == EXPECTED


def test_a_mapping_reads_them_from_other_columns(store: Store) -> None:
    mapping = Mapping.parse(
        """
        format = { delimiter = "|" }
        time_zone = "UTC"
        [columns]
        job_name = "JobID"
        created_at = "Submit"
        scheduled_at = "Eligible"
        queue_name = "Partition"
        share_name = "Account"
        scheduling_priority = "Priority"
        capacity_instance_count = "Nodes"
        gpu_utilization_ratio = { column = "GPU", scale = 0.01 }
        cpu_utilization_ratio = { column = "CPU", scale = 0.01 }
        """,
        "sacct",
    )
    content = (
        b"JobID|Submit|Eligible|Partition|Account|Priority|Nodes|GPU|CPU\n"
        b"a|2026-03-02 08:00:00|2026-03-02 08:00:30|gpus|vision|90|100|50|25\n"
        b"b|2026-03-02 08:00:05|2026-03-02 08:00:05|gpus|speech|-5|120||\n"
    )
    result = ingest(store, uploaded("sacct.txt", content), mapping=mapping)
    assert result.accepted_count == 2
    assert rows(store) == EXPECTED
