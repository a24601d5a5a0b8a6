"""A hardened in-memory DuckDB that parses landed files: it sees one folder and nothing else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import duckdb

from data.errors import StokerError
from data.store.database import memory_limit
from data.store.home import Home

DEADLINE_S = 3600.0


@contextmanager
def parser(home: Home, *, deadline_s: float = DEADLINE_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that may read `home.landing` only and is interrupted after `deadline_s`.

    The macros of data/raw/parse.sql are defined in it.

    Raises:
        StokerError: the deadline passed.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit(),
            "temp_directory": str(home.scratch / "parse"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    timer = threading.Timer(deadline_s, connection.interrupt)
    timer.daemon = True
    try:
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute((files("data.raw") / "parse.sql").read_text(encoding="utf-8"))
        # by SET: the limit is not enforced when it is passed at connect time
        connection.execute("set max_temp_directory_size = '64GB'")
        folder = str(home.landing).replace("'", "''")
        connection.execute(f"set allowed_directories = ['{folder}/']")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        timer.start()
        yield connection
    except duckdb.InterruptException as error:
        raise StokerError(
            f"The file was not read within {deadline_s:.0f} s.",
            next_action="Split it into smaller files, and take them in one by one.",
        ) from error
    finally:
        timer.cancel()
        connection.close()
