"""Join SageMaker status lines, as the Python SDK prints them, with their jobs: one CSV to import.

Use: python sagemaker_status_lines.py jobs.csv.gz status_lines.csv.gz > sagemaker_jobs.csv

What the lines cannot tell stays empty:
- Until 2023 the status Training began with the image download; first_training_at is the line that
  ends it ("Training image download completed") in both layouts.
- The SDK prints seconds times instances; billable_s is for one, as in AWS's answers. Where those
  seconds are a multiple of the run's own, that is the instance count, else the notebook's is.
- Of several instance types in a notebook's cell, which one ran is unknown.
- A log that stops before the end has neither an end nor a status.
A run without a job name goes by its run id, and has no pool key. Later runs of a name are left out,
and so are prints of old jobs, whose lines all bear the time of printing; both are counted.
"""

import sys

import pandas as pd

FINAL = ["Completed", "Failed", "Stopped"]
SURE_S = 60  # of a shorter run, whole seconds do not tell the multiple


def jobs_from(runs: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row a run, with Stoker's column names."""
    runs = runs.set_index("run_id")
    lines = lines.sort_values(["run_id", "seq"])
    status = lines["secondary_status"]
    is_pulling = lines["message"] == "Downloading the training image"

    def first_at(is_wanted: pd.Series) -> pd.Series:
        return lines[is_wanted].groupby("run_id")["ts_utc"].first().reindex(runs.index)

    created_at = first_at(status.notna())
    started_at = first_at(status.isin(["Downloading", "Training"]))
    training_at = first_at((status == "Training") & ~is_pulling)
    ended_at = first_at(status.isin(FINAL)).where(started_at.notna())
    run_s = (ended_at - started_at).dt.total_seconds()
    multiple = runs["training_seconds"].fillna(runs["billable_seconds"]) / run_s
    whole = multiple.replace(float("inf"), float("nan")).round()
    is_sure = (run_s >= SURE_S) & (whole >= 1) & ((multiple - whole).abs() < 0.05 * whole)
    count = runs["instance_count"].mask(is_sure, whole)
    types = runs["instance_types_in_cell"]
    instance_type = types.mask(types.str.contains(",", na=False))
    family = runs["job_name"].str.replace(r"(-\d+)+$", "", regex=True)
    factors = runs["keep_alive_arg"].str.split("*", expand=True).astype(float)
    keep_alive = factors.prod(axis=1, min_count=1)
    return pd.DataFrame(
        {
            "job_name": runs["job_name"].fillna(runs.index.to_series()),
            "created_at": created_at,
            "training_started_at": started_at,
            "first_training_at": training_at,
            "training_ended_at": ended_at,
            "status": runs["final_status"].where(runs["final_status"].isin(FINAL)),
            "secondary_status": runs["final_status"],
            "instance_type": instance_type,
            "instance_count": count.astype("Int64"),
            "input_mode": runs["input_mode"],
            "keep_alive_period_s": keep_alive.astype("Int64"),
            "billable_s": runs["billable_seconds"] / count,
            "provisioning_s": (started_at - created_at).dt.total_seconds(),
            "download_s": (training_at - started_at).dt.total_seconds(),
            "pool_key": family + "|" + instance_type + "|" + count.astype("Int64").astype("string"),
        }
    )


if __name__ == "__main__":
    runs = pd.read_csv(sys.argv[1])
    lines = pd.read_csv(sys.argv[2], parse_dates=["ts_utc"])
    lines["ts_utc"] = lines["ts_utc"].dt.tz_localize("UTC")
    jobs = jobs_from(runs[runs["snapshot"] == 0], lines)
    once = jobs.drop_duplicates("job_name")
    unnamed = once.index.isin(once["job_name"]).sum()
    left_out = f"{(runs['snapshot'] == 1).sum()} prints of old jobs"
    left_out += f", {len(jobs) - len(once)} later runs of one name"
    print(f"{len(once)} jobs, {unnamed} without a name; left out: {left_out}", file=sys.stderr)
    once.to_csv(sys.stdout, index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
