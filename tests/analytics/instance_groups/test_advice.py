"""Advice on instance groups: candidates, ranks, verdicts, and what is said of the unknown."""

import json
from typing import Any

import pandas as pd
import pytest

from analytics.catalog import query_named
from analytics.instance_groups.advice_rows import advices
from analytics.instance_groups.recommendations import recommendations
from analytics.query import Filters
from analytics.recommendation import Recommendation
from data.errors import WrongUseError
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask, describe_job, lines
from tests.runs import HETERO, P3, P3_C5, P4D, run, take_runs

ARTICLE = "2022-10-01"
BOUND_BY_CPU = {"cpu_utilization_ratio": 1.0, "gpu_utilization_ratio": 0.45}
TENSORFLOW = run("homogeneous", P4D, 192, **BOUND_BY_CPU)
PYTORCH = run("homogeneous", P3, 1193, workload="pt", cpu_utilization_ratio=1.0)


def advice(store: Store, **options: str) -> pd.DataFrame:
    return ask(store, "instance_group_advice", **options).set_index("candidate")


def recommended(store: Store, **options: Any) -> list[Recommendation]:
    query = query_named("instance_group_advice")
    return recommendations(advices(Reader(store), Filters(), query.values(options)))


@pytest.mark.parametrize("as_of", [ARTICLE, "2025-07-01"])
def test_the_tensorflow_run_alone_leads_to_a_heterogeneous_cluster_as_fast_as_the_measured_one(
    store: Store, as_of: str
) -> None:
    take_runs(store, TENSORFLOW)
    rows = advice(store, as_of=as_of)
    best = rows[rows["rank"] == 1].iloc[0]
    assert best.name.startswith("ml.p4d.24xlarge x1 + ml.")
    assert (best.kind, best.diagnosis, best.verdict) == (
        "heterogeneous", "cpu_bound", "heterogeneous",
    )  # fmt: skip
    assert best.predicted_step_time_ms == pytest.approx(86, rel=0.1)
    assert rows.loc[HETERO, "predicted_step_time_ms"] == pytest.approx(86, rel=0.1)
    (one,) = recommended(store, as_of=as_of)
    assert (one.verdict, one.is_change, one.advised) == ("heterogeneous", True, best.name)
    assert "takes 213 vCPUs; there are 96" in one.rationale


def test_without_a_gpu_figure_nothing_is_ranked_and_the_bound_says_why_it_is_unsure(
    store: Store,
) -> None:
    take_runs(store, PYTORCH)
    rows = advice(store, as_of=ARTICLE)
    row = rows.loc[P3_C5]
    assert row.predicted_step_time_ms == pytest.approx(184, rel=0.25)
    assert row.predicted_low_ms <= 184 <= row.predicted_high_ms == 1193
    assert "GPU utilization is unknown" in row.rationale
    assert "Measure GPUUtilization first" in row.rationale
    assert rows["rank"].isna().all()
    assert rows["is_on_frontier"].isna().all()
    assert rows["cost_reduction_ratio"].isna().all()
    assert rows["setting"].isna().all()
    assert set(rows["verdict"]) == {"measure_first"}
    (one,) = recommended(store)
    assert (one.verdict, one.is_change, one.advised, one.setting) == (
        "measure_first", False, None, None,
    )  # fmt: skip


def test_candidates_are_every_cpu_type_and_number_and_every_larger_host(store: Store) -> None:
    take_runs(store, run("now", "ml.g5.8xlarge x1", 100, **BOUND_BY_CPU))
    rows = advice(store, max_cpu_instances="3")
    kinds = rows.groupby("kind").groups
    larger = {"16xlarge", "12xlarge", "24xlarge", "48xlarge"}  # A10G with more than 32 vCPUs
    assert set(kinds["scale_up"]) == {f"ml.g5.{size} x1" for size in larger}
    assert list(kinds["unchanged"]) == ["ml.g5.8xlarge x1"]
    types = ask(store, "instance_types")
    plain = types[(types["instance_accelerator_count"] == 0) & types["vcpu_count"].notna()]
    names = plain["instance_type"]
    names = names[~names.str.match(r"ml\.t\d") & ~names.str.contains("-flex")]
    assert len(names) > 100
    assert set(kinds["heterogeneous"]) == {
        f"ml.g5.{host} x1 + {name} x{count}"
        for host in {"8xlarge", *larger}
        for name in names
        for count in (1, 2, 3)
    }


def test_ranks_are_by_cost_then_by_instances_then_by_name(store: Store) -> None:
    take_runs(store, TENSORFLOW)
    rows = advice(store, as_of=ARTICLE).query("rank > 0").reset_index()
    assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
    keys = [
        (float(f"{row.list_cost_per_100_steps_usd:.9g}"), row.instance_count, row.candidate)
        for row in rows.itertuples()
    ]
    assert keys == sorted(keys)


def test_an_unknown_price_never_ranks(store: Store) -> None:
    take_runs(store, run("now", "ml.trn2.48xlarge x1", 100, **BOUND_BY_CPU))
    rows = advice(store)
    assert rows["rank"].isna().all()
    assert set(rows["verdict"]) == {"no_price"}
    assert len(rows) > 1
    (one,) = recommended(store)
    assert not one.is_change
    assert one.gain.net_usd_per_month == 0


def test_a_cost_never_beats_the_price_of_the_shortest_possible_step(store: Store) -> None:
    take_runs(store, TENSORFLOW)
    rows = advice(store, as_of=ARTICLE)
    vcpu, usd = rows["cluster_vcpu_count"], rows["list_unit_price_usd_per_h"]
    bound_ms = (192 * 96 / vcpu).clip(lower=0.45 * 192)
    assert (rows["predicted_step_time_ms"] >= bound_ms * (1 - 1e-12)).all()
    bound_usd = usd * bound_ms / 36_000
    assert (rows["list_cost_per_100_steps_usd"].dropna() >= bound_usd.dropna() * (1 - 1e-9)).all()
    # the published pair, not the prediction: 37.688 x 192 / 45.032 = 160.7
    assert rows.loc[HETERO, "break_even_step_time_ms"] == pytest.approx(160.7, abs=0.05)


@pytest.mark.parametrize(
    ("cpu", "gpu", "diagnosis"),
    [
        (0.4, 0.95, "accelerator_bound"),
        (0.8, 0.8, "balanced"),
        (0.3, 0.3, "input_bound"),
    ],
)
def test_where_cpu_is_not_the_limit_nothing_is_changed(
    store: Store, cpu: float, gpu: float, diagnosis: str
) -> None:
    take_runs(
        store,
        run("now", P4D, 192, cpu_utilization_ratio=cpu, gpu_utilization_ratio=gpu),
    )
    (one,) = recommended(store, as_of=None)
    assert (one.verdict, one.is_change, one.details["diagnosis"]) == ("keep", False, diagnosis)
    assert "change nothing" in one.rationale


def test_a_larger_host_is_advised_where_the_family_has_a_cheaper_one(store: Store) -> None:
    ingest(
        store,
        uploaded(
            "prices.csv",
            b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
            b"ml.g5.8xlarge,us-east-1,3,2020-01-01\nml.g5.16xlarge,us-east-1,3.3,2020-01-01\n",
        ),
    )
    take_runs(store, run("now", "ml.g5.8xlarge x2", 100, **BOUND_BY_CPU))
    # larger hosts and three small CPU hosts cost 0.1 % less: no reason to give up warm pools
    rows = advice(store)
    assert rows.index[rows["rank"] == 1][0].startswith("ml.g5.16xlarge x2 + ")
    (one,) = recommended(store)
    assert (one.verdict, one.advised) == ("scale_up", "ml.g5.16xlarge x2")
    assert json.loads(one.setting or "") == {
        "ResourceConfig": {"InstanceType": "ml.g5.16xlarge", "InstanceCount": 2}
    }
    assert one.gain.net_usd_per_month is None  # no jobs of the workload say how much it runs


def test_a_step_time_that_is_too_long_is_not_ranked(store: Store) -> None:
    take_runs(store, TENSORFLOW)
    rows = advice(store, as_of=ARTICLE, max_step_time_ms="90")
    ranked = rows.query("rank > 0")
    assert (ranked["predicted_step_time_ms"] <= 90).all()
    assert len(ranked) < len(rows)
    assert rows.loc[P4D, "rank"] is pd.NA


def test_measured_configurations_stand_beside_what_is_predicted(store: Store) -> None:
    take_runs(store, TENSORFLOW, run("heterogeneous", HETERO, 86))
    rows = advice(store, as_of=ARTICLE)
    assert rows.loc[HETERO, "measured_step_time_ms"] == 86
    assert rows["measured_step_time_ms"].notna().sum() == 2
    assert "fitted to 2 configurations" in rows.loc[HETERO, "rationale"]


def test_the_setting_asks_for_groups_and_the_recommendation_says_what_else_to_do(
    store: Store,
) -> None:
    take_runs(store, TENSORFLOW)
    (one,) = recommended(store)
    groups = json.loads(one.setting or "")["ResourceConfig"]["InstanceGroups"]
    assert [group["InstanceGroupName"] for group in groups] == ["data_group", "dnn_group"]
    assert groups[1]["InstanceType"] == "ml.p4d.24xlarge"
    assert "InstanceGroup('dnn_group', 'ml.p4d.24xlarge', 1)" in one.snippets["sdk"]
    assert json.loads(one.snippets["api"]) == {"InstanceGroups": groups}
    assert "every host exits" in one.snippets["to_do"]


def test_what_a_heterogeneous_cluster_loses_is_told_from_the_jobs_of_the_workload(
    store: Store,
) -> None:
    def job(name: str, created: float, **fields: Any) -> dict[str, Any]:
        return describe_job(
            name,
            created=created,
            ResourceConfig={"InstanceType": "ml.p4d.24xlarge", "KeepAlivePeriodInSeconds": 3600},
            Tags=[{"Key": "workload", "Value": "tf"}],
            FinalMetricDataList=[{"MetricName": "step_time_ms", "Value": 192}],
            **fields,
        )

    reused = {"Status": "Reused", "ReusedByJob": "b", "ResourceRetainedBillableTimeInSeconds": 60}
    jobs = (job("a", 0, WarmPoolStatus=reused), job("b", 750))
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    samples = "host_name,metric_name,sampled_at,metric_value,period_s\n" + "".join(
        f"{name}/algo-1,{metric},2026-03-02T{moment}Z,{value},690\n"
        for name, moment in (("a", "08:00:00"), ("b", "08:12:30"))
        for metric, value in (("CPUUtilization", 9600), ("GPUUtilization", 360))
    )
    ingest(store, uploaded("samples.csv", samples.encode()))
    rows = advice(store)
    row = rows.loc[HETERO]
    assert row.loses.startswith("warm pools (1 of 2 jobs started warm, which saved ")
    assert row.loses.endswith("managed spot")
    assert pd.isna(rows.loc[P4D, "loses"])
    # each sample holds from its job's request to its end
    assert (row.diagnosis, row.coverage_ratio) == ("cpu_bound", pytest.approx(1))
    assert row.gpu_utilization_ratio == pytest.approx(0.45)
    (one,) = recommended(store)
    assert one.job_count == 2
    assert (one.gain.net_usd_per_month or 0) > 0
    assert (one.gain.wait_saved_h_per_month or 0) < 0


def test_a_baseline_that_does_not_exist_is_refused(store: Store) -> None:
    take_runs(store, TENSORFLOW)
    with pytest.raises(WrongUseError, match="no configuration 'p5'"):
        advice(store, baseline="p5")


def test_the_cluster_in_use_may_have_groups_already(store: Store) -> None:
    take_runs(
        store,
        run("groups", "ml.p4d.24xlarge x1 + ml.c5.2xlarge x1", 180, **BOUND_BY_CPU),
    )
    rows = advice(store, as_of=ARTICLE)
    own = rows[rows["kind"] == "unchanged"]
    assert list(own.index) == ["ml.p4d.24xlarge x1 + ml.c5.2xlarge x1"]
    assert own["predicted_step_time_ms"].iloc[0] == 180
    assert rows.index.is_unique


def test_without_runs_there_is_no_candidate(store: Store) -> None:
    assert len(advice(store)) == 0
    assert recommended(store) == []
