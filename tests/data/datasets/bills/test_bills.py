"""Bills as AWS delivers them: which lines are kept, their amounts, and which delivery counts.

The golden files are written by hand, with the columns that AWS documents for legacy cost and usage
reports and for FOCUS 1.0 and 1.2.
"""

import csv
import gzip
import io
import random
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest, ingest_files
from data.ingest.rebuild import rebuild
from data.raw.inputs import input_files, uploaded
from data.store.store import Store
from tests.bills import bill, line, take_bill

HERE = Path(__file__).parent
ASSEMBLIES = ("0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002")


def kept(store: Store, names: str = "line_item_id, billed_cost_usd") -> list[tuple[Any, ...]]:
    rows = store.frame(f"select {names} from cost_line_items order by all").astype(object)
    return [tuple(row) for row in rows.where(rows.notna(), None).itertuples(index=False)]


def total(store: Store) -> float:
    return float(store.scalar("select coalesce(sum(billed_cost_usd), 0) from cost_line_items"))


def test_of_a_legacy_report_lines_about_training_are_kept_and_the_others_counted(
    store: Store,
) -> None:
    result = ingest(store, uploaded("r.csv.gz", gzip.compress((HERE / "legacy.csv").read_bytes())))
    assert (result.kind, result.accepted_count, result.rejected_count) == ("bill", 6, 0)
    assert (result.left_out_count, result.row_count) == (2, 8)
    names = """line_item_id, charge_category, line_kind, account_id, instance_type, region,
        billed_cost_usd, effective_cost_usd, on_demand_cost_usd"""
    g5, m5 = ("ml.g5.2xlarge", "us-east-1"), ("ml.m5.large", "us-east-1")
    account = "012345678901"  # also where a spreadsheet took the zero away
    assert kept(store, names) == [
        ("l1", "Usage", "training", account, *g5, 0.643875, 0.643875, 0.643875),
        # billed at on-demand cost, and taken back by the negation
        ("l2", "Usage", "training", account, *m5, 0.23, 0.1472, 0.23),
        ("l3", "Usage", "training", account, *m5, -0.23, 0, 0),
        ("l4", "Usage", "training", account, *g5, -0.0643875, -0.0643875, 0),
        ("l5", "Credit", "training", account, *g5, -0.5, -0.5, None),
        ("l6", "Tax", "training", account, "ml.g5.2xlarge", None, 0.12, 0.12, None),
    ]
    named = store.frame("select resource_id, usage_amount, usage_unit from cost_line_items"
                        " where line_item_id = 'l1'").iloc[0]  # fmt: skip
    assert named.tolist() == [
        "arn:aws:sagemaker:us-east-1:012345678901:training-job/a", 0.425, "Hrs"
    ]  # fmt: skip


def test_a_focus_export_says_the_same_of_the_same_usage(store: Store) -> None:
    result = ingest(store, uploaded("focus.csv", (HERE / "focus_1_0.csv").read_bytes()))
    assert (result.kind, result.accepted_count, result.left_out_count) == ("bill", 2, 1)
    sums = "sum(billed_cost_usd), sum(effective_cost_usd), sum(on_demand_cost_usd)"
    found = store.frame(f"select {sums} from cost_line_items where charge_category = 'Usage'")
    ingest(store, uploaded("legacy.csv", (HERE / "legacy.csv").read_bytes()))
    legacy = store.frame(f"select {sums} from cost_line_items where charge_category = 'Usage'")
    assert found.iloc[0].tolist() == pytest.approx(legacy.iloc[0].tolist())
    assert store.scalar("select string_agg(distinct bill_format) from cost_line_items") == "cur"


def focus_1_2() -> bytes:
    """Return the FOCUS 1.0 export as AWS delivers FOCUS 1.2: Parquet, typed, the meter renamed."""
    with (HERE / "focus_1_0.csv").open(encoding="utf-8") as opened:
        rows: list[dict[str, Any]] = [dict(row) for row in csv.DictReader(opened)]
    for row in rows:
        row["SkuMeter"] = row.pop("x_UsageType")
        row |= {
            "BillingAccountType": "Management Account",
            "InvoiceId": None,
            "InvoiceIssuerName": "Amazon Web Services, Inc.",
            "PricingCurrency": "USD",
            "ServiceSubcategory": "AI Platforms",
            "SkuPriceDetails": [("instanceType", row["SkuMeter"].partition(":")[2])],
            "SubAccountType": "Member Account",
            "Tags": [("team", "vision")],
            "x_Discounts": [],
        }
        for name, text in row.items():
            if name.endswith(("PeriodStart", "PeriodEnd")):
                row[name] = datetime.fromisoformat(text).replace(tzinfo=None)
            elif name.endswith(("Cost", "Quantity", "UnitPrice")):
                row[name] = float(text) if text else None
            elif text == "":
                row[name] = None
    types = {"Tags": pa.string(), "SkuPriceDetails": pa.string(), "x_Discounts": pa.float64()}
    columns = {
        name: pa.array([row[name] for row in rows], pa.map_(pa.string(), types[name]))
        if name in types
        else pa.array(
            [row[name] for row in rows],
            pa.timestamp("ms") if name.endswith(("PeriodStart", "PeriodEnd")) else None,
        )
        for name in rows[0]
    }
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def test_focus_1_2_in_parquet_says_the_same_as_1_0_in_csv(store: Store) -> None:
    names = """usage_started_at, usage_ended_at, billing_period_at, charge_category, line_kind,
        account_id, payer_account_id, region, instance_type, resource_id, usage_type,
        usage_operation, usage_amount, usage_unit, billed_cost_usd, effective_cost_usd,
        on_demand_cost_usd, bill_format"""
    result = ingest(store, uploaded("focus-00001.snappy.parquet", focus_1_2()))
    assert (result.kind, result.file_format, result.rejected_count) == ("bill", "parquet", 0)
    assert (result.accepted_count, result.left_out_count) == (2, 1)
    from_parquet = kept(store, names)
    ingest(store, uploaded("focus-00001.csv", (HERE / "focus_1_0.csv").read_bytes()))
    assert kept(store, names) == from_parquet
    assert {row[8] for row in from_parquet} == {"ml.m5.large", "ml.g5.2xlarge"}


def parquet(*rows: dict[str, Any]) -> bytes:
    """Return lines as CUR 2.0 has them in Parquet: typed times without a zone, and maps."""
    typed = [
        row
        | {
            name: datetime.fromisoformat(row[name])
            for name in row
            if name.endswith("_date") and isinstance(row[name], str)
        }
        for row in rows
    ]
    table = pa.Table.from_pylist(typed)
    maps = pa.array([[("user_team", "vision")]] * len(rows), pa.map_(pa.string(), pa.string()))
    table = table.append_column("resource_tags", maps).append_column("product", maps)
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def test_cur_2_0_in_parquet_is_the_same_as_in_csv(store: Store) -> None:
    rows = [
        line(1.5),
        line(2.5, line_item_usage_type="Train:VolumeUsage.gp2", pricing_unit="GB-Mo"),
        line(9.0, line_item_product_code="AmazonEC2", line_item_usage_type="BoxUsage"),
    ]
    names = """usage_started_at, billing_period_at, billed_cost_usd, line_kind, account_id,
        payer_account_id, usage_unit"""
    result = ingest(store, uploaded("data-00001.snappy.parquet", parquet(*rows)))
    assert (result.file_format, result.accepted_count, result.left_out_count) == ("parquet", 2, 1)
    from_parquet = kept(store, names)
    take_bill(store, *rows, name="data-00001.csv")
    assert kept(store, names) == from_parquet
    assert [row[3] for row in from_parquet] == ["training", "storage"]


HOSTILE = {
    "line_item_usage_start_date": ("soon", "is not a time"),
    "line_item_usage_end_date": ("2026-03-02 07:00:00", "before usage_started_at"),
    "line_item_unblended_cost": ("NaN", "no billed_cost_usd"),
    "line_item_usage_amount": ("1e99", "is more than"),
    "line_item_line_item_type": ("", "no line_type"),
    "line_item_currency_code": ("EUR", "in EUR, not in USD"),
    "pricing_public_on_demand_cost": ("=1+1", "is not a number"),
}


def test_bad_lines_are_rejected_one_by_one_with_a_reason_and_what_to_do(store: Store) -> None:
    rows = [line(1.0), *(line(1.0, **{name: text}) for name, (text, _) in HOSTILE.items())]
    content = bill(*rows) + b'"a line whose quote does not close\n'
    result = ingest(store, uploaded("bill.csv", content))
    assert (result.accepted_count, result.rejected_count) == (1, len(HOSTILE) + 1)
    found = store.frame("select row_number, reason, next_action from rejected_rows order by 1")
    for (_, expected), reason in zip(HOSTILE.values(), found["reason"], strict=False):
        assert expected in reason
    assert found["row_number"].tolist() == list(range(2, len(HOSTILE) + 3))
    assert (found["next_action"].str.len() > 10).all()


def test_a_bill_of_other_services_only_is_no_failure(store: Store) -> None:
    result = take_bill(store, line(1.0, line_item_product_code="AmazonEC2"))
    assert (result.accepted_count, result.rejected_count, result.left_out_count) == (0, 0, 1)
    again = take_bill(store, line(1.0, line_item_product_code="AmazonEC2"))
    assert (again.is_known_file, again.left_out_count) == (True, 1)


def test_a_line_that_names_a_training_job_is_kept_whatever_its_usage_type(store: Store) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:training-job/a"
    take_bill(store, line(1.0, line_item_usage_type="USE1-New", line_item_resource_id=arn),
              line(2.0, line_item_usage_type="USE1-New"))  # fmt: skip
    assert kept(store, "line_kind, billed_cost_usd") == [("other", 1.0)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # whole bills of the same days
        ("march.csv", "march-corrected.csv", 5),
        # parts of one delivery
        ("cur-00001.csv", "cur-00002.csv", 6),
        (f"{ASSEMBLIES[0]}/cur-00001.csv", f"{ASSEMBLIES[0]}/cur-00002.csv", 6),
        # the same part of another delivery, and another part of it
        (f"{ASSEMBLIES[0]}/cur-00001.csv", f"{ASSEMBLIES[1]}/cur-00001.csv", 5),
        (f"{ASSEMBLIES[0]}/cur-00002.csv", f"{ASSEMBLIES[1]}/cur-00001.csv", 5),
        ("2026-03-02T04:05:06.789Z-e/d-00002.csv", "2026-03-03T04:05:06.789Z-e/d-00001.csv", 5),
    ],
)
def test_a_newer_bill_of_the_same_month_replaces_the_older(
    store: Store, first: str, second: str, expected: float
) -> None:
    assert take_bill(store, line(1.0), name=first).accepted_count == 1
    take_bill(store, line(5.0), name=second)
    assert total(store) == expected


def test_bills_of_other_days_months_and_accounts_stay(store: Store) -> None:
    take_bill(store, line(1.0), name="a.csv")
    take_bill(store, line(2.0, day="2026-03-09"), name="b.csv")
    take_bill(store, line(4.0, day="2026-04-02"), name="c.csv")
    take_bill(store, line(8.0, line_item_usage_account_id="210987654321"), name="d.csv")
    assert total(store) == 15


def test_the_same_bill_twice_counts_once_and_a_rebuild_finds_the_same(store: Store) -> None:
    take_bill(store, line(1.0), name="a.csv")
    take_bill(store, line(3.0), name="b.csv")
    before = kept(store)
    again = take_bill(store, line(3.0), name="b.csv")
    assert again.is_known_file
    assert kept(store) == before
    home = store.home
    store.close()
    rebuild(home, derivation=derive)
    with closing(open_home(home, derivation=derive)) as rebuilt:
        assert kept(rebuilt) == before


def test_the_order_of_lines_and_of_files_of_one_delivery_does_not_matter(store: Store) -> None:
    rows = [line(0.25 * number, identity_line_item_id=str(number)) for number in range(8)]
    files = [uploaded(f"cur-0000{part}.csv", bill(*rows[part::2])) for part in range(2)]
    expected = [(str(number), 0.25 * number) for number in range(8)]
    for seed in range(2):
        random.Random(seed).shuffle(rows)
        list(ingest_files(store, files[:: 1 if seed else -1]))
        assert kept(store) == expected


def test_what_a_delivery_says_of_itself_is_not_imported(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "cur" / "20260301-20260401"
    (folder / ASSEMBLIES[0]).mkdir(parents=True)
    (folder / "cur-Manifest.json").write_text('{"assemblyId": "x"}')
    (folder / ASSEMBLIES[0] / "cur-00001.csv").write_bytes(bill(line(1.0)))
    outcomes = list(ingest_files(store, input_files(tmp_path / "cur")))
    assert [one.kind for one in outcomes] == ["bill"]
    assert store.scalar("select bill_delivery from cost_line_items") == ASSEMBLIES[0]
