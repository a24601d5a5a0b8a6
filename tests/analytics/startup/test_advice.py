"""Startup advice: matched differences against slow references, and what is not claimed."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from analytics.query import Filters
from analytics.startup.advice import Objective, judge, rationale
from analytics.startup.compare import Cells, Group, compare, compared_groups
from analytics.startup.recommendations import recommendations
from data.ingest.pipeline import ImportResult
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask, describe_job

Take = Callable[..., ImportResult]
A_DAY = 20_000
MONTHS = 28 * 24 / 730
WISHES = Objective(60.0, is_value_assumed=False, minimum_usd_per_month=1.0)


def starts(*, effect_s: float, seed: int, pools: int = 1, count: int = 160) -> pd.DataFrame:
    """Return starts of 40 days: those of Fast File read the larger data, mostly."""
    rng = np.random.default_rng(seed)
    size = count * pools
    is_large = rng.random(size) < 0.5
    is_fast = rng.random(size) < np.where(is_large, 0.8, 0.2)
    day = rng.integers(A_DAY, A_DAY + 40, size)
    wait_s = 60 + 100 * is_large + rng.exponential(10, size) - effect_s * is_fast
    return pd.DataFrame(
        {
            "lever": "input_mode",
            "pool_id": np.repeat(np.arange(pools), count),
            "choice": np.where(is_fast, "FastFile", "File"),
            "start_kind": "cold",
            "stratum": is_large.astype(int),
            "day": day,
            "is_recent": day >= A_DAY + 12,
            "job_count": 1,
            "wait_s": wait_s,
            "billed_count": 1,
            "billed_s": wait_s / 2,
            "priced_count": 1,
            "usd_per_h": 4.0,
        }
    )


def groups(rows: pd.DataFrame) -> list[Group]:
    return list(compared_groups(rows, months=MONTHS, value_usd_per_h=60.0))


def test_a_difference_is_that_of_jobs_that_are_alike() -> None:
    rows = starts(effect_s=30, seed=1)
    by_mode = rows.groupby("choice")["wait_s"].mean()
    assert by_mode["FastFile"] > by_mode["File"]  # as its data is larger

    found = compare(
        Cells.of(rows), (rows["day"] % 2 == 1).to_numpy(), "FastFile",
        months=MONTHS, value_usd_per_h=60.0,
    )  # fmt: skip
    assert found is not None
    # slowly: each stratum's difference, weighed by the recent jobs that would change
    odd, total_s, touched = rows[rows["day"] % 2 == 1], 0.0, 0
    for stratum in (0, 1):
        of = odd[odd["stratum"] == stratum]
        file_s = of[of["choice"] == "File"]["wait_s"].mean()
        fast_s = of[of["choice"] == "FastFile"]["wait_s"].mean()
        now = rows[rows["is_recent"] & (rows["stratum"] == stratum) & (rows["choice"] == "File")]
        total_s += len(now) * (file_s - fast_s)
        touched += len(now)
    assert found.saved.value == pytest.approx(total_s / touched)
    assert found.wait_saved_h == pytest.approx(total_s / 3600 / MONTHS)
    # half of the seconds is billed, at 4 USD per hour
    assert found.cash_usd == pytest.approx(total_s / 2 / 3600 * 4 / MONTHS)
    assert found.net is not None
    assert found.net.value == pytest.approx(found.cash_usd + 60 * found.wait_saved_h)
    assert found.saved.low < 30 < found.saved.high
    assert found.saved.low > 15


def test_where_nothing_differs_no_pool_of_many_is_told_to_change() -> None:
    from analytics.startup.advice import FALSE_SHARE
    from analytics.stats.matched import are_discoveries

    found = groups(starts(effect_s=0, seed=2, pools=60))
    assert len(found) == 60
    p_values = np.array([one.comparison.p_value for one in found if one.comparison])
    stands = are_discoveries(p_values, FALSE_SHARE)
    verdicts = [
        judged.verdict
        for one, sure in zip(found, stands, strict=True)
        if (judged := judge(one, WISHES, stands=bool(sure)))
    ]
    assert verdicts.count("change") <= 1
    # without the guard some would be
    assert (p_values <= 0.05).any()


def test_what_is_not_matched_is_not_claimed() -> None:
    apart = starts(effect_s=30, seed=3)
    apart = apart[(apart["choice"] == "FastFile") == (apart["stratum"] == 1)]
    [group] = groups(apart)
    assert group.comparison is None
    judged = judge(group, WISHES, stands=False)
    assert judged is not None
    assert judged.verdict == "not_enough_data"

    alone = starts(effect_s=30, seed=3)
    alone = alone[alone["choice"] == "File"].assign(stratum=None, day=None)
    [group] = groups(alone)
    judged = judge(group, WISHES, stands=False)
    assert judged is not None
    assert (judged.verdict, judged.group.comparison) == ("not_tried", None)


def test_of_many_images_the_rare_ones_can_be_left_but_not_advised() -> None:
    rows = starts(effect_s=30, seed=1).assign(lever="image")
    rows["choice"] = rows["choice"].map({"FastFile": "rarely_used", "File": "a:1"})
    [group] = groups(rows)
    of = group.comparison
    assert of is not None
    assert (of.target, of.current, group.is_worth_it) == ("a:1", "rarely_used", False)
    judged = judge(group, WISHES, stands=False)
    assert judged is not None
    assert judged.verdict == "keep"


def test_an_unknown_price_leaves_the_wait_and_no_money() -> None:
    rows = starts(effect_s=30, seed=1).assign(usd_per_h=np.nan, priced_count=0)
    [group] = groups(rows)
    of = group.comparison
    assert of is not None
    assert (of.cash_usd, of.net) == (None, None)
    assert of.wait_saved_h > 0
    judged = judge(group, WISHES, stands=True)
    assert judged is not None
    assert judged.verdict == "no_price"
    assert "Not every job that would change has a known price" in rationale(judged, WISHES)


def test_unknown_billed_seconds_are_not_called_an_unknown_price() -> None:
    rows = starts(effect_s=30, seed=1).assign(billed_s=0.0, billed_count=0)
    [group] = groups(rows)
    judged = judge(group, WISHES, stands=True)
    assert judged is not None
    assert judged.verdict == "not_enough_data"
    said = rationale(judged, WISHES)
    assert "How much of a start is billed is not known" in said
    assert "price" not in said


def test_hours_of_downloads_that_are_not_known_are_not_said() -> None:
    rows = starts(effect_s=30, seed=1).assign(billed_s=np.nan, billed_count=0)
    [group] = groups(rows[rows["choice"] == "File"])
    judged = judge(group, WISHES, stands=False)
    assert judged is not None
    assert judged.verdict == "not_tried"
    said = rationale(judged, WISHES)
    assert "nan" not in said
    assert said.endswith("it would save. Run some jobs the other way, and compare.")


def test_the_demo_history_is_told_to_read_one_pools_data_otherwise(demo_store: Store) -> None:
    advice = ask(demo_store, "startup_advice")
    row = advice.iloc[0]
    assert (row.lever, row.verdict, row.advised_choice) == ("input_mode", "change", "FastFile")
    jobs = ask(demo_store, "jobs", Filters(where=(("pool_key", row.group_value),)))
    jobs = jobs.dropna(subset=["startup_latency_s"])
    day = (jobs["created_at"] - datetime(1970, 1, 1, tzinfo=UTC)).dt.days
    odd, is_recent = jobs[day % 2 == 1], day > ask_last_day(demo_store) - 28
    assert row.matched_job_count == len(odd)
    total_s, touched = 0.0, 0
    for kind in ("cold", "warm"):
        of = odd[odd["start_kind"] == kind].groupby("input_mode")["startup_latency_s"].mean()
        is_own = is_recent & (jobs["start_kind"] == kind) & (jobs["input_mode"] == "File")
        total_s += int(is_own.sum()) * (of["File"] - of["FastFile"])
        touched += int(is_own.sum())
    assert row.saved_s == pytest.approx(total_s / touched)
    # no other pool has both: nothing is claimed of them
    others = advice.iloc[1:]
    assert others["saved_s"].isna().all()
    assert others["net_gain_usd_per_month"].isna().all()

    [change, *rest] = recommendations(advice, "input_mode")
    assert change.is_change
    assert (change.certainty, change.basis) == ("sure", "matched_jobs")
    pool = f"pool {row.region} {row.group_value}"
    assert change.touches == {pool, f"download of {pool}", f"input_mode of {pool}"}
    assert not any(one.is_change for one in rest)
    assert recommendations(advice, "startup") == []


def ask_last_day(store: Store) -> int:
    span = Reader(store).frame(
        "select max(created_at::date) - date '1970-01-01' as day from job_facts"
        " where pool_id is not null"
    )
    return int(span["day"].iloc[0])


def test_whether_a_job_is_profiled_is_read_and_else_unknown(store: Store, take: Take) -> None:
    take(
        describe_job("on", ProfilerConfig={"S3OutputPath": "s3://b/p", "DisableProfiler": False}),
        describe_job("older", ProfilerConfig={"S3OutputPath": "s3://b/p"}),
        describe_job("off", ProfilerConfig={"DisableProfiler": True}),
        describe_job("silent"),
    )
    rows = Reader(store).frame("select job_name, is_profiled from training_jobs")
    known = dict(zip(rows["job_name"], rows["is_profiled"], strict=True))
    assert {name: None if pd.isna(value) else bool(value) for name, value in known.items()} == {
        "on": True, "older": True, "off": False, "silent": None,
    }  # fmt: skip
