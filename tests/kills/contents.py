"""What a home holds, told such that two homes with the same facts are equal."""

from collections import Counter
from hashlib import sha256
from pathlib import Path

from data.raw.landing import is_whole, landed_names, landed_record
from data.store.home import Home
from data.store.store import Store
from data.tables import tables
from data.tables.declaration import Table

Rows = list[tuple[str, ...]]

TIMES_OF_LANDING = {"fetched_at", "merge_started_at", "merged_at", "version", "published_at"}
PART_FILES = "part_files"  # how rows are spread over parts is no fact
_JOB = "account_id || ' ' || region || ' ' || job_name from training_jobs"
_POOL = "account_id || ' ' || region || ' ' || pool_key from pools"
_IMPORT = "import_name from imports"
_SERVICE_JOB = "service_job_id from service_jobs"


def contents(store: Store, *, only_derived: bool = False) -> dict[str, Rows]:
    """Return every declared table as sorted rows, with names in place of a store's own numbers."""
    found = {}
    for name, table in tables().items():
        if table.is_derived or not (only_derived or name == PART_FILES):
            with store.cursor() as cursor:
                cursor.execute(f"select columns(*)::varchar from ({_query(table)}) order by all")
                found[name] = cursor.fetchall()
    return found


def _query(table: Table) -> str:
    columns = [_column(name) for name in table.names if name not in TIMES_OF_LANDING]
    return f"select {', '.join(columns)} from {table.name} as here"


def _column(name: str) -> str:
    """Return a column; where it is a number of this store, whose number it is."""
    if name == "service_job_id":  # AWS's own
        return f"here.{name}"
    for number, named in (
        ("job_id", _JOB),
        ("pool_id", _POOL),
        ("import_id", _IMPORT),
        ("service_job_no", _SERVICE_JOB),
    ):
        if name == number or name.endswith(f"_{number}"):
            return f"(select {named} as named where named.{number} = here.{name}) as {name}"
    return f"here.{name}"


def differences(one: dict[str, Rows], other: dict[str, Rows]) -> dict[str, tuple[Rows, Rows]]:
    """Return by table the rows of each that the other lacks, or has less often."""
    return {
        name: (_without(one[name], other[name]), _without(other[name], one[name]))
        for name in one.keys() | other.keys()
        if one[name] != other[name]
    }


def _without(rows: Rows, others: Rows) -> Rows:
    return sorted((Counter(rows) - Counter(others)).elements(), key=str)


def side_tables(store: Store) -> list[str]:
    """Return the names of tables that are not declared."""
    with store.cursor() as cursor:
        rows = cursor.execute("select table_name from duckdb_tables() where not internal")
        return sorted({name for (name,) in rows.fetchall()} - tables().keys())


def files(home: Home) -> set[str]:
    """Return the names of all files but Parquet parts, whose names and number tell no fact."""
    return {
        str(path.relative_to(home.root))
        for path in home.root.rglob("*")
        if path.is_file() and not path.is_relative_to(home.parts)
    }


def stray_parts(store: Store) -> set[str]:
    """Return the names of files below the parts that the store does not list, or has not."""
    found = {path.stem for path in store.home.parts.rglob("*") if path.is_file()}
    if PART_FILES not in tables():
        return found
    return found ^ set(store.frame("select part_name from part_files")["part_name"])


def torn_imports(home: Home) -> list[str]:
    """Return the landed imports whose payload is missing or not what its name says."""
    return [name for name in landed_names(home) if not is_whole(home, landed_record(home, name))]


def torn_payloads(home: Home) -> list[Path]:
    """Return the landed payloads that are not what their names say."""
    return [
        path
        for path in home.landing.iterdir()
        if path.is_file() and sha256(path.read_bytes()).hexdigest() != path.name.split(".")[0]
    ]
