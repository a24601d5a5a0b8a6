"""Declarations: each column said once, tables made from them, datasets that bring their own."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from data import tables
from data.tables import COLUMNS, SEQUENCES, TABLES
from data.tables.ddl import comment_on, create_table, schema_hash
from data.tables.declaration import UNITS, Column, Field, Kind, Merge, Table

ROOT = Path(__file__).parents[3]
FLOORS = ("data", "analytics", "pages", "app")
# files that describe columns a second time; each owner empties their part, then it is ()
STILL_TWICE: tuple[str, ...] = ()
FEW_WORDS = 3  # `Job` and `Start time` are labels that anything may have


@pytest.fixture
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database without tables."""
    with duckdb.connect() as connection:
        for sequence in SEQUENCES:
            connection.execute(f"create sequence {sequence}")
        yield connection


def test_no_description_and_no_heading_stands_twice() -> None:
    for texts in (
        [column.description.lower() for column in COLUMNS.values()],
        [column.heading.lower() for column in COLUMNS.values()],
        [table.description.lower() for table in TABLES.values()],
    ):
        assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_every_column_has_a_heading_and_a_description_without_a_full_stop() -> None:
    for name, column in COLUMNS.items():
        assert column.name == name
        assert column.heading, name
        assert column.description, name
        assert not column.description.endswith("."), name


def test_a_heading_carries_the_unit_that_the_name_ends_with() -> None:
    shown = {
        Kind.SECONDS: "(s)",
        Kind.HOURS: "(h)",
        Kind.MOMENT: "(UTC)",
        Kind.USD: "USD",
        Kind.PRICE: "(USD/h)",
    }
    wrong = {
        name: column.heading
        for name, column in COLUMNS.items()
        if shown.get(column.kind, "") not in column.heading
    }
    assert wrong == {}


def test_no_column_is_described_anywhere_else() -> None:
    texts = {
        _plain(text)
        for column in COLUMNS.values()
        for text in (column.description, column.heading)
        if len(text.split()) >= FEW_WORDS
    }
    found = {
        path.relative_to(ROOT).as_posix()
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*")
        if path.suffix in (".py", ".sql") and not path.is_relative_to(ROOT / "data" / "tables")
        if texts.intersection(_texts(path)) or _describes_columns(path)
    }
    assert sorted(found - set(STILL_TWICE)) == []


def test_every_declared_table_can_be_made_and_says_what_its_columns_hold(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    for table in TABLES.values():
        empty.execute(create_table(table))
        for statement in comment_on(table):
            empty.execute(statement)
    made = empty.execute(
        "select table_name, column_name, comment from duckdb_columns()"
        " where schema_name = 'main' and not internal order by table_oid, column_index"
    ).fetchall()
    assert set(made) == {
        (table.name, field.column.name, field.column.comment)
        for table in TABLES.values()
        for field in table.fields
    }


def test_a_table_can_be_made_under_another_name_beside_the_old_one(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    table = TABLES["job_facts"]
    for name in ("job_facts", "job_facts__next"):
        empty.execute(create_table(table, name))
        for statement in comment_on(table, name):
            empty.execute(statement)
    assert {name for (name,) in empty.execute("show tables").fetchall()} == {
        "job_facts",
        "job_facts__next",
    }


@pytest.mark.parametrize(
    "other",
    [
        Field(Column("size_gib", "bigint", "Size")),
        Field(Column("volume_gib", "double", "Size")),
        Field(Column("size_gib", "double", "Size"), merge=Merge.KEY),
        Field(Column("size_gib", "double", "Size"), is_required=True),
        Field(Column("size_gib", "double", "Size"), type="float"),
    ],
)
def test_another_name_type_key_or_merge_is_another_schema(other: Field) -> None:
    one = Field(Column("size_gib", "double", "Size"))
    assert schema_hash([_table(one)]) != schema_hash([_table(other)])


def test_other_words_are_the_same_schema() -> None:
    one = Table("disks", "Disks", (Field(Column("size_gib", "double", "Size", "Size (GiB)")),))
    other = Table("disks", "One row a disk", (Field(Column("size_gib", "double", "How large")),))
    assert schema_hash([one]) == schema_hash([other])


def test_a_record_brings_everything_but_provenance_and_what_the_store_keeps() -> None:
    table = TABLES["training_jobs"]
    own = {"job_id", "version_count", "import_id", "fetched_at", "content_hash", "record_hash"}
    assert set(table.names) - set(table.record_names) == own
    assert table.key == ("account_id", "region", "job_name")


def test_a_dataset_brings_its_own_table_and_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_registered", {})
    size = Column("tape_length_s", "double", "How long the tape runs")
    tapes = Table("tapes", "One row a tape", (Field(COLUMNS["job_name"]), Field(size)))
    assert tables.column("tape_length_s") is None
    tables.register(tapes)
    tables.register(tapes)
    assert tables.column("tape_length_s") == size
    assert tables.tables()["tapes"] == tapes


def test_a_dataset_cannot_give_a_known_name_another_meaning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "_registered", {})
    other = Column("job_name", "varchar", "Title of the post")
    with pytest.raises(ValueError, match="job_name"):
        tables.register(_table(Field(other)))
    with pytest.raises(ValueError, match="training_jobs"):
        tables.register(Table("training_jobs", "Something else", ()))


@pytest.mark.parametrize("end", UNITS)
def test_a_unit_is_read_off_the_longest_end_that_fits(end: str) -> None:
    assert Column(f"anything{end}", "double", "Anything").unit == UNITS[end]


def _table(*fields: Field) -> Table:
    return Table("disks", "One row a disk", fields)


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


def _texts(path: Path) -> set[str]:
    """Return every text literal of a file."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return {_plain(text) for text in re.findall(r"'([^']+)'", source)}
    return {
        _plain(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _describes_columns(path: Path) -> bool:
    """Return whether a file says in words what several columns hold.

    What a column holds is said with a capital and without a full stop; advice is a sentence.
    """
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return "comment on column" in source.lower()
    return any(
        sum(_is_description(key, value) for key, value in zip(node.keys, node.values, strict=True))
        >= FEW_WORDS
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Dict)
    )


def _is_description(key: ast.expr | None, value: ast.expr) -> bool:
    words = [part for part in ast.walk(value) if isinstance(part, ast.Constant)]
    return (
        isinstance(key, ast.Constant)
        and key.value in COLUMNS
        and isinstance(value, ast.Constant | ast.Call)
        and any(
            isinstance(word.value, str)
            and word.value.count(" ") >= 2
            and word.value[0].isupper()
            and not word.value.endswith(".")
            for word in words
        )
    )
