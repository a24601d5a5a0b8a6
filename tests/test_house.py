"""What CONTRIBUTING says a new kind of record, query and page cost, shown from outside."""

import importlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import analytics
import data.datasets
import data.tables
import pages
from analytics.adhoc.query_sql import query_sql
from analytics.catalog import queries
from analytics.query import Filters
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from pages.kit.catalog import page_named
from pages.kit.catalog import pages as pages_there
from pages.kit.frame import view_of
from pages.kit.html.page import html_page
from tests.app.conftest import Stoker, run
from tests.conftest import ask

__all__ = ["run"]  # a fixture

ROOT = Path(__file__).parents[1]

DATASET = '''
"""Outages of a region that keep jobs from starting."""

from data.datasets.dataset import Dataset, WritePolicy
from data.files.target import Check, target
from data.tables.columns import COLUMNS
from data.tables.declaration import Column, Field, Kind, Merge, Table

PROVENANCE = ("import_id", "fetched_at", "content_hash", "record_hash")
RECORDS = (
    Field(COLUMNS["region"], is_required=True, merge=Merge.KEY),
    Field(Column("outage_name", "varchar", "Name of the outage", "Outage"), True, Merge.KEY),
    Field(COLUMNS["started_at"]),
    Field(Column("outage_s", "bigint", "How long the outage took", "Took (s)", Kind.SECONDS)),
    *(Field(COLUMNS[name], merge=Merge.PROVENANCE) for name in PROVENANCE),
)
OUTAGES = Table(
    "outages",
    "One row an outage",
    (*RECORDS, Field(COLUMNS["version_count"], is_required=True, merge=Merge.STORE)),
)
DATASET = Dataset(
    kind="outages",
    label="outages",
    target=target(
        OUTAGES,
        checks=(
            Check(
                "outage_s > 86400",
                "'The outage took longer than a day.'",
                "Split it by days, and import the file again.",
                about=("outage_s",),
            ),
        ),
    ),
    policy=WritePolicy.UPSERT,
    time_column="started_at",
    versions=Table("outage_versions", "The records of outages that have several", RECORDS),
)
'''

QUERIES = '''
"""The queries of outages."""

from analytics.parameters import FileText, Number
from analytics.query import Query
from analytics.relations import Relation

OUTAGES = Relation("outages", "outages", "started_at", ("region", "outage_name"))
QUERIES = (
    Query(
        "outages_by_region",
        "one region",
        ("region", "outage_s"),
        {
            "at_least_s": Number("shorter outages are left out, s", 0, is_whole=True),
            "regions": FileText("a file of the regions that count, a line each; empty: all"),
        },
        relation=OUTAGES,
    ),
)
'''

SQL = """
-- How long each region was out.
-- Grain: one row a region. Unit: seconds.
-- Definition: docs/glossary.md
select
    region,
    sum(outage_s)::bigint as outage_s

from filtered_outages

where outage_s >= $at_least_s
    and ($regions is null or list_contains(split($regions, chr(10)), region))

group by region

order by region
"""

PAGE = '''
"""Outages: which regions were out, and for how long."""

from data.store.reader import Reader
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page

PAGE = Page(
    title="Outages",
    icon=":material/power_off:",
    lead="Which regions were out, and for how long.",
    position=999,
)


def render(canvas: Canvas, reader: Reader) -> None:
    rows = query_rows(reader, "outages_by_region")
    canvas.table(rows, ["region", "outage_s"], key="outages", alt="Outages by region")
'''

FILES = {
    "datasets/outages/__init__.py": '"""Outages."""\n',
    "datasets/outages/dataset.py": DATASET,
    "analytics/outages/__init__.py": '"""What outages cost."""\n',
    "analytics/outages/queries.py": QUERIES,
    "analytics/outages/outages_by_region.sql": SQL,
    "pages/outages/__init__.py": '"""The page on outages."""\n',
    "pages/outages/page.py": PAGE,
}
EXPORT = b"""region,outage_name,started_at,outage_s
us-east-1,power,2026-03-02T08:00:00Z,600
us-east-1,network,2026-03-03T08:00:00Z,300
eu-west-1,cooling,2026-03-04T08:00:00Z,90000
eu-west-1,fire drill,2026-03-05T08:00:00Z,60
"""


@pytest.fixture(autouse=True)
def annex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder beside the house, with one new folder for each floor; nothing of it is left."""
    folder = tmp_path / "annex"
    for place, text in FILES.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    floors = {"datasets": data.datasets, "analytics": analytics, "pages": pages}
    for name, package in floors.items():
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder / name)])
    monkeypatch.setattr(data.tables, "_registered", dict(data.tables._registered))
    importlib.invalidate_caches()
    queries.cache_clear()
    yield
    monkeypatch.undo()
    queries.cache_clear()
    for package in floors.values():
        forget(package, "outages")


def forget(package: ModuleType, name: str) -> None:
    """Forget a package that was imported from the annex."""
    full_name = f"{package.__name__}.{name}"
    for module in [module for module in sys.modules if f"{module}.".startswith(f"{full_name}.")]:
        del sys.modules[module]
    if hasattr(package, name):
        delattr(package, name)


def rows(printed: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(printed)
    return found


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "outages.csv"
    path.write_bytes(EXPORT)
    return path


def test_a_kind_of_record_costs_a_folder(store: Store) -> None:
    result = ingest(store, uploaded("outages.csv", EXPORT))

    assert result.kind == "outages"  # recognised by its columns, among all kinds
    assert (result.accepted_count, result.rejected_count) == (3, 1)
    assert list(store.home.landing.glob("*.csv*"))
    (rejected,) = ask(store, "rejected_rows").to_dict("records")
    assert (rejected["file_name"], rejected["row_number"]) == ("outages.csv", 3)
    assert rejected["reason"] == "The outage took longer than a day."
    assert rejected["next_action"] == "Split it by days, and import the file again."
    (imported,) = ask(store, "imports").to_dict("records")
    assert (imported["kind"], imported["accepted_count"]) == ("outages", 3)
    assert (imported["first_record_at"].day, imported["last_record_at"].day) == (2, 5)


def test_records_from_outside_merge_as_their_table_declares(store: Store) -> None:
    ingest(store, uploaded("outages.csv", EXPORT))
    again = ingest(store, uploaded("outages.csv", EXPORT))
    assert again.is_known_file
    later = b"region,outage_name,outage_s\nus-east-1,power,900\n"
    ingest(store, uploaded("later.csv", later))
    merged = store.frame("select * from outages where outage_name = 'power'").iloc[0]
    # what the later record does not say is kept from the earlier one
    assert (merged.outage_s, merged.started_at.day, merged.version_count) == (900, 2, 2)


def test_the_command_line_knows_a_kind_from_outside(run: Stoker, export: Path) -> None:
    ran = run("ingest", str(export), "--kind", "outages")
    assert ran.status == 3, ran.err
    assert "3 accepted, 0 unchanged, 1 rejected (outages)" in ran.out
    columns = rows(run("ask", "columns", "--format", "json").out)
    comments = {row["column_name"]: row["comment"] for row in columns}
    assert comments["outage_s"] == "How long the outage took (s)"


def test_a_home_with_records_from_outside_is_rebuilt_from_its_landing(
    run: Stoker, export: Path
) -> None:
    run("ingest", str(export))
    assert run("rebuild").status == 0
    answer = rows(run("ask", "outages_by_region", "--format", "json").out)
    assert [row["outage_s"] for row in answer] == [60, 900]


def test_a_query_costs_a_declaration_and_its_sql(run: Stoker, export: Path) -> None:
    run("ingest", str(export))
    assert "outages_by_region" in run("ask").out
    ran = run(
        *("ask", "outages_by_region", "--format", "json"),
        *("--set", "at_least_s=400", "--since", "2026-03-02", "--where", "region=us-east-1"),
    )
    assert rows(ran.out) == [{"region": "us-east-1", "outage_s": 600}]
    assert run("ask", "outages_by_region", "--where", "status=Failed").status == 2


def test_a_query_is_given_the_text_of_a_file(run: Stoker, export: Path, tmp_path: Path) -> None:
    run("ingest", str(export))
    ours = tmp_path / "ours.txt"
    ours.write_text("eu-west-1\n", encoding="utf-8")
    asked = ("ask", "outages_by_region", "--format", "json", "--set")
    assert rows(run(*asked, f"regions={ours}").out) == [{"region": "eu-west-1", "outage_s": 60}]
    missing = run(*asked, "regions=absent.txt")
    assert (missing.status, "absent.txt cannot be read" in missing.err) == (1, True)


def test_a_query_from_outside_is_explained_before_anything_is_imported(run: Stoker) -> None:
    explained = run("ask", "outages_by_region", "--columns")
    assert explained.status == 0
    assert "How long the outage took" in explained.out
    assert "shorter outages are left out" in explained.out


def test_a_query_from_outside_has_its_sql_shown(store: Store) -> None:
    shown = query_sql(Reader(store), "outages_by_region", Filters())
    assert "from filtered_outages" in shown.sql
    assert "shorter outages" not in shown.sql


def test_a_page_costs_a_folder_that_declares_itself(store: Store) -> None:
    assert pages_there()[-1].page.title == "Outages"
    assert pages_there()[-1].url_path == "outages"

    ingest(store, uploaded("outages.csv", EXPORT))
    view = view_of(page_named("outages"), Reader(store))
    html = html_page(view, "http://127.0.0.1:8501/outages")
    assert "Which regions were out, and for how long." in html
    table = html[html.index("<table") : html.index("</table>")]
    assert "Took (s)" in table  # as the column declares it
    assert re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", table)[2:] == [
        *("eu-west-1", "60.0"),
        *("us-east-1", "900.0"),
    ]


def test_import_contracts_name_every_subject() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    packages = {
        f"analytics.{path.parent.name}" for path in (ROOT / "analytics").glob("*/__init__.py")
    }
    assert set(contracts["subjects"]["modules"]) == packages - {
        "analytics.derived",
        "analytics.stats",
    }
    assert set(contracts["query"]["forbidden_modules"]) == packages - {"analytics.stats"}
