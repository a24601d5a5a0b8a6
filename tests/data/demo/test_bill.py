"""The demo's bill agrees with what is computed, but for the differences that it is made with.

The bill is made from the jobs' records by code of its own, price by price and second by second:
that the two agree says that both count the same.
"""

import pandas as pd
import pytest

from data.demo.bill import DISCOUNT_RATIO, UNKNOWN_INSTANCE_H
from data.store.store import Store
from tests.conftest import ask

UNKNOWN_DAY, NEWEST_DAY = "2026-11-10", "2026-11-14"
P4D_USD_PER_H = 37.688  # published: hetero-tf-base-price


def test_every_day_is_explained_but_for_what_is_known_to_be_missing(demo_store: Store) -> None:
    rows = ask(demo_store, "bill_reconciliation")
    rows.index = rows["day"].astype(str).str[:10]
    known = rows.dropna(subset=["difference_usd"])
    assert len(known) == 45
    without_price = known["unknown_price_job_count"] > 0
    odd = known[~without_price & (known["unexplained_usd"].abs() > 0.001)]["unexplained_usd"]
    assert sorted(odd.index) == [UNKNOWN_DAY, NEWEST_DAY]
    assert odd[UNKNOWN_DAY] == pytest.approx(UNKNOWN_INSTANCE_H * P4D_USD_PER_H)
    assert odd[NEWEST_DAY] < 0  # the bill ends in the evening
    assert (known[without_price]["unexplained_usd"] > 0).all()
    on_demand = known["billed_usd"] - known["discount_usd"] - known["billed_storage_usd"]
    pd.testing.assert_series_equal(
        known["discount_usd"], -DISCOUNT_RATIO * on_demand, check_names=False, atol=1e-4
    )


def test_every_usage_type_is_known_and_idle_time_is_billed_as_training(demo_store: Store) -> None:
    rows = ask(demo_store, "bill_usage_types")
    assert set(rows["line_kind"]) == {"training", "storage"}
    assert set(rows["charge_category"]) == {"Usage"}
    said = " ".join(ask(demo_store, "bill_reconciliation")["explanation"])
    assert "No usage type is known as one of warm pools" in said
