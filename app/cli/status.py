"""`stoker status`: where the home is, what is in it, and whether a dashboard has it open."""

from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import TEXT_FORMATS, command
from app.cli.running_server import running_server
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader

COUNTS = """
select
    (select count(*) from training_jobs) as job_count,
    (select min(created_at) from training_jobs) as first_job_created_at,
    (select max(created_at) from training_jobs) as last_job_created_at,
    count(*) filter (not is_superseded) as ingested_file_count,
    (select count(*) from rejected_rows) as rejected_row_count,
    max(merged_at) as last_ingest_at

from imports

where import_status = 'imported'
"""
TEXTS = {None: "none", True: "yes", False: "no"}


@command("status", "Say what is in the home folder.")
@click.option("--format", "form", type=click.Choice(TEXT_FORMATS), default="table")
def status(invocation: Invocation, home: Home, *, form: str) -> int:
    """Says where the home folder is, what is in it, and whether a dashboard is running on it."""

    def work(reader: "Reader") -> int:
        import orjson

        facts = _facts(reader)
        if form == "json":
            invocation.out.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() + "\n")
            return DONE
        width = max(map(len, facts))
        for name, value in facts.items():
            text = TEXTS[value] if value is None or isinstance(value, bool) else value
            invocation.out.write(f"{name.replace('_', ' '):<{width}}  {text}\n")
        return DONE

    return run_on_reader(invocation, home, work)


def _facts(reader: "Reader") -> dict[str, object]:
    from data.raw.landing import landed_names
    from data.serialize.cells import cells

    counts = reader.frame(COUNTS)
    server = running_server(reader.home)
    return {
        "home": str(reader.home.root),
        "is_demo": reader.home.is_demo,
        "dashboard": server.address if server else None,
        **{str(name): cells(counts[name])[0] for name in counts.columns},
        "landed_file_count": len(landed_names(reader.home)),
        "database_bytes": reader.home.database.stat().st_size,
    }
