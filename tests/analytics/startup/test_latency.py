"""Startup latency: quantiles, phases, intervals, and what AWS published."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.query import Filters
from analytics.stats.quantiles import interval_shares
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import T0, ask, at, describe_job

Take = Callable[..., ImportResult]
GOLDEN = Path(__file__).parents[2] / "golden" / "published_results.csv"
MODES = {"fsx": "FSxLustre", "fastfile": "FastFile", "file": "File"}


def published() -> list[tuple[str, str, float]]:
    text = GOLDEN.read_text().splitlines()
    rows = csv.DictReader(line for line in text if not line.startswith("#"))
    found = []
    for row in rows:
        parts = row["id"].split("-")
        if parts[0] == "startup" and parts[-1] in ("cold", "warm"):
            found.append((MODES[parts[1]], parts[2], float(row["exact"])))
    return found


@pytest.mark.parametrize(("input_mode", "start_kind", "expected_s"), published())
def test_the_demo_history_reproduces_the_published_table(
    demo_store: Store, input_mode: str, start_kind: str, expected_s: float
) -> None:
    latency = ask(demo_store, "startup_latency")
    row = latency[(latency["input_mode"] == input_mode) & (latency["start_kind"] == start_kind)]
    assert row["startup_latency_p90_s"].item() == pytest.approx(expected_s, abs=1e-9)
    assert (
        row["startup_latency_p90_low_s"].item()
        <= expected_s
        <= row["startup_latency_p90_high_s"].item()
    )


def test_all_six_published_figures_are_tested() -> None:
    assert len(published()) == 6


def test_quantiles_are_those_of_a_linear_interpolation(store: Store, take: Take) -> None:
    latencies = [70 + 7 * n + n % 3 for n in range(23)]
    take(
        *(describe_job(f"j{n}", created=9000 * n, download=s - 60) for n, s in enumerate(latencies))
    )
    row = ask(store, "startup_latency").iloc[0]
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        assert row[f"startup_latency_{name}_s"] == pytest.approx(np.quantile(latencies, share))
    # all 28 lie below the P90 with a chance of 0.9^28 = 5.2 %, 29 of them with 4.7 %
    assert pd.notna(row.startup_latency_p90_low_s)
    for count, is_open in ((28, True), (29, False)):
        take(*(describe_job(f"k{n}", created=9000 * n) for n in range(count - len(latencies))))
        row = ask(store, "startup_latency").iloc[0]
        assert (row.job_count, pd.isna(row.startup_latency_p90_high_s)) == (count, is_open)


def test_below_ten_jobs_quantiles_are_withheld_and_the_count_is_shown(
    store: Store, take: Take
) -> None:
    take(*(describe_job(f"j{n}", created=9000 * n) for n in range(9)))
    row = ask(store, "startup_latency").iloc[0]
    assert row.job_count == 9
    assert pd.isna(row.startup_latency_p90_s)
    assert pd.isna(row.startup_latency_p90_low_s)


def test_the_example_of_the_api_reference_splits_as_its_times_say(store: Store, take: Take) -> None:
    job = describe_job("job-1")
    moments = {"Starting": (0, 0), "Pending": (0, 80), "Downloading": (80, 270),
               "Training": (270, 825), "Uploading": (825, 845),
               "Completed": (845, 845)}  # fmt: skip
    job["SecondaryStatusTransitions"] = [
        {"Status": status, "StartTime": at(start), "EndTime": at(end)}
        for status, (start, end) in moments.items()
    ]
    job |= {"TrainingStartTime": at(80), "TrainingEndTime": at(845), "BillableTimeInSeconds": 765}
    take(job)
    row = ask(store, "jobs").iloc[0]
    assert (row.startup_latency_s, row.provisioning_s, row.download_s) == (270, 80, 190)


def test_phases_are_summed_over_repeated_visits_and_latency_ends_at_the_first_training(
    store: Store, take: Take
) -> None:
    job = describe_job("a")
    visits = [("Starting", 0, 10), ("Pending", 10, 30), ("Pending", 30, 50),
              ("Downloading", 50, 60),
              ("Training", 60, 100), ("Interrupted", 100, 110), ("Starting", 110, 115),
              ("Downloading", 115, 125), ("Training", 125, None)]  # fmt: skip
    job["SecondaryStatusTransitions"] = [
        {"Status": status, "StartTime": at(start)} | ({"EndTime": at(end)} if end else {})
        for status, start, end in visits
    ]
    take(job)
    row = ask(store, "jobs").iloc[0]
    assert (row.startup_latency_s, row.provisioning_s, row.download_s) == (60, 55, 20)


def test_jobs_of_the_old_status_layout_are_flagged(store: Store, take: Take) -> None:
    shift = (pd.Timestamp("2022-03-02T08:00:00Z") - pd.Timestamp(T0)).total_seconds()
    take(
        *(describe_job(f"old{n}", created=shift + 9000 * n) for n in range(3)), describe_job("new")
    )
    row = ask(store, "startup_latency").iloc[0]
    assert (row.job_count, row.image_pull_hidden_job_count) == (4, 3)


def test_a_window_excludes_its_end(store: Store, take: Take) -> None:
    take(describe_job("a"))
    assert ask(store, "startup_latency", Filters(until=T0)).empty
    assert len(ask(store, "startup_latency", Filters(since=T0))) == 1


def test_the_interval_is_that_of_a_real_bootstrap() -> None:
    """10,000 resamples of one sample against the closed form."""
    generator = np.random.default_rng(7)
    sample = np.sort(generator.lognormal(4, 0.5, 80))
    resampled = np.sort(generator.choice(sample, (10_000, len(sample))), axis=1)
    # the closed form is for order statistics: compare at one
    rank = 72
    low, high = np.quantile(resampled[:, rank - 1], [0.05, 0.95], method="inverted_cdf")
    shares = interval_shares((rank - 1) / (len(sample) - 1), len(sample))
    assert list(np.quantile(sample, shares)) == pytest.approx([low, high], rel=0.02)


def test_matched_starts_compare_like_with_like(demo_store: Store) -> None:
    matched = ask(demo_store, "startup_matched").set_index("input_mode")
    assert (matched["saved_low_s"] < matched["saved_s"]).all()
    assert matched.loc["FSxLustre", "saved_s"] == pytest.approx(97, abs=15)
