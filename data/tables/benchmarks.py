"""Tables of benchmark runs: as imported, and every measured step time there is."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table
from data.tables.quoting import literals

BENCHMARK_RUNS = Table(
    "benchmark_runs",
    "Imported benchmark runs, one row a sample or a mean of the step time",
    (
        Field(COLUMNS["workload"], is_required=True),
        Field(COLUMNS["configuration"], is_required=True),
        Field(COLUMNS["instance_groups"], is_required=True),
        Field(COLUMNS["step_time_ms"], is_required=True),
        Field(COLUMNS["step_count"]),
        Field(COLUMNS["samples_per_step"]),
        Field(COLUMNS["cpu_utilization_ratio"]),
        Field(COLUMNS["gpu_utilization_ratio"]),
        Field(COLUMNS["region"]),
        Field(COLUMNS["ran_at"]),
        Field(COLUMNS["input_seq"], merge=Merge.RECORD),
        Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
    ),
)

# only names that carry the unit: of others it would be a guess
_IN_MS = ("step_time_ms", "ms_per_step", "train:step_time_ms", "train:ms_per_step")
_IN_S = (
    "step_time_s",
    "seconds_per_step",
    "sec_per_step",
    "train:step_time_s",
    "train:seconds_per_step",
)
_PER_S = (
    "steps_per_second",
    "steps_per_sec",
    "train_steps_per_second",
    "train:steps_per_second",
    "train:steps_per_sec",
)
_IS_STEP_TIME = f"metric_name in ({literals((*_IN_MS, *_IN_S, *_PER_S))})"
_METRIC_MS = (
    f"case when metric_name in ({literals(_PER_S)}) then 1000 / nullif(metric_value, 0)"
    f" when metric_name in ({literals(_IN_S)}) then 1000 * metric_value else metric_value end"
)
_LABEL = (
    "array_to_string(list_transform(instance_groups, lambda entry:"
    " entry.instance_type || ' x' || entry.instance_count), ' + ')"
)
_TAG = """list_filter(tags, lambda tag: lower(tag."key") = '{name}')[1]."value\""""

STEP_TIMES = Table(
    "step_times",
    "One row a sample of a step time: from benchmark runs, and from jobs that name their workload",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in (
            "workload",
            "configuration",
            "cluster_label",
            "instance_groups",
            "step_time_ms",
            "step_count",
            "samples_per_step",
            "cpu_utilization_ratio",
            "gpu_utilization_ratio",
            "region",
            "ran_at",
            "job_id",
            "job_name",
            "import_id",
            "input_seq",
        )
    ),
    select=f"""
        with workload_jobs as (
            select
                * replace (
                    coalesce(workload, {_TAG.format(name="workload")}) as workload,
                    coalesce(configuration, {_TAG.format(name="configuration")}, {_LABEL})
                        as configuration
                ),
                count(*) over (partition by account_id, region, lower(job_name)) = 1
                    as is_only_of_name
            from training_jobs
            where workload is not null or len(list_filter(
                tags, lambda tag: lower(tag."key") = 'workload'
            )) > 0
        ),
        measured as (
            select job_id, step_time_ms from workload_jobs where step_time_ms is not null
            union all
            select job_id, {_METRIC_MS} from final_metrics where {_IS_STEP_TIME}
            union all
            select workload_jobs.job_id, {_METRIC_MS}
            from metric_samples
            inner join workload_jobs on
                lower(metric_samples.job_name) = lower(workload_jobs.job_name)
                and coalesce(metric_samples.account_id, workload_jobs.account_id)
                    = workload_jobs.account_id
                and coalesce(metric_samples.region, workload_jobs.region) = workload_jobs.region
                -- of several jobs of that name, the one in whose time it was taken
                and (is_only_of_name or sampled_at >= created_at and sampled_at <= coalesce(
                    training_ended_at, sampled_at
                ))
            where {_IS_STEP_TIME}
        )
        select
            workload, configuration, {_LABEL} as cluster_label, instance_groups, step_time_ms,
            step_count, samples_per_step, cpu_utilization_ratio, gpu_utilization_ratio, region,
            ran_at, null::bigint as job_id, null::varchar as job_name, import_id, input_seq
        from benchmark_runs
        union all
        select
            workload, configuration, {_LABEL}, instance_groups, measured.step_time_ms,
            null, null, cpu_utilization_ratio, gpu_utilization_ratio, nullif(region, 'unknown'),
            coalesce(training_started_at, created_at), job_id, job_name, import_id, input_seq
        from measured
        inner join workload_jobs using (job_id)
        where measured.step_time_ms > 0 and len(instance_groups) > 0
    """,
)
