"""`stoker advise`: which keep-alive periods to set instead, ranked, with the setting to copy."""

from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import TEXT_FORMATS, command, filter_options
from app.cli.store_access import run_on_store
from data.store.home import Home

if TYPE_CHECKING:
    import pandas as pd

    from data.store.store import Store

COLUMNS = [
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
EXAMPLES = """\
Examples:
  stoker advise                                 for money alone
  stoker advise --value 60                      an hour of waiting costs 60 USD
  stoker advise --p90-target 60                 the cheapest periods with P90 startup within 60 s
  stoker advise --pool all --value 60           one period for all pools
  stoker advise --format json | jq '.[0].settings.iam_policy'

The table has the changes only; JSON has every pool, and each setting as SDK, CLI and IAM text. The
same as a table with all columns: stoker ask keep_alive_advice
"""


@command("advise", "Recommend settings to change, and say why.", EXAMPLES)
@click.option(
    "--value",
    "value_of_waiting_usd_per_h",
    metavar="USD",
    help="Cost of delay, USD per hour of waiting (default: the home's setting, else 0).",
)
@click.option(
    "--limit",
    "limit_s",
    metavar="S",
    help="Longest period allowed, seconds (default: the home's setting, else 3600).",
)
@click.option(
    "--p90-target",
    "p90_target_s",
    metavar="S",
    help="P90 startup latency to reach, seconds, instead of the best value.",
)
@click.option(
    "--least-gain",
    "minimum_gain_usd_per_month",
    metavar="USD",
    help="Least gain a month that is worth a change (default: 1).",
)
@click.option("--pool", "pool_key", metavar="KEY", help="One pool; 'all': one period for all.")
@filter_options
@click.option("--format", "form", type=click.Choice(TEXT_FORMATS), default="table")
def advise(
    invocation: Invocation,
    home: Home,
    *,
    since: datetime | None,
    until: datetime | None,
    where: tuple[tuple[str, str], ...],
    form: str,
    **parameters: str | None,
) -> int:
    """Recommends keep-alive periods: for each pool the period that would have cost least on your
    own jobs, what it gains a month with a 90 % interval, how the choice would have done when made
    on the first 70 % of the days and measured on the rest, and why. It changes nothing: copy the
    setting.
    """

    def work(store: "Store") -> int:
        from analytics.catalog import query_named
        from analytics.query import Filters, run_query
        from data.store.reader import Reader

        given = {name: value for name, value in parameters.items() if value is not None}
        advice = run_query(
            Reader(store), query_named("keep_alive_advice"), Filters(since, until, where), **given
        )
        advice.insert(0, "rank", range(1, len(advice) + 1))
        advice.insert(1, "kind", "keep_alive")
        write = _write_json if form == "json" else _write_table
        write(advice, invocation)
        return DONE

    return run_on_store(invocation, home, work)


def _write_json(advice: "pd.DataFrame", invocation: Invocation) -> None:
    import orjson

    from analytics.keep_alive.snippets import Cluster, snippets
    from data.serialize.cells import cells

    columns = [cells(advice[name]) for name in advice.columns]
    rows = []
    for values in zip(*columns, strict=True):
        row: dict[str, Any] = dict(zip(advice.columns, values, strict=True))
        row["settings"] = (
            snippets(row["advised_keep_alive_s"], Cluster.of(row)) if row["setting"] else None
        )
        rows.append(row)
    invocation.out.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _write_table(advice: "pd.DataFrame", invocation: Invocation) -> None:
    import pandas as pd

    from analytics.keep_alive.advice import SETTLED
    from app.cli.output import write_rows
    from app.cli.printable import printable

    changes = advice[~advice["verdict"].isin(SETTLED)]
    if advice.empty:
        invocation.err.write("No job here could use a warm pool: there is nothing to advise on.\n")
        return
    if len(changes):
        write_rows(changes[COLUMNS], invocation, form="table", out=None)
    for row in changes.to_dict("records"):
        current = (
            "unknown"
            if pd.isna(row["current_keep_alive_s"])
            else f"{row['current_keep_alive_s']} s"
        )
        head = f"{row['rank']}. {row['pool_key']}: {current} to {row['advised_keep_alive_s']} s. "
        reason = fill(printable(head + row["rationale"]), TEXT_WIDTH)
        invocation.out.write(f"\n{reason}\n   {printable(row['setting'])}\n")
    others = advice["verdict"][advice["verdict"].isin(SETTLED)].value_counts()
    counts = ", ".join(f"{verdict}: {count:,}" for verdict, count in others.items())
    if counts:
        invocation.err.write(
            f"No change for {others.sum():,} of {len(advice):,} pools ({counts}).\n"
        )
    invocation.err.write("Every pool, and each setting as SDK, CLI and IAM text: --format json\n")
