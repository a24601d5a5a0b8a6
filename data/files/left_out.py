"""Rows of a file that are not read: those that a mapping leaves out, and steps of Slurm jobs."""

from collections.abc import Sequence

from data.files.checks import ReadColumn
from data.files.guess import folded
from data.files.mapping import LeaveOut, Rule
from data.files.relation import Source
from data.files.rules import Value
from data.tables.quoting import literal

LEFT_OUT = "left_out"
SLURM_STEP = "step of a Slurm job"
# as sacct names the job of a row, and the parts of it that have rows of their own
_JOB_IDS = frozenset({"jobid", "jobidraw"})
_JOB = r"\d+(_\d+|_\[\S+\]|\+\d+)?"
_NAMED_STEP = _JOB + r"\.(batch|extern|interactive)"
_NUMBERED_STEP = _JOB + r"\.\d+"


def left_out(source: Source, columns: Sequence[ReadColumn], leave_out: Sequence[LeaveOut]) -> str:
    """Return SQL for why a row is left out; null for the others."""
    cases = []
    for one in leave_out:
        column = source.columns[one.column]
        text = Value(column.sql, column.form).text
        if one.pattern is not None:
            condition = f"regexp_matches({text}, {literal(one.pattern)})"
            why = f"{one.column} matches {one.pattern}"
            cases.append(f"when {condition} then {literal(why)}")
        for listed in one.values:
            condition = f"{text} = {literal(listed)}"
            if listed == "":
                condition = f"{text} is null"
            elif listed.endswith("*"):
                condition = f"starts_with({text}, {literal(listed[:-1])})"
            why = f"{one.column} is {listed or 'empty'}"
            cases.append(f"when {condition} then {literal(why)}")
    cases += _steps(columns)
    if not cases:
        return "null::varchar"
    return f"case when fault is not null then null {' '.join(cases)} end"


def _steps(columns: Sequence[ReadColumn]) -> list[str]:
    """Return cases for the rows that sacct writes of a job's steps.

    A number with a point is a step only in a file that has numbers without.
    """
    named = next((one for one in columns if one.name == "job_name"), None)
    if named is None or not named.form.is_text or not may_have_steps({"job_name": named.rule}):
        return []
    text = named.value.text
    # no window and no join: rows must stay in the order of the file
    has_jobs = f"(select bool_or(regexp_full_match({text}, {literal(_JOB)})) from valued)"
    return [
        f"when regexp_full_match({text}, {literal(_NAMED_STEP)}) then {literal(SLURM_STEP)}",
        f"when regexp_full_match({text}, {literal(_NUMBERED_STEP)}) and {has_jobs}"
        f" then {literal(SLURM_STEP)}",
    ]


def may_have_steps(rules: dict[str, Rule]) -> bool:
    """Whether the names of jobs are what sacct calls a job's number."""
    rule = rules.get("job_name", Rule())
    is_plain = len(rule.columns) == 1 and not rule.pattern and not rule.values
    return is_plain and folded(rule.columns[0]) in _JOB_IDS
