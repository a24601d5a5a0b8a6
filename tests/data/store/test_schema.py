"""The schema: made from declarations, described in their words, rebuilt where it differs."""

from dataclasses import replace

import duckdb
import pytest

from data import tables
from data.store.home import Home
from data.store.schema import SchemaDiffersError
from data.store.store import Store
from data.tables import COLUMNS, TABLES
from data.tables.declaration import Column, Field, Table

TAPE = Column("tape_length_s", "double", "How long the tape runs")
TAPES = Table("tapes", "One row a tape", (Field(COLUMNS["job_name"]), Field(TAPE)))


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Table]:
    """The declared tables, to be changed by a test."""
    changed = dict(TABLES)
    monkeypatch.setattr(tables, "tables", lambda: changed)
    return changed


def with_field(table: Table, field: Field) -> Table:
    return replace(table, fields=(*table.fields, field))


def with_words(table: Table, words: str) -> Table:
    first, *others = table.fields
    column = replace(first.column, description=words)
    return replace(table, fields=(replace(first, column=column), *others))


def opened(home: Home) -> None:
    Store.open(home).close()


def test_every_table_and_column_says_what_it_holds(home: Home) -> None:
    store = Store.open(home)
    found = store.frame(
        "select table_name, column_name, comment from duckdb_columns()"
        " where schema_name = 'main' and not internal"
    )
    store.close()
    assert set(found.itertuples(index=False, name=None)) == {
        (table.name, field.column.name, field.column.comment)
        for table in TABLES.values()
        for field in table.fields
    }


def test_a_table_that_is_new_is_made_and_the_others_keep_their_rows(
    home: Home, declared: dict[str, Table]
) -> None:
    store = Store.open(home)
    with store.transaction() as cursor:
        cursor.execute("insert into stale_jobs values (7)")
    store.close()
    declared["tapes"] = TAPES
    store = Store.open(home)
    assert store.scalar("select count(*) from tapes") == 0
    assert store.scalar("select job_id from stale_jobs") == 7
    store.close()
    del declared["tapes"]  # the dataset is not there today, and comes back
    opened(home)
    before = home.database.read_bytes()
    opened(home)
    assert home.database.read_bytes() == before
    declared["tapes"] = TAPES
    opened(home)


def test_other_words_are_written_into_the_schema_without_a_rebuild(
    home: Home, declared: dict[str, Table]
) -> None:
    opened(home)
    declared["stale_jobs"] = with_words(
        replace(TABLES["stale_jobs"], description="Jobs to derive"), "Which job"
    )
    store = Store.open(home)
    comments = store.frame(
        "select comment from duckdb_columns() where table_name = 'stale_jobs'"
        " union all select comment from duckdb_tables() where table_name = 'stale_jobs'"
    )
    store.close()
    assert sorted(comments["comment"]) == ["Jobs to derive", "Which job"]


def test_records_of_another_declaration_are_to_be_rebuilt_and_the_file_stays_as_it_was(
    home: Home, declared: dict[str, Table]
) -> None:
    opened(home)
    before = home.database.read_bytes()
    declared["imports"] = with_field(TABLES["imports"], Field(TAPE))
    for _ in range(2):
        with pytest.raises(SchemaDiffersError, match="another version of Stoker") as caught:
            Store.open(home)
        assert "rebuild" in caught.value.next_action
    assert home.database.read_bytes() == before
    store = Store.open(home, database="beside.duckdb")
    assert store.scalar("select count(*) from imports") == 0
    store.close()
    declared["imports"] = TABLES["imports"]
    opened(home)


def test_a_database_from_before_the_declarations_is_to_be_rebuilt(bare_home: Home) -> None:
    with duckdb.connect(str(bare_home.database)) as old:
        old.execute("create table migrations (name varchar primary key, applied_at timestamptz)")
        old.execute("create table store_state (version bigint not null)")
        old.execute("create table training_jobs (job_id bigint not null)")
    with pytest.raises(SchemaDiffersError):
        Store.open(bare_home)


def test_a_derived_table_of_another_declaration_is_remade_and_asks_to_be_derived(
    home: Home, declared: dict[str, Table]
) -> None:
    store = Store.open(home)
    with store.transaction() as cursor:
        cursor.execute("insert into pools (pool_id, account_id, region, pool_key)"
                       " values (1, 'a', 'r', 'k')")  # fmt: skip
        cursor.execute("update store_state set derived_hash = 'current'")
    store.close()
    store = Store.open(home)
    assert store.scalar("select derived_hash from store_state") == "current"
    store.close()
    declared["pools"] = with_field(TABLES["pools"], Field(TAPE))
    store = Store.open(home)
    assert store.scalar("select count(tape_length_s) + count(*) from pools") == 0
    assert store.scalar("select derived_hash from store_state") is None
    store.close()


def test_a_view_of_another_declaration_is_remade(home: Home, declared: dict[str, Table]) -> None:
    opened(home)
    view = TABLES["instance_groups"]
    declared["instance_groups"] = replace(view, select=f"{view.select} where position = 1")
    store = Store.open(home)
    sql = store.scalar("select sql from duckdb_views() where view_name = 'instance_groups'")
    store.close()
    assert "where" in sql.lower()


def test_a_schema_that_fails_leaves_no_trace(home: Home, declared: dict[str, Table]) -> None:
    opened(home)
    declared["tapes"] = TAPES
    declared["broken"] = Table("broken", "No such type", (Field(TAPE, type="no_such_type"),))
    with pytest.raises(duckdb.Error):
        Store.open(home)
    del declared["tapes"], declared["broken"]
    store = Store.open(home)
    assert store.scalar("select count(*) from duckdb_tables() where table_name = 'tapes'") == 0
    store.close()
