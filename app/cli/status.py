"""`stoker status`: where the home is, what is in it, and who has it open."""

import argparse

import orjson

from app.cli.invocation import DONE, Call
from app.cli.running_server import living_owner
from data.raw.landing import landed_events
from data.serialize.cells import cells
from data.store.store import Store

COUNTS = """
select
    (select count(*) from training_jobs) as job_count,
    (select min(created_at) from training_jobs) as first_job_created_at,
    (select max(created_at) from training_jobs) as last_job_created_at,
    count(*) filter (not is_superseded) as ingested_file_count,
    (select count(*) from rejected_rows) as rejected_row_count,
    max(merged_at) as last_ingest_at

from imports
"""
WORDS = {None: "none", True: "yes", False: "no"}


def write_state(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Write the state of the home."""
    counts = store.frame(COUNTS)
    owner = living_owner(store.home)
    state: dict[str, object] = {
        "home": str(store.home.root),
        "is_demo": store.home.is_demo,
        "dashboard": owner.address if owner else None,
        **{str(name): cells(counts[name])[0] for name in counts.columns},
        "landed_file_count": len(landed_events(store.home)),
        "database_bytes": store.home.database.stat().st_size,
    }
    if arguments.format == "json":
        call.out.write(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode() + "\n")
        return DONE
    width = max(map(len, state))
    for name, value in state.items():
        is_word = value is None or isinstance(value, bool)
        text = WORDS[value] if is_word else value  # type: ignore[index]
        call.out.write(f"{name.replace('_', ' '):<{width}}  {text}\n")
    return DONE
