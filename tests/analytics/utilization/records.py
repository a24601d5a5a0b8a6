"""Jobs and samples as files: what the tests of utilization import."""

from collections.abc import Iterable
from dataclasses import dataclass

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import at

JOB_COLUMNS = (
    "job_name,account_id,region,created_at,training_started_at,training_ended_at,status,"
    "instance_type,instance_count,share_name,user_name,queue_name"
)
SAMPLE_COLUMNS = "host_name,metric_name,sampled_at,metric_value,period_s,statistic_name"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of an export; times are seconds after T0."""

    name: str
    start_s: float
    end_s: float
    instance_type: str = "ml.g5.12xlarge"
    instance_count: int = 1
    share: str = "s"
    user: str = "u"
    queue: str = "q"

    @property
    def line(self) -> str:
        return ",".join(
            [
                self.name, "123456789012", "us-east-1", at(self.start_s - 60), at(self.start_s),
                at(self.end_s), "Completed", self.instance_type, str(self.instance_count),
                self.share, self.user, self.queue,
            ]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a host of a job; its start is in seconds after T0."""

    job: str
    host: int
    at_s: float
    value: float
    metric: str = "GPUUtilization"
    period_s: int | None = 60
    statistic: str = "Average"

    @property
    def line(self) -> str:
        period = "" if self.period_s is None else str(self.period_s)
        host = f"{self.job}/algo-{self.host}"
        return f"{host},{self.metric},{at(self.at_s)},{self.value!r},{period},{self.statistic}"


def minutes(
    job: str, host: int, values: Iterable[float], *, first_s: float = 0, metric: str = "GPU"
) -> list[Sample]:
    """Return one sample a minute, one after the other."""
    return [
        Sample(job, host, first_s + 60 * place, value, f"{metric}Utilization")
        for place, value in enumerate(values)
    ]


def take_jobs(store: Store, *jobs: Job, name: str = "jobs.csv") -> ImportResult:
    """Import jobs as an export."""
    return ingest(store, uploaded(name, _file(JOB_COLUMNS, jobs)), kind="jobs")


def take_samples(store: Store, *samples: Sample, name: str = "samples.csv") -> ImportResult:
    """Import samples as an export."""
    return ingest(store, uploaded(name, _file(SAMPLE_COLUMNS, samples)), kind="metrics")


def _file(header: str, rows: Iterable[Job | Sample]) -> bytes:
    return "\n".join([header, *(row.line for row in rows), ""]).encode()
