"""The SQL that all questions on utilization begin with, put together for one grouping."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from analytics.derived.workspace import sql_file
from analytics.utilization.queries import GROUPS, STEPS_US

HOUR_US = 3_600_000_000
REMEMBERED = "remembered_host_hours"
# columns without any value have no type of their own
_REMEMBERED = f"""    select
        job_id,
        host_name::varchar as host_name,
        metric_name::varchar as metric_name,
        hour_no,
        sample_count,
        rejected_count,
        measured_s::double as measured_s,
        used_s::double as used_s,
        idle_s::double as idle_s,
        unit_count::double as unit_count,
        instance_type::varchar as instance_type,
        is_surplus,
        is_unresolved,
        is_unknown

    from {REMEMBERED}"""

# in this order, each reads what stands before it
HELD, SAMPLED, READ = ("holdings",), ("hour_series", "typed_hosts", "host_hours"), ("readings",)

_IS_UNEVEN = """kind_count > 1
        or is_even is distinct from true
        or metric_name = 'GPUUtilization' and host_gpu_count is null"""

_WHOLE_RUN = """select
        *,
        null::bigint as step_no,
        (end_us - start_us) / 1e6 as held_s

    from holdings"""

_BY_STEP = """select
        *,
        (least(end_us, (step_no + 1) * {step_us}) - greatest(start_us, step_no * {step_us})) / 1e6
            as held_s

    from (
        select
            *,
            unnest(range(start_us // {step_us}, (end_us - 1) // {step_us} + 1)) as step_no
        from holdings
    )"""

_USED = "sum(used_unit_s) filter (metric_name = '{metric}')"
_HELD = "sum(unit_s) filter (metric_name = '{metric}')"
# least() would pass over nulls; sums are rounded
_RATIO = f"case when {_USED} > {_HELD} then 1 else {_USED} / {_HELD} end"

RATIOS = {
    "ratio_of_cpu": "CPUUtilization",
    "ratio_of_gpu": "GPUUtilization",
    "ratio_of_gpu_memory": "GPUMemoryUtilization",
    "ratio_of_memory": "MemoryUtilization",
    "ratio_of_disk": "DiskUtilization",
}


@cache
def words(
    by: str = "all",
    *,
    every_sample: bool = False,
    is_remembered: bool = False,
    sampled_in_time: str = "true",
) -> Mapping[str, str]:
    """Return what the words in the SQL files stand for.

    Args:
        by: what rows are grouped by.
        every_sample: whether the samples themselves are asked for, not only their sums.
        is_remembered: whether host_hours is at hand, as a relation of the name REMEMBERED.
        sampled_in_time: a condition on sampled_at by which samples need not be read that hold at
            no time of any job.
    """
    step_us = STEPS_US.get(by)
    steps = {
        "spans": _BY_STEP.format(step_us=step_us) if step_us else _WHOLE_RUN,
        "step_of_hour": f"hour_no // {step_us // HOUR_US}" if step_us else "null::bigint",
        "cluster_prices": _cluster_prices(),
        "is_uneven": "true" if every_sample else _IS_UNEVEN,
        "sampled_in_time": sampled_in_time,
    }

    def chain(names: Iterable[str]) -> str:
        return ",\n\n".join(_fragment(name).format(**steps) for name in names)

    sampled = f"host_hours as (\n\n{_REMEMBERED}\n\n)" if is_remembered else chain(SAMPLED)
    return {
        "host_hours": f"{chain(HELD)},\n\n{sampled}",
        "readings": f"{chain(HELD)},\n\n{sampled},\n\n{chain(READ)}",
        "group": GROUPS[by],
        # a job of several types counts once, but in each of its types
        "is_counted": "true" if by == "instance_type" else "type_no = 1",
        "order_by": "group_value",
        **{word: _RATIO.format(metric=metric) for word, metric in RATIOS.items()},
    }


def _cluster_prices() -> str:
    """Return the SELECT by which a cluster's price is found, of the same file."""
    return sql_file("cluster_prices").partition(" as\n")[2]


@cache
def _fragment(name: str) -> str:
    text = (files("analytics.utilization") / f"{name}.sql").read_text(encoding="utf-8")
    lines = text.rstrip().splitlines()
    while lines[0].startswith("--"):
        lines.pop(0)
    return "\n".join(lines)
