"""Billed against computed: a day by hand, laws of the difference, and what is unknown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.query import Filters
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.bills import line, take_bill
from tests.conftest import T0, ask, describe_job

Take = Callable[..., ImportResult]
DAY_S = 86_400
MIDNIGHT_S = 16 * 3600  # after T0, 2 March 2026 8:00
PARTS = ["discount_usd", "billed_storage_usd", "uncovered_usd", "unexplained_usd"]


def priced(store: Store, usd_per_h: float = 3.6) -> None:
    row = f"ml.g5.2xlarge,us-east-1,{usd_per_h},2020-01-01"
    header = "instance_type,region,list_unit_price_usd_per_h,effective_from\n"
    ingest(store, uploaded("prices.csv", f"{header}{row}\n".encode()), kind="prices")


def days(store: Store, **given: Any) -> pd.DataFrame:
    rows = ask(store, "bill_reconciliation", **given)
    return rows.assign(day=rows["day"].astype(str).str[:10]).set_index("day")


def test_a_day_by_hand(store: Store, take: Take) -> None:
    priced(store)
    # 1000 s of one instance at 3.6 USD/h, and 100 s idle: 1.00 + 0.10 USD
    take(
        describe_job(
            "a", provisioning=60, download=100, run=900,
            ResourceConfig={"KeepAlivePeriodInSeconds": 600},
            WarmPoolStatus={"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 100},
        )
    )  # fmt: skip
    take_bill(
        store,
        line(1.10, line_item_usage_amount=1100 / 3600),
        line(-0.11, line_item_line_item_type="EdpDiscount", pricing_public_on_demand_cost=""),
        line(0.02, line_item_usage_type="USE1-Train:VolumeUsage.gp2"),
        line(0.30, line_item_usage_type="USE1-Train:ml.c5.xlarge"),
        line(-9.0, line_item_line_item_type="Credit"),
    )
    row = days(store).loc["2026-03-02"]
    assert row.billed_usd == pytest.approx(1.31)
    assert (row.computed_run_usd, row.computed_retained_usd) == pytest.approx((1.0, 0.1))
    assert row.difference_usd == pytest.approx(0.21)
    assert row[PARTS].fillna(0).tolist() == pytest.approx([-0.11, 0.02, 0, 0.30])
    assert row.left_aside_usd == -9
    assert pd.isna(row.billed_warm_pool_usd)
    for said in ("0.11 USD less than on-demand", "0.02 USD is for volumes", "Unexplained: 0.30",
                 "No usage type is known as one of warm pools (patterns of 2026-11-26): 0.10 USD",
                 "-9.00 USD of credits", "newest day billed"):  # fmt: skip
        assert said in row.explanation


def test_a_usage_type_that_a_pattern_knows_is_billed_as_warm_pools(
    store: Store, take: Take
) -> None:
    take(describe_job("a"))
    take_bill(
        store, line(1.0), line(0.25, line_item_usage_type="USE1-Train:WarmPool:ml.g5.2xlarge")
    )
    row = days(store).loc["2026-03-02"]
    assert row.billed_warm_pool_usd == 0.25
    assert "0.25 USD is billed as warm pools." in row.explanation


def test_what_runs_past_midnight_counts_on_both_days_run_and_idle_time_alike(
    store: Store, take: Take
) -> None:
    priced(store)
    # runs 23:00 to 2:00, then idles until 4:00
    take(
        describe_job(
            "a", created=MIDNIGHT_S - 3600, provisioning=0, download=0, run=3 * 3600,
            ResourceConfig={"KeepAlivePeriodInSeconds": 7200},
            WarmPoolStatus={"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 7200},
        ),
        describe_job(
            "b", created=2 * MIDNIGHT_S + 8 * 3600 - 1800, provisioning=0, download=0, run=600,
            ResourceConfig={"KeepAlivePeriodInSeconds": 3600},
            WarmPoolStatus={"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 2400},
        ),
    )  # fmt: skip
    found = days(store)
    run, idle = found["computed_run_usd"], found["computed_retained_usd"]
    assert run.loc["2026-03-02":"2026-03-03"].tolist() == pytest.approx([3.6, 7.2 + 0.6])
    assert idle.loc["2026-03-03":"2026-03-04"].tolist() == pytest.approx([7.2 + 1.2, 1.2])
    assert found["computed_usd"].sum() == pytest.approx(
        float(ask(store, "costs", by="all").iloc[0].total_usd)
    )


def test_a_line_of_several_days_is_spread_over_them(store: Store) -> None:
    take_bill(store, line(6.0, line_item_usage_start_date="2026-03-02 12:00:00",
                          line_item_usage_end_date="2026-03-04 00:00:00"))  # fmt: skip
    assert days(store)["billed_usd"].to_dict() == pytest.approx({"2026-03-02": 2, "2026-03-03": 4})


def test_unknown_is_null_and_never_0(store: Store, take: Take) -> None:
    take(
        describe_job("a", created=-DAY_S),  # before the bill
        describe_job("b", created=DAY_S),  # between two of its days
        describe_job("c", created=2 * DAY_S, ResourceConfig={"InstanceType": "ml.p99.24xlarge"}),
        describe_job("d", created=3 * DAY_S),  # after it
    )
    take_bill(store, line(1.0), line(2.0, day="2026-03-04"))
    found = days(store)
    before, first, between, last, after = (found.loc[f"2026-03-0{day}"] for day in range(1, 6))
    for row in (before, after):
        assert pd.isna(row.billed_usd)
        assert pd.isna(row.difference_usd)
        assert pd.isna(row.unexplained_usd)
        assert row.computed_usd > 0
        assert row.explanation.startswith("No imported bill covers this day.")
    assert pd.isna(first.computed_usd)
    assert "No cost of an imported job is known" in first.explanation
    assert between.billed_usd == 0
    assert between.difference_usd == pytest.approx(-between.computed_usd)
    assert "though it has some before and after" in between.explanation
    assert pd.isna(last.computed_usd)
    assert pd.isna(last.difference_usd)
    assert "Jobs without a known price: 1." in last.explanation
    summary = ask(store, "bill_summary").iloc[0]
    assert (summary.billed_day_count, summary.compared_day_count) == (3, 1)
    assert summary.billed_usd == 0  # of the one day compared


def test_amounts_are_never_mixed_and_one_that_a_line_lacks_makes_the_sum_unknown(
    store: Store, take: Take
) -> None:
    take(describe_job("a"))
    plan = {"line_item_line_item_type": "SavingsPlanCoveredUsage"}
    plain = {"savings_plan_savings_plan_effective_cost": ""}
    take_bill(
        store,
        line(4.0, **plan, savings_plan_savings_plan_effective_cost=3.0),
        line(-4.0, line_item_line_item_type="SavingsPlanNegation", **plain),
        line(1.0, **plain),
        line(1.0, day="2026-03-03", **plain, pricing_public_on_demand_cost=""),
    )
    sums = {name: days(store, amount=name)["billed_usd"].iloc[0]
            for name in ("billed", "effective", "on_demand")}  # fmt: skip
    assert sums == {"billed": 1, "effective": 4, "on_demand": 5}
    assert days(store)["discount_usd"].iloc[0] == -4
    lacking = days(store, amount="on_demand").loc["2026-03-03"]
    assert pd.isna(lacking.billed_usd)
    assert "does not have this amount for every line" in lacking.explanation


def test_accounts_that_no_bill_covers_are_told_apart(store: Store, take: Take) -> None:
    priced(store)
    other = describe_job("b", provisioning=0, download=0, run=500, account="210987654321")
    take(describe_job("a", provisioning=0, download=0, run=1000), other)
    take_bill(store, line(1.0))
    row = days(store).loc["2026-03-02"]
    assert (row.uncovered_usd, row.unexplained_usd) == pytest.approx((0.5, 0))
    assert "does not cover: account 210987654321." in row.explanation
    mine = Filters(where=(("account_id", "123456789012"),))
    assert days(store, filters=mine)["difference_usd"].iloc[0] == pytest.approx(0)


def test_a_window_takes_whole_days(store: Store) -> None:
    take_bill(store, line(1.0), line(2.0, day="2026-03-03"), line(4.0, day="2026-03-04"))
    window = Filters(since=T0, until=datetime(2026, 3, 4, tzinfo=UTC))
    assert days(store, filters=window)["billed_usd"].to_dict() == {"2026-03-03": 2}


JOBS = st.lists(
    st.tuples(st.integers(0, 4 * DAY_S), st.integers(1, 2 * DAY_S), st.integers(0, 20_000)),
    min_size=1, max_size=5,
)  # fmt: skip
CENTS = st.integers(-500, 100_000).map(lambda cents: cents / 100)
LINES = st.lists(
    st.tuples(
        st.integers(0, 6), CENTS, CENTS,
        st.sampled_from(("Usage", "EdpDiscount", "Credit", "SavingsPlanCoveredUsage")),
        st.sampled_from(("Train:ml.g5.2xlarge", "Train:VolumeUsage.gp2", "Train:WarmPool")),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(jobs=JOBS, lines=LINES)
def test_the_parts_add_up_to_the_difference_and_the_days_to_the_sums(
    store: Store, jobs: list[tuple[int, int, int]], lines: list[tuple[Any, ...]]
) -> None:
    number = int(store.scalar("select count(*) from imports"))
    records = [
        describe_job(
            f"j{number}-{place}", created=created, provisioning=0, download=0, run=run,
            ResourceConfig={"KeepAlivePeriodInSeconds": 20_000},
            WarmPoolStatus={
                "Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": retained
            },
        )
        for place, (created, run, retained) in enumerate(jobs)
    ]  # fmt: skip
    ingest(store, uploaded("jobs.jsonl", b"\n".join(map(orjson.dumps, records))))
    rows = [
        line(cost, day=f"{T0 + timedelta(days=day):%Y-%m-%d}", pricing_public_on_demand_cost=listed,
             line_item_line_item_type=line_type, line_item_usage_type=usage_type,
             identity_line_item_id=number)
        for day, cost, listed, line_type, usage_type in lines
    ]  # fmt: skip
    take_bill(store, *rows, name=f"{number}.csv")
    found = days(store)
    known = found.dropna(subset=["difference_usd"])
    pd.testing.assert_series_equal(
        known["billed_usd"] - known["computed_usd"], known["difference_usd"], check_names=False
    )
    parts = known[PARTS].fillna(0)
    sums = parts["discount_usd"] + parts["billed_storage_usd"] + parts["unexplained_usd"]
    pd.testing.assert_series_equal(
        sums - parts["uncovered_usd"], known["difference_usd"], check_names=False, atol=1e-6
    )
    # no cost is lost or made by spreading it over days
    cost = ask(store, "costs", by="all").iloc[0]
    assert found["computed_usd"].sum() == pytest.approx(float(cost.total_usd))
    usage = store.scalar("select sum(billed_cost_usd) from cost_line_items"
                         " where charge_category = 'Usage'")  # fmt: skip
    assert found["billed_usd"].sum() == pytest.approx(float(usage or 0))
