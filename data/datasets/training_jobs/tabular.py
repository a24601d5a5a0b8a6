"""How any scheduler's export becomes job records: columns, their synonyms, and what is made."""

from typing import TYPE_CHECKING

from data.files.target import Check, Given, Target, target
from data.files.values import ValueKind, ceiling
from data.tables import TABLES
from data.tables.quoting import literal

if TYPE_CHECKING:
    from data.files.guess import Guess

# of the columns of `ask jobs`, those that Stoker works out itself
COMPUTED = frozenset(
    {
        "eligibility",
        "outcome",
        "miss_reason",
        "evidence",
        "donor_job_name",
        "gap_s",
        "retained_cost_usd",
        "list_cost_usd",
    }
)

# what only AWS's own JSON has, or a reader says of its own record
NOT_READ = frozenset(
    {
        "record_kind",
        "input_seq",
        "input_channels",
        "status_transitions",
        "final_metrics",
        "tags",
        "is_time_unclear",
    }
)

# folded names, the likeliest first: SageMaker, AWS Batch, Slurm's sacct, SWF, other schedulers
SYNONYMS: dict[str, tuple[str, ...]] = {
    "job_name": (
        "trainingjobname",
        "jobidraw",
        "jobid",
        "jobname",
        "job",
        "jobnumber",
        "id",
        "runid",
        "name",
    ),
    "created_at": (
        "creationtime",
        "createdat",
        "created",
        "submit",
        "submittime",
        "submittedat",
        "submitted",
        "submissiontime",
        "queuedat",
        "createtime",
        "qtime",
        "ctime",
    ),
    "eligible_at": ("eligibleat", "eligible", "eligibletime", "etime"),
    "scheduled_at": ("scheduledat", "scheduled", "scheduletime"),
    "training_started_at": (
        "trainingstarttime",
        "startedat",
        "starttime",
        "start",
        "started",
        "startts",
        "begin",
    ),
    "training_ended_at": (
        "trainingendtime",
        "stoppedat",
        "endedat",
        "endtime",
        "end",
        "ended",
        "endts",
        "finishtime",
        "finished",
        "finishedat",
        "completiontime",
    ),
    "last_modified_at": ("lastmodifiedtime", "lastmodified", "updatedat"),
    "status": ("trainingjobstatus", "status", "state", "jobstate", "jobstatus"),
    "secondary_status": ("secondarystatus",),
    "failure_reason": ("failurereason", "statusreason"),
    "job_arn": ("trainingjobarn", "jobarn", "arn"),
    "region": ("awsregion", "regionname"),
    "account_id": ("awsaccountid", "accountid", "awsaccount"),
    "role_arn": ("rolearn", "role", "executionrole"),
    "image_uri": ("trainingimage", "imageuri", "image", "containerimage"),
    "instance_type": ("instancetype", "machinetype", "nodetype", "vmtype"),
    "instance_count": (
        "instancecount",
        "nnodes",
        "allocnodes",
        "numnodes",
        "nodecount",
        "nodes",
        "workercount",
        "procsalloc",
    ),
    "accelerator_count": (
        "acceleratorcount",
        "accelerators",
        "gpucount",
        "numgpus",
        "ngpus",
        "gpus",
        "gpunum",
        "numacc",
        "allocgpus",
    ),
    "volume_size_gib": ("volumesizeingb", "volumesize", "volumesizegb"),
    "keep_alive_period_s": ("keepaliveperiodinseconds", "keepaliveperiod", "keepalive"),
    "input_mode": ("traininginputmode", "inputmode"),
    "is_spot": ("enablemanagedspottraining", "spot", "managedspot"),
    "retained_s": ("resourceretainedbillabletimeinseconds", "retainedseconds"),
    "billable_s": ("billabletimeinseconds", "billableseconds", "billabletime"),
    "training_time_s": ("trainingtimeinseconds", "trainingseconds", "trainingtime"),
    "max_runtime_s": ("maxruntimeinseconds", "maxruntime", "walltime", "timereq"),
    "user_name": ("username", "user", "owner", "userid", "hpcuser", "submitter", "uid"),
    "share_name": (
        "shareidentifier",
        "quotasharename",
        "share",
        "account",
        "project",
        "team",
        "group",
        "groupname",
        "grp",
        "vc",
    ),
    "queue_name": ("jobqueue", "queue", "queuename", "partition", "clusterpartition"),
    "scheduling_priority": ("schedulingpriority", "priority"),
    "cpu_utilization_ratio": ("cpuutilization", "cpuutil", "cpuusage", "avgcpu"),
    "gpu_utilization_ratio": ("gpuutilization", "gpuutil", "gpuusage", "gpuutilizationpct"),
    "step_time_ms": ("steptime", "steptimems"),
    "workload": ("workload", "model"),
    "configuration": ("configuration", "config"),
}

_MOST = ceiling("instance_count")


def _made(given: Given) -> dict[str, str]:
    """Return SQL for what an export does not say in a column of that name."""
    # what `ask jobs` writes where a job has several types
    instance_type = given.sql("instance_type")
    instance_type = f"case when lower({instance_type}) <> 'mixed' then {instance_type} end"
    instance_count = given.sql("instance_count")
    groups = f"""coalesce(
        {given.sql("instance_groups")},
        case when coalesce({instance_type}, ({instance_count})::varchar) is not null
            then [struct_pack(
                group_name := null::varchar,
                instance_type := {instance_type},
                instance_count := {instance_count}
            )]
        end
    )"""
    unknown = literal(f"import:{given.mapping_name}")
    arn = given.sql("job_arn")
    account_id = (
        f"coalesce(whole_account({given.sql('account_id')}), arn_account({arn}), {unknown})"
    )
    key = given.sql("pool_key")
    return {
        # joined of parts of which one is empty
        "pool_key": (
            f"case when not starts_with({key}, '|') and not ends_with({key}, '|')"
            f" and not contains({key}, '||') then {key} end"
        ),
        "account_id": account_id,
        "region": f"coalesce({given.sql('region')}, arn_region({arn}), 'unknown')",
        "record_kind": "'export'",
        "instance_groups": groups,
        "is_grouped": f"coalesce({given.sql('is_grouped')}, len({groups}) > 1)",
    }


def _notes(names: frozenset[str]) -> tuple[str, ...]:
    """Say what the pools of an export are told by where it has no key of its own."""
    if names & {"pool_key", "role_arn"} or not names >= {"instance_type", "instance_count"}:
        return ()
    return (
        "It has no pool_key and no role: jobs of the same instance type, count and whatever else"
        " the rows show form a pool.",
    )


def _guess_more(guess: "Guess") -> None:
    # pandas comes with it: not for a command that only lists what there is
    from data.datasets.training_jobs.guess import guess_spans

    guess_spans(guess)


TARGET: Target = target(
    TABLES["training_jobs"],
    kinds={
        "input_mode": ValueKind.INPUT_MODE,
        "status": ValueKind.STATUS,
        "instance_groups": ValueKind.GROUPS,
        "scheduling_priority": ValueKind.INTEGER,
        # these two become `instance_groups`
        "instance_type": ValueKind.INSTANCE_TYPE,
        "instance_count": ValueKind.POSITIVE_COUNT,
    },
    without=NOT_READ,
    required=("job_name", "created_at"),
    computed=COMPUTED,
    synonyms=SYNONYMS,
    advice={
        "job_name": "Export the name or id of each job, or map another column as job_name.",
        "created_at": (
            "Export when each job was created; where another time stands for it, add `fallback`."
        ),
    },
    meanings={
        "job_name": "name each job",
        "created_at": "say when each job was created",
    },
    identifier="job_name",
    in_order=(
        ("training_started_at", "training_ended_at"),
        ("first_training_at", "training_ended_at"),
        ("created_at", "training_ended_at"),
        ("created_at", "training_started_at"),
        ("created_at", "first_training_at"),
        ("created_at", "scheduled_at"),
    ),
    time_line=(
        "created_at",
        "scheduled_at",
        "training_started_at",
        "first_training_at",
        "training_ended_at",
    ),
    checks=(
        Check(
            "list_bool_or(list_transform(instance_groups,"
            f" lambda member: coalesce(member.instance_count not between 0 and {_MOST}, false)))",
            f"'instance_groups has a group of more than {_MOST:,} instances.'",
            "Correct the number.",
            about=("instance_groups",),
        ),
        Check(
            "billable_s > (epoch_us(training_ended_at) - epoch_us(training_started_at)) / 1e6"
            " + 120",
            "'billable_s is more than the time from training_started_at to training_ended_at.'",
            "Check its unit, and whether it is the time of one instance: a mapping can scale it.",
            about=("billable_s", "training_started_at", "training_ended_at"),
        ),
    ),
    made=_made,
    guess_more=_guess_more,
    notes=_notes,
    is_named_by_mapping=True,
    named_as="as `stoker ask jobs` does",
)
