"""A first mapping of a foreign file, guessed from the names, types and sizes of its columns."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from data.files.columns import EXPORT_COLUMNS, NUMERIC, Kind
from data.files.mapping import Mapping, Rule

EMPTY, TIME, LOCAL_TIME, WHOLE, NUMBER = (
    "empty",
    "time",
    "time without a zone",
    "whole number",
    "number",
)
# an epoch before 1985 is more likely counted from the start of a log
EARLIEST_EPOCH_S = 473_385_600
# no training job runs for longer
LONGEST_S = 100 * 86_400

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
DURATIONS = ("run", "runtime", "duration", "durations", "elapsed", "elapseds", "elapsedraw")
WAITS = ("wait", "waittime", "waits", "queuewait", "queuetime")
GPUS_IN_TEXT = r"gres/gpu(?::\w+)?=(\d+)"


def guess_mapping(columns: pd.DataFrame, name: str) -> tuple[Mapping, list[str]]:
    """Return a first mapping for the columns that `source_columns` found, and what to look at.

    A column that bears a canonical name is that column.
    """
    guess = _Guess(columns)
    for canonical, kind in EXPORT_COLUMNS.items():
        guess.take(canonical, kind)
    guess.add_spans()
    guess.add_accelerators()
    guess.warn_of_gaps()
    return Mapping(name=name, columns=guess.rules), guess.warnings


class _Guess:
    """The rules found so far, and what to tell about them."""

    def __init__(self, columns: pd.DataFrame) -> None:
        found = [dict(column) for column in columns.to_dict("records")]
        self.by_name: dict[str, dict[Any, Any]] = {
            _folded(column["name"]): column for column in reversed(found)
        }
        self.exact = {column["name"].strip().casefold(): column for column in found}
        self.rules: dict[str, Rule] = {}
        self.taken: set[str] = set()
        self.warnings: list[str] = []

    def take(self, canonical: str, kind: Kind) -> None:
        """Take the likeliest free column by its name, if it may hold such values."""
        spellings = (*SYNONYMS.get(canonical, ()), _folded(canonical))
        named = [self.exact.get(canonical), *(self.by_name.get(name) for name in spellings)]
        free = [
            column
            for column in named
            if column and column["name"] not in self.taken and _may_be(kind, column)
        ]
        if canonical == "job_name":
            free.sort(key=lambda column: not column["is_unique"])
        if free:
            self.taken.add(free[0]["name"])
            self.rules[canonical] = self._rule(kind, free[0])

    def _rule(self, kind: Kind, column: dict[Any, Any]) -> Rule:
        rule = Rule((column["name"],))
        if kind is Kind.INSTANT:
            return self._instant(rule, column)
        if kind not in NUMERIC or pd.isna(column["high"]):
            return rule
        name, low, high = column["name"], column["low"], column["high"]
        if low == -1 and kind is not Kind.INTEGER:
            rule = replace(rule, null_values=(-1,))
            self.warnings.append(f"{name} has -1, which is read as unknown.")
        if kind is Kind.RATIO and high > 1:
            rule = replace(rule, scale=0.01)
            beyond = "; it passes 100, so it may be a sum over devices" if high > 100 else ""
            self.warnings.append(
                f"{name} reaches {high:g}: read as per cent, with scale = 0.01{beyond}."
            )
        elif _looks_like_ms(column) and (kind is Kind.SECONDS or _is_duration(kind, column)):
            rule = replace(rule, scale=0.001)
            self.warnings.append(
                f"{name} looks like milliseconds (it reaches {high:g}):"
                " read as such, with scale = 0.001."
            )
        return rule

    def _instant(self, rule: Rule, column: dict[Any, Any]) -> Rule:
        name = column["name"]
        if column["type"] == LOCAL_TIME:
            self.warnings.append(
                f"{name} has times without an offset: set time_zone to the zone of whatever wrote"
                " the file."
            )
        if pd.isna(column["high"]):
            return rule
        unknown = tuple(sorted({value for value in (0, -1) if column["low"] == value}))
        unit, per_s = _epoch_unit(column["high"])
        if column["high"] / per_s < EARLIEST_EPOCH_S:
            self.warnings.append(
                f"{name} has small numbers (up to {column['high']:g}): if they count from the start"
                " of the log, add that moment with plus_s, as seconds since 1970."
            )
            return replace(rule, unit=unit)
        if unknown:
            self.warnings.append(f"{name} has {unknown[0]}, which is read as unknown.")
        if unit != "s":
            self.warnings.append(
                f'{name} looks like an epoch in {unit}: read with unit = "{unit}".'
            )
        return replace(rule, unit=unit, null_values=unknown)

    def add_spans(self) -> None:
        """Work out the start from a wait, and the end from a run time, where they are missing."""
        if "created_at" not in self.rules and "training_started_at" in self.rules:
            self.rules["created_at"] = self.rules["training_started_at"]
            self.warnings.append(
                "No column says when jobs were created; their start stands for it, so waiting"
                " and start-up cannot be told."
            )
        created, started = (self.rules.get(name) for name in ("created_at", "training_started_at"))
        if created and started and created.null_values and created.unit == started.unit:
            self.rules["created_at"] = replace(created, fallback=started.columns)
            self.warnings.append(
                f"Where {created.columns[0]} is unknown, {started.columns[0]} stands for it."
            )
        self._add_span("training_started_at", "created_at", WAITS)
        self._add_span("training_ended_at", "training_started_at", DURATIONS)

    def _add_span(self, canonical: str, base: str, spellings: tuple[str, ...]) -> None:
        if canonical in self.rules or base not in self.rules:
            return
        for spelling in spellings:
            column = self.by_name.get(spelling)
            if column is None or not _may_be(Kind.NUMBER, column):
                continue
            before = self.rules[base]
            unknown = (-1,) if column["low"] < 0 and -1 not in before.null_values else ()
            is_ms = _looks_like_ms(column)
            self.rules[canonical] = replace(
                before,
                plus_s=(*before.plus_s, column["name"]),
                null_values=(*unknown, *before.null_values),
                scale=0.001 if is_ms else before.scale,
            )
            self.taken.add(column["name"])
            unit = "milliseconds" if is_ms else "seconds"
            self.warnings.append(
                f"{canonical} is taken to be {before.columns[0]} plus {column['name']}, in {unit}."
            )
            return

    def add_accelerators(self) -> None:
        """Find a count of accelerators inside a text such as sacct's AllocTRES."""
        for spelling in ("alloctres", "tres", "reqtres", "allocgres"):
            column = self.by_name.get(spelling)
            if "accelerator_count" not in self.rules and column is not None:
                self.rules["accelerator_count"] = Rule(
                    (column["name"],), pattern=GPUS_IN_TEXT, default="0"
                )

    def warn_of_gaps(self) -> None:
        """Say what a mapping needs and the file does not seem to have."""
        for canonical, meaning in (
            ("job_name", "names each job"),
            ("created_at", "says when each job was created"),
        ):
            if canonical not in self.rules:
                self.warnings.append(
                    f"No column was found that {meaning} ({canonical}): choose one."
                )
        named = self.rules.get("job_name")
        if named and not self.exact[named.columns[0].strip().casefold()]["is_unique"]:
            self.warnings.append(
                f"{named.columns[0]} repeats: rows of one name are taken as versions of one job."
            )


def _may_be(kind: Kind, column: dict[Any, Any]) -> bool:
    # -1 throughout: the log has the column, but nothing in it
    if column["type"] == EMPTY or column["low"] == column["high"] == -1:
        return False
    if kind is Kind.INSTANT:
        is_epoch = column["type"] in (WHOLE, NUMBER) and column["high"] > 0
        return is_epoch or column["type"] in (TIME, LOCAL_TIME)
    if kind in NUMERIC:
        return column["type"] in (WHOLE, NUMBER)
    if kind is Kind.BOOLEAN:
        return column["type"] in ("boolean", WHOLE)
    return column["type"] not in (TIME, LOCAL_TIME)


def _is_duration(kind: Kind, column: dict[Any, Any]) -> bool:
    folded = _folded(column["name"])
    return kind is Kind.NUMBER and ("time" in folded or "second" in folded) and "step" not in folded


def _looks_like_ms(column: dict[Any, Any]) -> bool:
    is_named_so = re.search(r"(_ms|millis|milliseconds)$|[a-z]Ms$", column["name"]) is not None
    return is_named_so or column["high"] > LONGEST_S


def _epoch_unit(high: float) -> tuple[str, float]:
    if high < 1e11:
        return "s", 1.0
    if high < 1e14:
        return "ms", 1e3
    return ("us", 1e6) if high < 1e17 else ("ns", 1e9)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
