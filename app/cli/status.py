"""`stoker status`: what is in the home, who has it open, and which thresholds are crossed."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from app.cli.invocation import CROSSED, DONE, Invocation
from app.cli.options import command, text_format_option
from app.cli.printable import printable
from app.cli.running_server import running_server
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.reader import Reader

EXAMPLES = """\
Examples:
  stoker status
  stoker status --format json | jq .failed_imports
  stoker status >/dev/null || mail -s "Stoker: look" me      # from cron: exit status 4

Exit status: 0 all is well, 4 a threshold is crossed. Set them in settings.toml: long_wait_p90_h,
underused_share_ratio, failure_burst_job_count, watched_days; 0 watches nothing.
"""
TEXTS = {None: "none", True: "yes", False: "no"}


@command("status", "Show what is in the home folder.", EXAMPLES)
@text_format_option
def status(invocation: Invocation, home: Home, *, form: str) -> int:
    """Shows where the home folder is, what is in it, as of when answers are, which imports failed
    and why, whether a dashboard is running on it, and what it is doing; and which thresholds of
    queues and shares are crossed: long waits, capacity idle while others wait, failure bursts.
    """

    def work(reader: "Reader") -> int:
        from analytics.query import run_sql

        with reader.snapshot():
            facts = _facts(reader)
            failed = run_sql(reader, "records/failed_imports", relation=None).to_dict("records")
            crossed = _crossed(reader)
        facts["at_work"] = _at_work(invocation)
        write = _write_json if form == "json" else _write_table
        write(facts, failed, crossed, invocation)
        return CROSSED if crossed else DONE

    return run_on_reader(invocation, home, work)


def _facts(reader: "Reader") -> dict[str, Any]:
    from analytics.query import run_sql
    from data.raw.landing import landed_names
    from data.serialize.cells import cells

    counts = run_sql(reader, "records/home_contents", relation=None)
    server = running_server(reader.home)
    return {
        "home": str(reader.home.root),
        "is_demo": reader.home.is_demo,
        "dashboard": server.address if server else None,
        "answers_as_of": f"{reader.version.published_at:%Y-%m-%dT%H:%M:%SZ}",
        **{str(name): cells(counts[name])[0] for name in counts.columns},
        "landed_file_count": len(landed_names(reader.home)),
        "database_bytes": reader.home.database.stat().st_size,
    }


def _crossed(reader: "Reader") -> list[dict[Hashable, Any]]:
    """Return the thresholds that are crossed."""
    from analytics.catalog import query_named
    from analytics.query import run_query

    rows = run_query(reader, query_named("alerts"), crossed="only")
    names = ["alert", "queue_name", "share_name", "alert_value", "alert_limit", "alert_unit",
             "explanation", "next_action"]  # fmt: skip
    return rows[names].astype(object).where(rows[names].notna(), None).to_dict("records")


def _at_work(invocation: Invocation) -> list[str]:
    """Return what the dashboard does beside showing pages, and how far it is."""
    if invocation.store is None:
        return []
    from data.background import tasks

    return [str(task) for task in tasks() if task.step]


def _write_json(
    facts: dict[str, Any], failed: list[dict[Hashable, Any]],
    crossed: list[dict[Hashable, Any]], invocation: Invocation,
) -> None:  # fmt: skip
    import orjson

    content = orjson.dumps(
        {**facts, "failed_imports": failed, "alerts": crossed}, option=orjson.OPT_INDENT_2
    )
    invocation.out.write(content.decode() + "\n")


def _write_table(
    facts: dict[str, Any], failed: list[dict[Hashable, Any]],
    crossed: list[dict[Hashable, Any]], invocation: Invocation,
) -> None:  # fmt: skip
    at_work = ", ".join(facts["at_work"]) or None
    lines = {
        **facts,
        "at_work": at_work,
        "failed_import_count": len(failed),
        "crossed_threshold_count": len(crossed),
    }
    width = max(map(len, lines))
    for name, value in lines.items():
        text = TEXTS[value] if value is None or isinstance(value, bool) else value
        invocation.out.write(f"{name.replace('_', ' '):<{width}}  {printable(str(text))}\n")
    for row in failed:
        name, reason = row["file_name"], row["reason"]
        what = reason if name in reason else f"{name}: {reason}"
        text = f"{what} {row['next_action']}"
        invocation.out.write(f"\n{printable(text)}\n")
    for row in crossed:
        text = f"{row['explanation']} {row['next_action']}"
        invocation.out.write(f"\n{printable(text)}\n")
