"""The pool ledger end to end: records in, outcomes with their evidence, reasons and numbers out."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from analytics.derived.derive import derive
from analytics.query import Filters
from data.ingest.pipeline import ImportResult, ingest, uploaded
from data.store.store import Store
from tests.conftest import ask, at, describe_job

Take = Callable[..., ImportResult]
KEPT = {"KeepAlivePeriodInSeconds": 600}

# a job of conftest's default: created at 0, instances at 60, training at 90, ends at 690
END = 690.0


def ledger(store: Store, name: str) -> pd.Series:
    jobs = ask(store, "jobs", Filters(where=(("job_name", name),)))
    assert len(jobs) == 1
    return jobs.iloc[0]


def kept(name: str, **fields: Any) -> dict[str, Any]:
    return describe_job(name, **{"ResourceConfig": KEPT, **fields})


def test_a_link_confirms_a_hit_with_its_donor_and_gap(store: Store, take: Take) -> None:
    take(
        kept("a", WarmPoolStatus={"Status": "Reused", "ReusedByJob": "b",
                                  "ResourceRetainedBillableTimeInSeconds": 110}),
        kept("b", created=END + 110, provisioning=5),
    )  # fmt: skip
    row = ledger(store, "b")
    assert (row.outcome, row.evidence, row.donor_job_name) == ("hit", "confirmed", "a")
    assert row.gap_s == pytest.approx(110)
    assert row.start_kind == "warm"
    assert ledger(store, "a").outcome == "miss"


def test_without_a_link_a_quick_start_within_keep_alive_is_an_inferred_hit(
    store: Store, take: Take
) -> None:
    take(kept("a"), kept("b", created=END + 110, provisioning=30))
    row = ledger(store, "b")
    assert (row.outcome, row.evidence, row.donor_job_name) == ("hit", "inferred", "a")


def test_a_start_slower_than_half_the_cold_median_is_no_inferred_hit(
    store: Store, take: Take
) -> None:
    take(kept("a"), kept("b", created=END + 110, provisioning=31))
    row = ledger(store, "b")
    assert (row.outcome, row.miss_reason) == ("miss", "unknown")


def test_a_linked_donor_serves_no_inferred_hit(store: Store, take: Take) -> None:
    take(
        kept("a", WarmPoolStatus={"Status": "Reused", "ReusedByJob": "elsewhere"}),
        kept("b", created=END + 110, provisioning=5),
    )
    assert ledger(store, "b").outcome == "miss"


MISSES: dict[str, tuple[list[dict[str, Any]], str, float | None]] = {
    "the first of its key": ([kept("b")], "first_of_key", None),
    "the cluster is busy for long": (
        [kept("a", run=5000), kept("b", created=100)],
        "all_busy",
        None,
    ),
    "requested 40 s before the cluster is free": (
        [kept("a"), kept("b", created=END - 40)],
        "too_early",
        40,
    ),
    "no keep-alive": ([describe_job("a"), describe_job("b", created=END + 5)], "not_kept", None),
    "retained 0 although asked for": (
        [
            kept("a", WarmPoolStatus={"Status": "Terminated",
                                      "ResourceRetainedBillableTimeInSeconds": 0}),
            kept("b", created=END + 5),
        ],
        "not_provisioned",
        None,
    ),
    "refused by the quota": (
        [
            kept("a", SecondaryStatusTransitions=[
                {"Status": "Completed", "StartTime": at(END), "EndTime": at(END),
                 "StatusMessage": "Instances not retained as a result of warmpool resource limits"
                 " being exceeded"}]),
            kept("b", created=END + 5),
        ],
        "not_provisioned",
        None,
    ),
    "expired 25 s ago": ([kept("a"), kept("b", created=END + 625)], "expired", 25),
    "expired in this very second": ([kept("a"), kept("b", created=END + 600)], "expired", 0),
    "its keep-alive set to 0 by hand after 100 s": (
        [
            kept("a", ResourceConfig={"KeepAlivePeriodInSeconds": 0},
                 WarmPoolStatus={"Status": "Terminated",
                                 "ResourceRetainedBillableTimeInSeconds": 100}),
            kept("b", created=END + 130),
        ],
        "ended_early",
        30,
    ),
    "reused by a job that is not in the records": (
        [
            kept("a", WarmPoolStatus={"Status": "Reused", "ReusedByJob": "deleted",
                                      "ResourceRetainedBillableTimeInSeconds": 60}),
            kept("b", created=END + 130),
        ],
        "all_busy",
        None,
    ),
    "ended by hand after 100 s": (
        [
            kept("a", WarmPoolStatus={"Status": "Terminated",
                                      "ResourceRetainedBillableTimeInSeconds": 100}),
            kept("b", created=END + 130),
        ],
        "ended_early",
        30,
    ),
    "free, but not reused": ([kept("a"), kept("b", created=END + 130)], "unknown", None),
}  # fmt: skip


@pytest.mark.parametrize("case", MISSES)
def test_a_miss_names_its_reason_and_by_how_much(store: Store, take: Take, case: str) -> None:
    jobs, reason, missed_by_s = MISSES[case]
    take(*jobs)
    row = ledger(store, "b")
    assert (row.outcome, row.miss_reason) == ("miss", reason)
    assert row.start_kind == "cold"
    if missed_by_s is None:
        assert pd.isna(row.missed_by_s)
    else:
        assert row.missed_by_s == pytest.approx(missed_by_s)


def test_a_changed_key_names_the_fields(store: Store, take: Take) -> None:
    take(
        kept("a"),
        kept("b", created=END + 50, ResourceConfig={**KEPT, "VolumeSizeInGB": 50}),
    )
    row = ledger(store, "b")
    assert (row.miss_reason, row.differing_fields) == ("key_changed", "volume 50 GB, was 30 GB")
    assert row.missed_donor_job_name == "a"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"EnableNetworkIsolation": True}, "network isolation on, was off"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/other"}, "role other, was trainer"),
        ({"ResourceConfig": {**KEPT, "InstanceCount": 2}}, "instance count 2, was 1"),
    ],
)
def test_each_field_of_the_key_is_told_apart(
    store: Store, take: Take, changes: dict[str, Any], expected: str
) -> None:
    take(kept("a"), kept("b", created=END + 50, **changes))
    assert ledger(store, "b").differing_fields == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"AlgorithmSpecification": {"TrainingImage": "image:2", "TrainingInputMode": "File"}},
        {"HyperParameters": {"x": "1"}},
        {"InputDataConfig": []},
        {"VpcConfig": {}},
        {"EnableNetworkIsolation": False},
        {"ResourceConfig": {"KeepAlivePeriodInSeconds": 60, "VolumeKmsKeyId": ""}},
    ],
)
def test_what_is_no_field_of_the_key_does_not_change_it(
    store: Store, take: Take, changes: dict[str, Any]
) -> None:
    take(kept("a"), describe_job("b", **{"ResourceConfig": KEPT, **changes}))
    assert ledger(store, "a").pool_key == ledger(store, "b").pool_key


def test_subnets_compare_as_a_set(store: Store, take: Take) -> None:
    take(
        kept("a", VpcConfig={"Subnets": ["s1", "s2"], "SecurityGroupIds": ["g"]}),
        kept("b", VpcConfig={"Subnets": ["s2", "s1", "s1"], "SecurityGroupIds": ["g"]}),
        kept("c", VpcConfig={"Subnets": ["s2"], "SecurityGroupIds": ["g"]}),
    )
    keys = [ledger(store, name).pool_key for name in "abc"]
    assert keys[0] == keys[1] != keys[2]


def test_a_free_cluster_in_another_region_is_none(store: Store, take: Take) -> None:
    take(kept("a"), kept("b", created=END + 50, region="eu-west-1"))
    assert ledger(store, "b").miss_reason == "first_of_key"


NOT_ELIGIBLE: dict[str, dict[str, Any]] = {
    "spot": {"EnableManagedSpotTraining": True},
    "heterogeneous": {
        "ResourceConfig": {
            "InstanceGroups": [
                {"InstanceGroupName": n, "InstanceType": "ml.c5.xlarge", "InstanceCount": 1}
                for n in "ab"
            ]
        }
    },
    "tuning": {"TuningJobArn": "arn:aws:sagemaker:r:1:hyper-parameter-tuning-job/t"},
    "serverless": {"ServerlessJobConfig": {"JobType": "FineTuning"}, "ResourceConfig": None},
    "training_plan": {"ResourceConfig": {"TrainingPlanArn": "arn:plan"}},
    "not_started": {"provisioning": None},
}


@pytest.mark.parametrize("eligibility", NOT_ELIGIBLE)
def test_jobs_that_cannot_use_a_pool_have_no_outcome(
    store: Store, take: Take, eligibility: str
) -> None:
    take(describe_job("x", **NOT_ELIGIBLE[eligibility]), kept("y"))
    row = ledger(store, "x")
    assert row.eligibility == eligibility
    assert pd.isna(row.outcome)
    rates = ask(store, "warm_pool_hit_rate").iloc[0]
    assert (rates.job_count, rates.eligible_count) == (2, 1)


def test_a_summary_without_resources_is_of_unknown_eligibility(store: Store, take: Take) -> None:
    job = describe_job("a")
    keys = ("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingJobStatus")
    take({key: job[key] for key in keys})
    assert ledger(store, "a").eligibility == "unknown"


def test_hits_and_misses_are_all_eligible_jobs_of_the_demo(demo_store: Store) -> None:
    rates = ask(demo_store, "warm_pool_hit_rate", by="pool_key")
    misses = ask(demo_store, "warm_pool_misses")
    assert rates["hit_count"].sum() + misses["job_count"].sum() == rates["eligible_count"].sum()
    assert (rates["confirmed_hit_count"] + rates["inferred_hit_count"] == rates["hit_count"]).all()


def test_adding_jobs_later_gives_what_adding_them_at_once_gives(
    store: Store, take: Take, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The ledger is kept up to date by pool; rebuilt, it must be the same."""
    from data.ingest.home_store import open_home
    from data.ingest.pipeline import ingest
    from data.raw.inputs import uploaded
    from data.store.home import Home
    from tests.conftest import lines

    jobs = [
        kept(
            f"p{n % 3}-{n}",
            created=n * 400.0,
            ResourceConfig={**KEPT, "VolumeSizeInGB": 30 + n % 3},
        )
        for n in range(24)
    ]
    for number, start in enumerate((0, 9, 17)):
        take(*jobs[start : (9, 17, 24)[number]], name=f"{number}.jsonl")
        ask(store, "jobs")
    whole = open_home(Home(tmp_path_factory.mktemp("home")).create(), derivation=derive)
    ingest(whole, uploaded("all.jsonl", lines(*reversed(jobs))))
    one, other = (ask(opened, "jobs") for opened in (store, whole))
    whole.close()
    pd.testing.assert_frame_equal(one, other)


def test_a_refused_pool_is_a_finding(store: Store, take: Take) -> None:
    jobs, _, _ = MISSES["refused by the quota"]
    take(*jobs)
    found = ask(store, "findings").set_index("finding")
    assert found.loc["pool_refused_by_quota", "job_count"] == 1
    assert "quota" in found.loc["pool_refused_by_quota", "explanation"]


def test_a_donor_without_an_end_gives_a_hit_of_unknown_gap(store: Store, take: Take) -> None:
    donor = kept("a", WarmPoolStatus={"Status": "Reused", "ReusedByJob": "b"})
    take({k: v for k, v in donor.items() if k != "TrainingEndTime"}, kept("b", created=END + 9))
    row = ledger(store, "b")
    assert (row.outcome, row.donor_job_name) == ("hit", "a")
    assert pd.isna(row.gap_s)


def test_a_search_record_does_not_take_serverless_back(store: Store, take: Take) -> None:
    job = describe_job("a", ServerlessJobConfig={"JobType": "FineTuning"}, ResourceConfig=None)
    take(job)
    later = {k: v for k, v in job.items() if k != "ServerlessJobConfig"}
    take({"TrainingJob": {**later, "LastModifiedTime": at(99_999)}}, name="search.jsonl")
    assert ledger(store, "a").eligibility == "serverless"


def test_a_derivation_that_dies_half_way_is_done_again(
    store: Store, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(*(kept(f"j{n}", created=n * 1000.0) for n in range(6)))

    def dying(_: object) -> None:
        message = "killed"
        raise RuntimeError(message)

    monkeypatch.setattr("analytics.derived.savings.write_stale_savings", dying)
    with pytest.raises(RuntimeError):
        take(*(kept(f"k{n}", created=n * 1000.0) for n in range(6)), name="more.jsonl")
    monkeypatch.undo()
    assert len(ask(store, "jobs")) == 6
    store.derive()
    assert len(ask(store, "jobs")) == 12
    rates = ask(store, "warm_pool_hit_rate").iloc[0]
    assert rates.eligible_count == 12


def test_a_cluster_that_an_export_says_was_not_retained_is_not_provisioned(
    store: Store,
) -> None:
    rows = [  # created, provisioning, end, retained
        ("c0", 0, 200, 600, 0),
        ("c1", 720, 10, 1200, 30),
        ("c2", 1500, 200, 1800, 0),
        ("c3", 3000, 200, 3300, 0),
    ]
    header = (
        "job_name,created_at,training_started_at,training_ended_at,pool_key,keep_alive_period_s,"
        "retained_s,provisioning_s\n"
    )
    content = header + "".join(
        f"{name},{at(created)},{at(created + waited)},{at(ended)},p,600,{retained},{waited}\n"
        for name, created, waited, ended, retained in rows
    )
    ingest(store, uploaded("jobs.csv", content.encode()))
    found = ask(store, "jobs").sort_values("job_name")["miss_reason"]
    assert list(found) == ["first_of_key", "not_provisioned", "ended_early", "not_provisioned"]
