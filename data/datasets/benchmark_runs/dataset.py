"""The dataset of benchmark runs: workload, configuration, its instances, and a step time."""

import csv
import io
from importlib.resources import files

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.files.target import Check, target
from data.files.values import ValueKind, ceiling
from data.tables import TABLES
from data.tables.quoting import literals

REQUIRED = ("workload", "configuration", "instance_groups", "step_time_ms")
# with these, rows are jobs that also say how fast they were
JOB_NAMES = frozenset({"job_name", "created_at"})

_NEAR_COUNT = 3
_MOST_INSTANCES = ceiling("instance_count")


def _is_recognised(head: Head) -> bool:
    return head.names.issuperset(REQUIRED) and not head.names.issuperset(JOB_NAMES)


def _known_types() -> str:
    """Return SQL for the list of the instance types that ship with Stoker."""
    text = (files("data") / "reference" / "instance_specs.csv").read_text(encoding="utf-8")
    names = sorted(row["instance_type"] for row in csv.DictReader(io.StringIO(text)))
    return f"[{literals(names)}]"


_TYPES = _known_types()
_UNKNOWN = (
    "list_filter(list_transform(instance_groups, lambda entry: entry.instance_type),"
    f" lambda name: not list_contains({_TYPES}, name))"
)
_NEAR = (
    "array_to_string(list_transform(list_slice(list_sort(list_transform("
    f"{_TYPES}, lambda known: struct_pack(away := levenshtein(known, lower({_UNKNOWN}[1])),"
    f" name := known))), 1, {_NEAR_COUNT}), lambda near: near.name), ', ')"
)

DATASET = Dataset(
    kind="benchmark_runs",
    label="benchmark runs",
    target=target(
        TABLES["benchmark_runs"],
        kinds={"instance_groups": ValueKind.GROUPS, "step_count": ValueKind.POSITIVE_COUNT},
        required=REQUIRED,
        without=("input_seq",),
        synonyms={
            "workload": ("model", "task", "benchmark"),
            "configuration": ("config", "setup", "variant"),
            "instance_groups": ("cluster", "instances", "instancegroups", "clusterlabel"),
            "step_time_ms": ("steptime", "msperstep", "stepms", "ms"),
            "step_count": ("steps", "stepcount", "iterations"),
            "samples_per_step": ("batchsize", "globalbatchsize", "samplesperstep"),
            "cpu_utilization_ratio": ("cpuutilization", "cpuutil", "cpu"),
            "gpu_utilization_ratio": ("gpuutilization", "gpuutil", "gpu"),
            "region": ("awsregion", "regionname"),
            "ran_at": ("timestamp", "time", "date", "startedat", "runat", "createdat"),
        },
        advice={
            "workload": "Say what is trained: runs of one workload are compared with each other.",
            "configuration": "Name the configuration, such as p4d alone, or p4d with c5.",
            "instance_groups": "Write them as ml.p4d.24xlarge x1 + ml.c5.18xlarge x2.",
            "step_time_ms": "Give the time of one step in ms: a sample, or a mean of step_count.",
        },
        meanings={
            "workload": "say what is trained",
            "configuration": "name the configuration",
            "instance_groups": "list the instances",
            "step_time_ms": "hold the time of one step in ms",
        },
        checks=(
            Check(
                "len(list_filter(instance_groups, lambda entry: entry.instance_type is null"
                " or coalesce(entry.instance_count, 0)"
                f" not between 1 and {_MOST_INSTANCES})) > 0 or len(instance_groups) = 0",
                "'instance_groups needs a type and a number of instances for each group.'",
                "Write them as ml.p4d.24xlarge x1 + ml.c5.18xlarge x2.",
                about=("instance_groups",),
            ),
            Check(
                f"len({_UNKNOWN}) > 0",
                f"{_UNKNOWN}[1] || ' is not an instance type of SageMaker training;"
                f" close to it: ' || {_NEAR} || '.'",
                "Correct the type; `stoker ask instance_types` lists all.",
                about=("instance_groups",),
            ),
            Check(
                "step_time_ms <= 0",
                "'A step takes more than 0 ms.'",
                "Correct the number, or leave the row out.",
                about=("step_time_ms",),
            ),
            Check(
                "samples_per_step <= 0",
                "'A step uses more than 0 samples.'",
                "Correct the number, or leave it empty if it is unknown.",
                about=("samples_per_step",),
            ),
        ),
    ),
    policy=WritePolicy.REPLACE,
    is_recognised=_is_recognised,
    time_column="ran_at",
)
