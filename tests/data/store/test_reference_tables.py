"""The shipped reference tables: complete, sourced, dated, and what AWS's own model lists."""

import csv
from pathlib import Path

import botocore.session
import pandas as pd
import pytest

from data.datasets.answers import sql_type
from data.datasets.training_jobs.aws_record import NOT_IN_DESCRIBE, RECORD
from data.store.reference_tables import load_reference
from data.store.store import Store
from tests.conftest import ask, describe_job, lines

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
MODEL = botocore.session.get_session().get_service_model("sagemaker")


def test_all_training_instance_types_ship(store: Store) -> None:
    types = store.frame("select instance_type from instance_types")["instance_type"]
    known_on_the_day = set(types)
    assert len(types) == len(known_on_the_day) == 225
    # types that AWS adds later are missing until the file is renewed; none may have been lost
    in_model = set(MODEL.shape_for("TrainingInstanceType").enum)
    assert known_on_the_day <= in_model


def test_every_row_has_a_source_and_a_date(store: Store) -> None:
    for table in ("instance_types", "prices", "startup_benchmarks"):
        rows = store.frame(f"select source, as_of_date from {table}")
        assert len(rows) > 2
        assert rows["source"].str.len().gt(3).all()
        assert rows["as_of_date"].notna().all()


def test_no_shipped_price_is_lost(store: Store) -> None:
    with (REFERENCE / "prices.csv").open() as opened:
        shipped = list(csv.DictReader(opened))
    assert store.scalar("select count(*) from prices where not is_users") == len(shipped)
    total = sum(float(row["list_unit_price_usd_per_h"]) for row in shipped)
    assert store.scalar("select sum(list_unit_price_usd_per_h) from prices") == pytest.approx(total)


def test_loading_again_changes_nothing(store: Store) -> None:
    before = store.version
    assert not load_reference(store)
    assert store.version == before


def members(shape: object, path: str = "") -> set[str]:
    """Return the dotted paths of a spec or of an AWS shape."""
    found = set()
    inner = shape
    if isinstance(shape, list):
        inner = shape[0]
    if isinstance(inner, dict):
        for key, below in inner.items():
            found |= {f"{path}{key}"} | members(below, f"{path}{key}.")
    return found


def test_every_field_that_is_read_is_one_of_awss() -> None:
    """Fails when a used field leaves botocore."""
    describe = MODEL.operation_model("DescribeTrainingJob").output_shape
    for path in members(RECORD):
        if any(path == known or path.startswith(f"{known}.") for known in NOT_IN_DESCRIBE):
            continue
        shape = describe
        for part in path.split("."):
            if shape.type_name == "list":
                shape = shape.member
            assert part in shape.members, path
            shape = shape.members[part]


def test_the_record_type_is_one_duckdb_knows(store: Store) -> None:
    assert store.scalar(f"select null::{sql_type(RECORD)} is null")


@pytest.mark.derived
def test_new_prices_reach_the_costs_of_old_jobs(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A renewed reference file is loaded at the next start."""
    from data.ingest.pipeline import ingest
    from data.raw.inputs import uploaded

    ingest(store, uploaded("jobs.jsonl", lines(describe_job("a", run=3570))))
    before = ask(store, "jobs")["list_cost_usd"].item()
    for path in REFERENCE.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    prices = pd.read_csv(REFERENCE / "prices.csv")
    prices["list_unit_price_usd_per_h"] *= 2
    (tmp_path / "prices.csv").write_text(prices.to_csv(index=False))

    class Files:
        def __truediv__(self, _: str) -> Path:
            return tmp_path

    monkeypatch.setattr("data.store.reference_tables.files", lambda _: Files())
    assert load_reference(store)
    store.derive()
    assert ask(store, "jobs")["list_cost_usd"].item() == pytest.approx(2 * before)
