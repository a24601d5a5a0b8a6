"""List costs: what adds up, what is unknown, and which price applies when."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from analytics.costs.queries import GROUPS
from analytics.query import Filters
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, describe_job

Take = Callable[..., ImportResult]


def priced(store: Store, *rows: str) -> ImportResult:
    header = "instance_type,region,list_unit_price_usd_per_h,effective_from\n"
    return ingest(store, uploaded("prices.csv", (header + "\n".join(rows) + "\n").encode()))


def cost(store: Store, **options: str) -> pd.Series:
    return ask(store, "costs", **{"by": "all", **options}).iloc[0]


def test_the_example_of_two_instances_costs_what_its_seconds_say(store: Store, take: Take) -> None:
    # aws-semantics G: 2 x (765 + 95) instance-seconds, of them 2 x 190 billed startup
    priced(store, "ml.g5.2xlarge,us-east-1,3.6,2020-01-01")
    take(
        describe_job(
            "a",
            provisioning=80,
            download=190,
            run=575,
            ResourceConfig={"InstanceCount": 2, "KeepAlivePeriodInSeconds": 600},
            WarmPoolStatus={
                "Status": "Reused",
                "ReusedByJob": "b",
                "ResourceRetainedBillableTimeInSeconds": 95,
            },
        )
    )
    row = cost(store)
    assert row.billed_startup_usd == pytest.approx(2 * 190 / 1000)
    assert row.run_usd == pytest.approx(2 * 575 / 1000)
    assert row.retained_usd == pytest.approx(2 * 95 / 1000)
    assert row.total_usd == pytest.approx(2 * 860 / 1000)


def test_every_group_of_a_heterogeneous_job_is_charged_for_the_same_time(
    store: Store, take: Take
) -> None:
    priced(
        store,
        "ml.p4d.24xlarge,us-east-1,37.688,2020-01-01",
        "ml.c5.18xlarge,us-east-1,3.672,2020-01-01",
    )
    groups = [
        {"InstanceGroupName": "d", "InstanceType": "ml.c5.18xlarge", "InstanceCount": 2},
        {"InstanceGroupName": "g", "InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1},
    ]
    take(
        describe_job(
            "a", run=3570,
            ResourceConfig={"InstanceType": None, "InstanceCount": 0, "InstanceGroups": groups},
        )
    )  # fmt: skip
    job = ask(store, "jobs").iloc[0]
    assert job.list_cost_usd == pytest.approx(45.032)  # published: hetero-tf-cand-price
    assert (job.instance_type, job.instance_count, job.accelerator_count) == ("mixed", 3, 8)


@pytest.mark.parametrize("attribute_to", ["donor", "reuser", "half", "key_users"])
def test_the_sum_does_not_depend_on_who_bears_the_idle_time(
    demo_store: Store, attribute_to: str
) -> None:
    by_user = ask(demo_store, "costs", by="user_name", attribute_to=attribute_to)
    whole = cost(demo_store)
    assert not by_user.empty
    for name in ("run_usd", "billed_startup_usd", "retained_usd", "total_usd"):
        assert by_user[name].sum() == pytest.approx(whole[name])


def test_attribution_moves_the_idle_time_to_the_one_who_reuses(store: Store, take: Take) -> None:
    pool = {"KeepAlivePeriodInSeconds": 600}
    status = {
        "Status": "Reused",
        "ReusedByJob": "b",
        "ResourceRetainedBillableTimeInSeconds": 100,
    }

    def named(user: str, job: dict[str, Any]) -> dict[str, Any]:
        return {"TrainingJob": {**job, "Tags": [{"Key": "user", "Value": user}]}}

    take(
        named("ada", describe_job("a", ResourceConfig=pool, WarmPoolStatus=status)),
        named("bob", describe_job("b", created=790, ResourceConfig=pool)),
    )

    def retained(attribute_to: str) -> dict[str, float]:
        rows = ask(store, "costs", by="user_name", attribute_to=attribute_to)
        return dict(zip(rows["group_value"], rows["retained_usd"].fillna(0), strict=True))

    whole = retained("donor")["ada"]
    assert whole > 0
    assert retained("reuser") == pytest.approx({"ada": 0, "bob": whole})
    assert retained("half") == pytest.approx({"ada": whole / 2, "bob": whole / 2})
    assert retained("key_users") == pytest.approx({"ada": whole / 2, "bob": whole / 2})


@pytest.mark.parametrize("by", GROUPS)
def test_parts_sum_to_the_total_in_every_grouping(demo_store: Store, by: str) -> None:
    rows = ask(demo_store, "costs", by=by)
    known = rows[rows["total_usd"].notna()]
    parts = known[["run_usd", "billed_startup_usd", "retained_usd"]].sum(axis=1)
    pd.testing.assert_series_equal(parts, known["total_usd"], check_names=False)
    assert rows["total_usd"].sum() == pytest.approx(cost(demo_store).total_usd)


def test_a_type_without_a_price_is_unknown_not_free(store: Store, take: Take) -> None:
    take(describe_job("a", ResourceConfig={"InstanceType": "ml.p99.24xlarge"}))
    row = cost(store)
    assert pd.isna(row.total_usd)
    assert row.unknown_price_job_count == 1
    assert pd.isna(ask(store, "jobs").iloc[0].list_cost_usd)
    found = ask(store, "findings").set_index("finding")
    assert "price file" in found.loc["unknown_price", "next_action"]


def test_a_users_price_fills_the_gap_and_is_taken_into_old_jobs(store: Store, take: Take) -> None:
    take(
        describe_job(
            "a",
            run=1770,
            ResourceConfig={"InstanceType": "ml.p99.24xlarge"},
            BillableTimeInSeconds=1800,
        )
    )
    assert pd.isna(cost(store).total_usd)
    assert priced(store, "ml.p99.24xlarge,us-east-1,10,2020-01-01").accepted_count == 1
    assert cost(store).total_usd == pytest.approx(5)


def test_a_bad_price_row_is_rejected_with_a_reason(store: Store) -> None:
    result = priced(store, "ml.x.y,us-east-1,-1,2020-01-01", "g5,us-east-1,1,2020-01-01",
                    "ml.x.y,us-east-1,1,soon", "ml.x.y,us-east-1,1,2020-01-01")  # fmt: skip
    assert (result.accepted_count, result.rejected_count) == (1, 3)


PRICES = [
    # own region: the latest not after the day
    (["us-west-2,1,2020-01-01", "us-west-2,2,2026-01-01", "us-west-2,3,2027-01-01"], 2.0),
    # before the first row, that row
    (["us-west-2,7,2027-01-01", "us-west-2,8,2028-01-01"], 7.0),
    # else us-east-1, else any
    (["us-east-1,4,2020-01-01", "eu-west-1,5,2020-01-01"], 4.0),
    (["eu-west-1,5,2020-01-01"], 5.0),
]


@pytest.mark.parametrize(("rows", "expected"), PRICES)
def test_the_price_of_the_day_and_region_applies_with_flagged_substitutes(
    store: Store, take: Take, rows: list[str], expected: float
) -> None:
    priced(store, *(f"ml.p99.24xlarge,{row}" for row in rows))
    take(
        describe_job(
            "a",
            region="us-west-2",
            run=3570,
            BillableTimeInSeconds=3600,
            ResourceConfig={"InstanceType": "ml.p99.24xlarge"},
        )
    )
    job = ask(store, "jobs").iloc[0]
    assert job.list_cost_usd == pytest.approx(expected)
    assert pd.isna(job.price_note) == (expected == 2.0)


def test_estimates_are_flagged_and_summed_apart(store: Store, take: Take) -> None:
    take(describe_job("a", ResourceConfig={"InstanceType": "ml.c4.xlarge"}))
    row = cost(store)
    assert row.estimated_usd == pytest.approx(row.total_usd)
    assert "estimate" in ask(store, "jobs").iloc[0].price_note


def test_a_failed_job_counts_with_all_it_cost(store: Store, take: Take) -> None:
    take(describe_job("a", TrainingJobStatus="Failed"), describe_job("b", created=5000))
    row = cost(store)
    assert row.failed_usd == pytest.approx(row.total_usd / 2)


def test_a_job_that_never_started_costs_nothing_and_is_counted(store: Store, take: Take) -> None:
    take(describe_job("a", provisioning=None))
    row = cost(store)
    assert (row.job_count, row.total_usd, row.unknown_price_job_count) == (1, 0, 0)


def test_filters_choose_the_jobs(demo_store: Store) -> None:
    some = ask(demo_store, "costs", Filters(where=(("region", "eu-west-1"),)), by="region")
    assert list(some["group_value"]) == ["eu-west-1"]
    both = Filters(where=(("region", "eu-west-1"), ("region", "us-west-2")))
    assert len(ask(demo_store, "costs", both, by="region")) == 2


def test_an_unknown_download_is_no_billed_startup(store: Store, take: Take) -> None:
    take(describe_job("a", SecondaryStatusTransitions=[]))
    row = cost(store)
    assert row.run_usd > 0
    assert pd.isna(row.billed_startup_usd)
    assert row.unknown_startup_job_count == 1


def test_a_setting_leaves_estimates_out(store: Store, take: Take) -> None:
    take(describe_job("a", ResourceConfig={"InstanceType": "ml.c4.xlarge"}))
    assert cost(store).total_usd > 0
    store.home.settings.write_text("use_estimated_prices = false\n")
    store.derive()
    row = cost(store)
    assert pd.isna(row.total_usd)
    assert row.unknown_price_job_count == 1
