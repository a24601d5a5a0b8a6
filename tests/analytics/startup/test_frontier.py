"""The frontier of all levers: each combination against a slow reference."""

from itertools import product

import numpy as np
import pytest

from analytics.startup.frontier import Change, Starts, WarmOption, frontier_points
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
