"""A hardened in-memory DuckDB that parses landed files: it sees one folder and nothing else."""

import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb

from data.errors import StokerError
from data.store.database import memory_limit
from data.store.home import Home
from data.tables.quoting import literals

DEADLINE_S = 3600.0


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of data/raw/parse_aws.sql and parse.sql, which uses those of the first."""
    for script in ("parse_aws.sql", "parse.sql"):
        connection.execute((files("data.raw") / script).read_text(encoding="utf-8"))


@contextmanager
def parser(
    home: Home, *, deadline_s: float = DEADLINE_S, also: tuple[Path, ...] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that may read `home.landing` only and is interrupted after `deadline_s`.

    The macros of data/raw/parse.sql and parse_aws.sql are defined in it. `also` are further folders
    that it may see.

    Raises:
        StokerError: the deadline passed.
    """
    spill = home.scratch / f"parse-{secrets.token_hex(8)}"
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit(),
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    timer = threading.Timer(deadline_s, connection.interrupt)
    timer.daemon = True
    try:
        connection.execute("set global TimeZone = 'UTC'")
        define_macros(connection)
        # by SET: the limit is not enforced when it is passed at connect time
        connection.execute("set max_temp_directory_size = '64GB'")
        folders = literals(f"{folder}/" for folder in (home.landing, *also))
        connection.execute(f"set allowed_directories = [{folders}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        timer.start()
        yield connection
    except duckdb.InterruptException as error:
        raise StokerError(
            f"The file was not read within {deadline_s:.0f} s.",
            next_action="Split it into smaller files, and import them one by one.",
        ) from error
    finally:
        timer.cancel()
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
