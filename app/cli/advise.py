"""`stoker advise`: one ranked list of what to set instead, over all advisors, with the setting."""

from collections import Counter
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from app.cli.invocation import DONE, Invocation
from app.cli.options import command, filter_options, text_format_option
from app.cli.store_access import run_on_reader
from data.store.home import Home

if TYPE_CHECKING:
    from analytics.advisors import Advice
    from analytics.recommendation import Recommendation
    from data.store.reader import Reader

COLUMNS = [
    "rank",
    "kind",
    "verdict",
    "cash_gain_usd_per_month",
    "wait_saved_h_per_month",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "backtest_regret_ratio",
    "job_count",
    "current",
    "advised",
    "subject",
]
KINDS = ("keep_alive", "instance_groups", "share_settings")
TEXT_WIDTH = 100
EXAMPLES = """\
Examples:
  stoker advise                                 an hour of waiting costs what your setting says
  stoker advise --value 60                      an hour of waiting costs 60 USD
  stoker advise --value 0                       for money alone
  stoker advise --p90-target 60                 the cheapest periods with P90 startup within 60 s
  stoker advise --pool all --value 60           one period for all pools
  stoker advise --kind instance_groups          clusters of measured workloads only
  stoker advise --shares                        settings of queues, judged on later jobs
  stoker advise --format json | jq '.[0].settings.iam_policy'

The table has the changes only; JSON has every pool and workload, and each setting in every form.
All columns of one kind: stoker ask keep_alive_advice, stoker ask instance_group_advice
"""


@command("advise", "Recommend settings to change, and say why.", EXAMPLES)
@click.option(
    "--value",
    "value_of_waiting_usd_per_h",
    metavar="USD",
    help="Cost of delay, USD per hour of waiting (default: the home's setting, else 60).",
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
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="One kind only; several times for several (default: all but share_settings).",
)
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
    kinds: tuple[str, ...],
    is_of_shares: bool,
    **parameters: str | None,
) -> int:
    """Recommends what to set instead, most to gain first: for each pool the keep-alive period that
    would have cost least on your own jobs, and for each measured workload the cluster that would do
    it for less; what it gains per month with its interval, and why. It changes nothing: copy the
    setting.
    """

    def work(reader: "Reader") -> int:
        from analytics.advisors import advice
        from analytics.query import Filters

        texts = {name: value for name, value in parameters.items() if value is not None}
        chosen = list(kinds)
        if is_of_shares:
            chosen.append("share_settings")
        if texts.get("pool_key") and not chosen:
            chosen.append("keep_alive")
        found = advice(reader, Filters(since, until, where), texts, chosen or None)
        if form == "json":
            _write_json(found.recommendations, invocation)
        elif chosen == ["share_settings"]:
            _write_share_settings(found.recommendations, invocation)
        else:
            _write_table(found, invocation)
        for kind, names in found.left_out.items():
            invocation.err.write(f"Without {kind}: it cannot be filtered by {', '.join(names)}.\n")
        return DONE

    return run_on_reader(invocation, home, work)


def _write_share_settings(advice: "list[Recommendation]", invocation: Invocation) -> None:
    from app.cli.printable import printable

    if not advice:
        invocation.err.write("No job here went through a queue: there is nothing to advise on.\n")
    for rank, one in enumerate(advice, start=1):
        head = f"{rank}. {one.subject_label}: {one.advised or one.verdict.replace('_', ' ')}. "
        invocation.out.write(fill(printable(head + one.rationale), TEXT_WIDTH) + "\n\n")
    invocation.err.write("The requests to AWS Batch and the scenario file: --format json\n")


def _row(rank: int, one: "Recommendation") -> dict[str, Any]:
    """Return what every recommendation says, by declared column."""
    return {
        "rank": rank,
        "kind": one.kind,
        "subject": one.subject,
        "verdict": one.verdict,
        "current": one.current,
        "advised": one.advised,
        "cash_gain_usd_per_month": one.gain.cash_usd_per_month,
        "net_gain_usd_per_month": one.gain.net_usd_per_month,
        "net_gain_low_usd_per_month": one.gain.low_usd_per_month,
        "net_gain_high_usd_per_month": one.gain.high_usd_per_month,
        "wait_saved_h_per_month": one.gain.wait_saved_h_per_month,
        "job_count": one.job_count,
        "backtest_regret_ratio": one.backtest_regret_ratio,
        "rationale": one.rationale,
        "setting": one.setting,
        "evidence_page": one.evidence_page,
    }


def _write_json(advice: "list[Recommendation]", invocation: Invocation) -> None:
    import orjson

    rows = [
        {**_row(rank, one), **one.details, "settings": dict(one.snippets) or None}
        for rank, one in enumerate(advice, start=1)
    ]
    invocation.out.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _write_table(found: "Advice", invocation: Invocation) -> None:
    import pandas as pd

    from app.cli.output import write_rows
    from app.cli.printable import printable

    advice = found.recommendations
    if not advice:
        invocation.err.write(
            "No job here could use a warm pool, and no workload was measured: there is nothing to"
            " advise on.\n"
        )
        return
    changes = [(rank, one) for rank, one in enumerate(advice, start=1) if one.is_change]
    if changes:
        rows = pd.DataFrame([_row(rank, one) for rank, one in changes])
        write_rows(rows[COLUMNS], invocation, form="table", out=None)
    for rank, one in changes:
        head = f"{rank}. {one.subject}: {one.current or 'unknown'} to {one.advised}. "
        reason = fill(printable(head + one.rationale), TEXT_WIDTH)
        invocation.out.write(f"\n{reason}\n   {printable(one.setting or '')}\n")
    for advisor in found.asked:
        own = [one for one in advice if one.kind == advisor.kind]
        others = Counter(one.verdict for one in own if not one.is_change)
        if others:
            counts = ", ".join(f"{verdict}: {count:,}" for verdict, count in others.most_common())
            invocation.err.write(
                f"No change for {others.total():,} of {len(own):,} {advisor.of} ({counts}).\n"
            )
    invocation.err.write("Everything, and each setting in every form: --format json\n")
