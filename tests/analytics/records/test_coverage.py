"""Coverage by account, region and source: spans, gaps, and minutes with samples, against a loop."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.vocabulary import RECORD_KINDS
from data.datasets.catalog import datasets
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.bills import ACCOUNT, line, take_bill
from tests.conftest import T0, ask, describe_job

Take = Callable[..., ImportResult]
DAY_S = 86_400
SAMPLES = (
    "account_id,region,job_name,host_name,metric_name,statistic_name,period_s,sampled_at,"
    "metric_value"
)


def import_samples(store: Store, rows: list[tuple[Any, ...]]) -> None:
    """Import samples of (account, region, job, host number, period, seconds after T0)."""
    lines = [SAMPLES]
    for account, region, job, host, period_s, second in rows:
        at = (T0 + timedelta(seconds=second)).isoformat()
        lines += [
            f"{account},{region},{job},{job}/algo-{host},{metric},Average,{period_s},{at},50"
            for metric in ("CPUUtilization", "GPUUtilization")
        ]
    ingest(store, uploaded("samples.csv", "\n".join(lines).encode()), kind="metrics")


def sampled_by_hand(run: tuple[int, int], samples: list[tuple[int, int]]) -> tuple[int, int]:
    """Return minutes of the clock in which a job ran, and those that a sample stands for."""
    minutes = {second // 60 for second in range(*run)}
    stood_for = {
        second // 60 for at, period_s in samples for second in range(at, at + (period_s or 60))
    }
    return len(minutes), len(minutes & stood_for)


def test_each_source_has_a_name_and_stands_on_the_page() -> None:
    counted = {
        dataset.kind
        for dataset in datasets().values()
        if dataset.time_column and dataset.kind not in ("jobs", "metric_reads")
    }
    assert counted <= set(RECORD_KINDS)
    page = (Path(__file__).parents[3] / "docs/metrics/coverage.md").read_text(encoding="utf-8")
    assert set(RECORD_KINDS) <= set(re.findall(r"`(\w+)`", page))


def test_each_account_and_region_has_its_span_and_gaps(store: Store, take: Take) -> None:
    other = {"account": "210987654321", "region": "eu-west-1"}
    take(
        describe_job("a"),
        describe_job("b", created=4 * DAY_S),
        describe_job("c", created=5 * DAY_S),
        describe_job("d", created=2 * DAY_S, **other),
        describe_job("e", created=3 * DAY_S, region="eu-west-1"),
    )
    rows = ask(store, "coverage", of_kind="jobs")
    assert [
        (row.account_id[:3], row.region, row.job_count, row.day_count, row.empty_day_count)
        for row in rows.itertuples()
    ] == [
        ("123", "eu-west-1", 1, 1, 0),
        ("123", "us-east-1", 3, 3, 3),
        ("210", "eu-west-1", 1, 1, 0),
    ]
    assert list(rows["longest_gap_days"]) == [0, 3, 0]
    together = ask(store, "coverage", of_kind="jobs", by="source").iloc[0]
    assert (together["job_count"], together["day_count"], together["empty_day_count"]) == (5, 5, 1)
    # law: days with + days without = days from the first to the last, both included
    for row in rows.itertuples():
        days = (row.last_created_at.date() - row.first_created_at.date()).days + 1
        assert row.day_count + row.empty_day_count == days


def test_the_share_of_sampled_minutes_is_that_of_a_loop(store: Store, take: Take) -> None:
    # conftest's job starts 60 s after its creation, and ends 630 s later
    take(
        describe_job("one"),
        describe_job("two", created=7, region="eu-west-1"),
        describe_job("none", created=11),
        describe_job("still", created=20, TrainingEndTime=None),
    )
    own = ("123456789012", "us-east-1")
    samples = {
        "one": [(0, 60), (60, 60), (119, 60), (305, 60), (600, 300), (5000, 60)],
        "two": [(0, 3600)],
    }
    rows = [(*own, "one", 1, period_s, at) for at, period_s in samples["one"]]
    rows += [(*own, "one", 2, 60, 305)]  # another host at the same minute
    rows += [("", "", "two", 1, period_s, at) for at, period_s in samples["two"]]
    rows += [("999999999999", "us-east-1", "none", 1, 60, 120)]  # of a job of another account
    import_samples(store, rows)
    found = ask(store, "coverage").set_index(["source", "region"])
    one = sampled_by_hand((60, 690), samples["one"])
    two = sampled_by_hand((67, 697), samples["two"])
    none = sampled_by_hand((71, 701), [])
    us, eu = found.loc[("describe", "us-east-1")], found.loc[("describe", "eu-west-1")]
    assert us["job_minute_count"] == one[0] + none[0]
    assert us["sampled_minute_ratio"] == pytest.approx(one[1] / (one[0] + none[0]))
    assert (eu["job_minute_count"], eu["sampled_minute_ratio"]) == (two[0], two[1] / two[0])
    metrics = ask(store, "coverage")
    metrics = metrics[metrics["source"] == "metrics"]
    assert metrics["record_count"].sum() == 2 * len(rows)
    assert ask(store, "coverage", by="source").set_index("source").loc[
        "metrics", "record_count"
    ] == 2 * len(rows)  # fmt: skip


def test_a_job_that_never_ran_has_no_minutes_and_no_share(store: Store, take: Take) -> None:
    take(describe_job("a", provisioning=None))
    row = ask(store, "coverage").iloc[0]
    assert row[["job_minute_count", "sampled_minute_ratio"]].isna().all()


def hour_of(day: str) -> dict[str, str]:
    """Return the hour after noon, as a line of a bill has it."""
    return {
        "line_item_usage_start_date": f"{day} 12:00:00",
        "line_item_usage_end_date": f"{day} 13:00:00",
    }


def test_a_bill_is_counted_from_its_first_to_its_last_hour(store: Store) -> None:
    take_bill(
        store,
        line(6.0, **hour_of("2026-03-02")),
        line(2.0, **hour_of("2026-03-05")),
    )
    row = ask(store, "coverage").set_index("source").loc["bill"]
    assert (row["record_count"], row["day_count"], row["empty_day_count"]) == (2, 2, 2)
    assert str(row["first_record_at"]) == "2026-03-02 12:00:00+00:00"
    assert str(row["last_record_at"]) == "2026-03-05 12:00:00+00:00"
    assert row["account_id"] == ACCOUNT
