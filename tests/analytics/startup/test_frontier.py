"""The frontier of all levers: each combination against a slow reference."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from analytics.keep_alive.build_curves import build_curves
from analytics.query import Filters
from analytics.startup.frontier import Change, Starts, WarmOption, frontier_points
from analytics.startup.merged import Group, merge_groups, merged_jobs
from data.store.reader import Reader
from data.store.store import Store
from tests.conftest import ask


def test_each_combination_is_what_its_starts_add_up_to() -> None:
    rng = np.random.default_rng(5)
    count = 40
    cold_s, gap_s = rng.uniform(90, 200, count), rng.integers(0, 1000, count)
    starts = Starts(cold_s, np.full(count, 80.0), np.full(count, 20.0), np.full(count, 0.01), 0.5)
    warm = [
        WarmOption((), "as today", gap_s < 100, 3.0, frozenset()),
        WarmOption(("keep_alive",), "longer", gap_s < 500, 40.0, frozenset({1, 2})),
    ]
    modes = Change(
        "input_mode", np.full(count, 25.0), np.full(count, 10.0), np.full(count, 12.0),
        np.full(count, 5.0), frozenset({2}),
    )  # fmt: skip
    image = Change(
        "image", np.full(count, 40.0), np.zeros(count), np.full(count, 30.0), np.zeros(count),
        frozenset({3}),
    )  # fmt: skip
    points = frontier_points(starts, warm, [modes, image])
    assert len(points) == 8
    found = {(row.levers, row.keep_alive_policy): row for row in points.itertuples()}
    for option, chosen in product(warm, [(), (modes,), (image,), (modes, image)]):
        latency_s, billed_s = [], 0.0
        for job in range(count):
            is_hit, was_hit = option.is_hit[job], warm[0].is_hit[job]
            # two changes claim the same seconds: the larger counts
            off = [(c.warm_s if is_hit else c.cold_s)[job] for c in chosen]
            billed = [(c.warm_billed_s if is_hit else c.cold_billed_s)[job] for c in chosen]
            kept_s = max(0.0, cold_s[job] - 80) if is_hit else cold_s[job]
            latency_s.append(max(0.0, kept_s - max(off, default=0.0)))
            billed_s += (int(is_hit) - int(was_hit)) * 20 + max(billed, default=0.0)
        names = {"keep_alive": "Keep-alive", "input_mode": "Input mode", "image": "Image"}
        levers = [*option.levers, *(change.lever for change in chosen)]
        name = " + ".join(names[lever] for lever in levers) or "As today"
        row = found[name, option.label]
        assert row.startup_latency_p90_s == pytest.approx(np.quantile(latency_s, 0.9))
        cost = (option.idle_usd - 3.0 - billed_s * 0.01) / 0.5
        assert row.cost_change_usd_per_month == pytest.approx(cost)
    both = found["Keep-alive + Input mode + Image", "longer"]
    assert both.changed_pool_count == 3


def test_the_cheapest_of_the_demo_history_meets_its_target_on_later_days(demo_store: Store) -> None:
    points = ask(demo_store, "startup_frontier", p90_target_s=105)
    [today] = points[points["is_today"]].itertuples()
    assert (today.cost_change_usd_per_month, today.wait_saved_h_per_month) == (0, 0)
    [best] = points[points["is_cheapest"]].itertuples()
    meets = points[points["startup_latency_p90_s"] <= 105]
    assert best.cost_change_usd_per_month == meets["cost_change_usd_per_month"].min()
    assert best.is_on_frontier
    assert "Input mode" in best.levers
    # 91 days, of which the first 63 choose the periods
    assert str(best.judged_from_date)[:10] == "2026-10-19"
    assert best.is_judged_later
    assert not ask(demo_store, "startup_frontier", p90_target_s=1)["is_cheapest"].any()


def test_without_jobs_there_is_no_frontier_and_no_advice(empty_store: Store) -> None:
    assert ask(empty_store, "startup_frontier").empty
    assert ask(empty_store, "startup_advice").empty


def test_pools_that_are_not_merged_hit_and_cost_what_their_curves_say(demo_store: Store) -> None:
    """Replayed job by job, without a merge; and a merge of one pool alone changes its period."""
    reader, filters = Reader(demo_store), Filters()
    curves = build_curves(reader, filters)
    rows = ask(demo_store, "jobs", Filters(where=(("eligibility", "eligible"),)))
    numbers = np.arange(len(curves))
    for period_s in (0, 600, 3600):
        columns = curves.columns_at(numbers, np.full(len(curves), period_s))
        periods = dict.fromkeys(curves.group_value.tolist(), period_s)
        merged = merged_jobs(reader, filters, [])
        is_hit, job_id, idle_usd = merged.replayed(periods)
        assert len(job_id) == len(rows)
        assert is_hit.sum() == columns["hit_count"].sum()
        assert idle_usd == pytest.approx(np.nansum(columns["retained_cost_usd"]))
        largest = int(curves.group_value[np.argmax(curves.job_count)])
        alone = merged_jobs(reader, filters, [Group((largest,), 3600)])
        hits = alone.replayed(periods)[0].sum()
        place = int(np.argmax(curves.job_count))
        longer = curves.columns_at(np.array([place]), np.array([3600]))["hit_count"][0]
        assert hits == is_hit.sum() - columns["hit_count"][place] + longer


def test_merged_pools_are_a_lever_of_the_demo(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_on = []

    def noted(reader: Reader, filters: Filters, *others: Any) -> list[Group]:
        chosen_on.append(filters.until)
        return merge_groups(reader, filters, *others)

    monkeypatch.setattr("analytics.startup.frontier.merge_groups", noted)
    points = ask(demo_store, "startup_frontier")
    # on the days before those that judge them
    assert [until.date() for until in chosen_on] == [points["judged_from_date"].iloc[0].date()]
    merged = points[points["levers"] == "Merged pools"]
    assert len(merged) == 1
    [today] = points[points["is_today"]].itertuples()
    assert merged["hit_rate_ratio"].iloc[0] > today.hit_rate_ratio
    assert merged["job_count"].iloc[0] == today.job_count
