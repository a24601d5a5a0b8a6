"""`stoker advise`: which keep-alive periods to set instead, ranked, with the setting to copy."""

import argparse
from textwrap import fill
from typing import Any

import orjson
import pandas as pd

from analytics.catalog import query_named
from analytics.keep_alive.advice import SETTLED
from analytics.keep_alive.snippets import Cluster, snippets
from analytics.query import Filters, run_query
from app.cli.invocation import DONE, Call
from app.cli.output import write_answer
from data.serialize.cells import cells
from data.store.reader import Reader
from data.store.store import Store

SHOWN = [
    "rank",
    "verdict",
    "current_keep_alive_s",
    "advised_keep_alive_s",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "wait_saved_h_per_month",
    "backtest_regret_ratio",
    "job_count",
    "pool_key",
]
TEXT_WIDTH = 100


def advise(store: Store, arguments: argparse.Namespace, call: Call) -> int:
    """Write the advice: as a table of the changes, or all of it as JSON."""
    question = query_named("keep_alive_advice")
    filters = Filters(arguments.since, arguments.until, tuple(arguments.where))
    settings = {
        name: value
        for name, value in (
            ("value_of_waiting_usd_per_h", arguments.value),
            ("limit_s", arguments.limit),
            ("p90_target_s", arguments.p90_target),
            ("minimum_gain_usd_per_month", arguments.least_gain),
            ("pool_key", arguments.pool),
        )
        if value is not None
    }
    found = run_query(Reader(store), question, filters, **settings)
    found.insert(0, "rank", range(1, len(found) + 1))
    found.insert(1, "kind", "keep_alive")
    if arguments.format == "json":
        _write_json(found, call)
    else:
        _write_table(found, call)
    return DONE


def _write_json(found: pd.DataFrame, call: Call) -> None:
    columns = [cells(found[name]) for name in found.columns]
    rows = []
    for values in zip(*columns, strict=True):
        row: dict[str, Any] = dict(zip(found.columns, values, strict=True))
        row["settings"] = (
            snippets(row["advised_keep_alive_s"], Cluster.of(row)) if row["setting"] else None
        )
        rows.append(row)
    call.out.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _write_table(found: pd.DataFrame, call: Call) -> None:
    changes = found[~found["verdict"].isin(SETTLED)]
    if found.empty:
        call.err.write("No job here could use a warm pool: there is nothing to advise on.\n")
        return
    if len(changes):
        write_answer(changes[SHOWN], call, given="table", out=None)
    for row in changes.to_dict("records"):
        today = (
            "unknown"
            if pd.isna(row["current_keep_alive_s"])
            else f"{row['current_keep_alive_s']} s"
        )
        head = f"{row['rank']}. {row['pool_key']}: {today} to {row['advised_keep_alive_s']} s. "
        call.out.write(
            "\n" + fill(head + row["rationale"], TEXT_WIDTH) + f"\n   {row['setting']}\n"
        )
    others = found["verdict"][found["verdict"].isin(SETTLED)].value_counts()
    told = ", ".join(f"{verdict}: {count:,}" for verdict, count in others.items())
    if told:
        call.err.write(f"No change for {others.sum():,} of {len(found):,} pools ({told}).\n")
    call.err.write("Every pool, and each setting as SDK, CLI and IAM text: --format json\n")
