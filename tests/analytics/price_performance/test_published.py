"""The published comparisons come out to their exact value, at the prices of any day."""

import pandas as pd
import pytest

from data.store.store import Store
from tests.conftest import ask
from tests.golden.published import exact, places
from tests.runs import PYTORCH, TENSORFLOW, take_runs

ARTICLE = "2022-10-01"


def compared(store: Store, **options: str) -> pd.DataFrame:
    rows = ask(store, "price_performance", **options)
    return rows.set_index(["workload", "configuration"])


@pytest.mark.parametrize("workload", ["tf", "pt"])
@pytest.mark.parametrize(
    ("figure", "configuration", "column"),
    [
        ("base-price", "homogeneous", "list_unit_price_usd_per_h"),
        ("cand-price", "heterogeneous", "list_unit_price_usd_per_h"),
        ("base-step", "homogeneous", "step_time_ms"),
        ("cand-step", "heterogeneous", "step_time_ms"),
        ("base-cost", "homogeneous", "list_cost_per_100_steps_usd"),
        ("cand-cost", "heterogeneous", "list_cost_per_100_steps_usd"),
        ("gain", "heterogeneous", "cost_reduction_ratio"),
    ],
)
def test_every_published_figure_is_exact(
    store: Store, workload: str, figure: str, configuration: str, column: str
) -> None:
    take_runs(store, *TENSORFLOW, *PYTORCH)
    value = compared(store, as_of=ARTICLE).loc[(workload, configuration), column]
    row_id = f"hetero-{workload}-{figure}"
    assert value == pytest.approx(exact(row_id), rel=0, abs=places(row_id) + 1e-12)


@pytest.mark.parametrize(
    ("as_of", "price", "reduction"),
    # aws-semantics E.2 and H: seed 003 at the prices of both days
    [
        ("2022-10-01", 37.688, 0.465),
        ("2025-05-31", 37.688, 0.465),
        ("2025-06-01", 25.251286, 0.422),
    ],
)
def test_a_comparison_uses_the_prices_of_the_day_that_it_is_asked_for(
    store: Store, as_of: str, price: float, reduction: float
) -> None:
    take_runs(store, *TENSORFLOW)
    rows = compared(store, as_of=as_of)
    assert rows.loc[("tf", "homogeneous"), "list_unit_price_usd_per_h"] == price
    found = rows.loc[("tf", "heterogeneous"), "cost_reduction_ratio"]
    assert found == pytest.approx(reduction, abs=5e-4)
    assert rows["price_note"].notna().any() == (price < 37)


def test_without_a_day_the_prices_of_the_newest_run_count(store: Store) -> None:
    dated = ({**row, "ran_at": "2022-09-20T10:00:00Z"} for row in TENSORFLOW)
    take_runs(store, *dated)
    rows = compared(store)
    assert list(rows["list_unit_price_usd_per_h"]) == pytest.approx([37.688, 45.032])
    assert str(rows["price_date"].iloc[0])[:10] == "2022-09-20"


def test_work_per_dollar_rises_by_more_than_cost_falls(store: Store) -> None:
    take_runs(store, *TENSORFLOW, *PYTORCH)
    rows = compared(store, as_of=ARTICLE)["work_per_usd_gain_ratio"]
    # aws-semantics H: work per dollar rises 86.8 % and 338 %
    assert rows.loc[("tf", "heterogeneous")] == pytest.approx(0.868, abs=1e-3)
    assert rows.loc[("pt", "heterogeneous")] == pytest.approx(3.38, abs=1e-2)
