"""`stoker advise`: which keep-alive periods to set instead, ranked, with the setting to copy."""

from collections import Counter
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command, filter_options, text_format_option
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from analytics.query import Filters
    from analytics.recommendation import Recommendation
    from data.store.reader import Reader

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
  stoker advise --shares                        settings of queues, judged on later jobs
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
    help="Least gain per month that is worth a change (default: 1).",
)
@click.option("--pool", "pool_key", metavar="KEY", help="One pool; 'all': one period for all.")
@click.option(
    "--shares",
    "is_of_shares",
    is_flag=True,
    help="Settings of queues instead: replays their jobs, which takes a while.",
)
@filter_options
@text_format_option
def advise(
    invocation: Invocation,
    home: Home,
    *,
    since: datetime | None,
    until: datetime | None,
    where: tuple[tuple[str, str], ...],
    form: str,
    is_of_shares: bool,
    **parameters: str | None,
) -> int:
    """Recommends keep-alive periods: for each pool the period that would have cost least on your
    own jobs, what it gains per month with a 90 % interval, how the choice would have done when made
    on the first 70 % of the days and measured on the rest, and why. It changes nothing: copy the
    setting.
    """

    def work(reader: "Reader") -> int:
        from analytics.catalog import query_named
        from analytics.keep_alive.recommendations import recommendations
        from analytics.query import Filters, run_query

        texts = {name: value for name, value in parameters.items() if value is not None}
        if is_of_shares:
            return _advise_shares(reader, Filters(since, until, where), texts, form, invocation)
        query = query_named("keep_alive_advice")
        advice = recommendations(run_query(reader, query, Filters(since, until, where), **texts))
        write = _write_json if form == "json" else _write_table
        write(advice, invocation)
        return DONE

    return run_on_reader(invocation, home, work)


def _advise_shares(
    reader: "Reader",
    filters: "Filters",
    texts: dict[str, str],
    form: str,
    invocation: Invocation,
) -> int:
    from analytics.catalog import query_named
    from analytics.query import run_query
    from analytics.share_replay.settings_advice import recommendations
    from app.cli.printable import printable

    value = {name: text for name, text in texts.items() if name == "value_of_waiting_usd_per_h"}
    rows = run_query(reader, query_named("share_settings_advice"), filters, **value)
    advice = recommendations(rows)
    if form == "json":
        _write_json(advice, invocation)
        return DONE
    if not advice:
        invocation.err.write("No job here went through a queue: there is nothing to advise on.\n")
    for rank, one in enumerate(advice, start=1):
        head = f"{rank}. {one.subject_label}: {one.advised or one.verdict.replace('_', ' ')}. "
        invocation.out.write(fill(printable(head + one.rationale), TEXT_WIDTH) + "\n\n")
    invocation.err.write("The requests to AWS Batch and the scenario file: --format json\n")
    return DONE


def _write_json(advice: "list[Recommendation]", invocation: Invocation) -> None:
    import orjson

    rows = [
        {
            "rank": rank,
            "kind": one.kind,
            **one.details,
            "settings": dict(one.snippets) or None,
        }
        for rank, one in enumerate(advice, start=1)
    ]
    invocation.out.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _write_table(advice: "list[Recommendation]", invocation: Invocation) -> None:
    import pandas as pd

    from app.cli.output import write_rows
    from app.cli.printable import printable

    if not advice:
        invocation.err.write("No job here could use a warm pool: there is nothing to advise on.\n")
        return
    changes = [(rank, one) for rank, one in enumerate(advice, start=1) if one.is_change]
    if changes:
        rows = pd.DataFrame([{"rank": rank, **one.details} for rank, one in changes])
        write_rows(rows[COLUMNS], invocation, form="table", out=None)
    for rank, one in changes:
        head = f"{rank}. {one.subject}: {one.current or 'unknown'} to {one.advised}. "
        reason = fill(printable(head + one.rationale), TEXT_WIDTH)
        invocation.out.write(f"\n{reason}\n   {printable(one.setting or '')}\n")
    others = Counter(one.verdict for one in advice if not one.is_change)
    if others:
        counts = ", ".join(f"{verdict}: {count:,}" for verdict, count in others.most_common())
        invocation.err.write(
            f"No change for {others.total():,} of {len(advice):,} pools ({counts}).\n"
        )
    invocation.err.write("Every pool, and each setting as SDK, CLI and IAM text: --format json\n")
