"""The dataset of metric samples."""

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.metric_samples.cloudwatch import CLOUDWATCH
from data.files.target import Check, Given, target
from data.files.values import ValueKind
from data.tables import TABLES

REQUIRED = ("host_name", "metric_name", "sampled_at", "metric_value")

# per cent of all devices of a host together: of its vCPUs, its GPUs, or of the one there is
MOST_PERCENT = {
    "CPUUtilization": 100 * 1024,
    "GPUUtilization": 100 * 64,
    "GPUMemoryUtilization": 100 * 64,
    "MemoryUtilization": 100,
    "DiskUtilization": 100,
}
_CASES = " ".join(f"when '{name}' then {most}" for name, most in MOST_PERCENT.items())
_MOST = f"case metric_name {_CASES} end"


def _is_recognised(head: Head) -> bool:
    if head.file_format == "json" and head.names & {"metricdataresults", "metricdataqueries"}:
        return True
    # queries as a plain list, as `--metric-data-queries file://` takes them
    if head.file_format == "json" and {"metricstat", "returndata"} & head.names:
        return "trainingjobname" not in head.names
    return head.names.issuperset(REQUIRED)


def _made(given: Given) -> dict[str, str]:
    of_host = f"nullif(regexp_extract({given.sql('host_name')}, '^(.+)/algo-\\d+$', 1), '')"
    return {"job_name": f"coalesce({given.sql('job_name')}, {of_host})"}


DATASET = Dataset(
    kind="metrics",
    label="metric samples",
    target=target(
        TABLES["metric_samples"],
        kinds={"metric_value": ValueKind.SIGNED_NUMBER},
        required=REQUIRED,
        synonyms={
            "host_name": ("host", "hostname", "instance", "node", "dimensionvalue"),
            "job_name": ("trainingjobname", "job"),
            "metric_name": ("metric", "metricname", "name"),
            "statistic_name": ("stat", "statistic", "aggregation"),
            "period_s": ("period", "periodinseconds", "resolution"),
            "sampled_at": ("timestamp", "time", "datetime", "ts", "at", "date"),
            "metric_value": ("value", "average", "avg", "mean"),
            "metric_unit": ("unit",),
            "account_id": ("account", "awsaccountid"),
            "region": ("awsregion",),
        },
        advice={
            "host_name": (
                "Put the queries beside the answer, in a file named as it with .queries.json,"
                " or label each query with host and metric: job-name/algo-1 GPUUtilization."
            ),
            "metric_name": "Name the metric of each sample, as CloudWatch does: GPUUtilization.",
        },
        meanings={
            "host_name": "name the host",
            "metric_name": "name the metric",
            "sampled_at": "say when each sample was taken",
            "metric_value": "hold the value",
        },
        checks=(
            Check(
                f"metric_value > {_MOST}",
                f"metric_name || ' of ' || metric_value || ' is more than ' || {_MOST} || '.'",
                "Check the unit: CloudWatch gives per cent, summed over the devices of a host.",
                about=("metric_name", "metric_value"),
            ),
            Check(
                f"metric_value < 0 and {_MOST} is not null",
                "metric_name || ' of ' || metric_value || ' is negative.'",
                "Correct the number; if it means unknown, name it in null_values in a mapping.",
                about=("metric_name", "metric_value"),
            ),
        ),
        made=_made,
    ),
    policy=WritePolicy.APPEND,
    forms=(CLOUDWATCH,),
    is_recognised=_is_recognised,
    time_column="sampled_at",
)
