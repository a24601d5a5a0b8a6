"""`stoker advise`: one ranked list of what to set instead, over all advisors, with the setting."""

from datetime import datetime, timedelta
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from analytics.parameters import LEAST_GAIN, written
from analytics.vocabulary import ADVICE_KINDS
from app.cli import decisions
from app.cli.invocation import DONE, Invocation
from app.cli.options import Instant, Pair, command, filter_options, text_format_option
from app.cli.store_access import run_on_store
from data.store.home import Home

if TYPE_CHECKING:
    from analytics.advice.listing import Listed
    from analytics.advisors import Advice
    from analytics.recommendation import Recommendation
    from data.store.store import Store

COLUMNS = [
    "rank",
    "kind",
    "subject_label",
    "current",
    "advised",
    "cash_gain_usd_per_month",
    "wait_saved_h_per_month",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "certainty",
    "backtest_regret_ratio",
    "job_count",
    "is_in_total",
    "state",
    "advice_id",
]
KINDS = tuple(ADVICE_KINDS)
TEXT_WIDTH = 100
EXAMPLES = """\
Examples:
  stoker advise                                 an hour of waiting costs what your setting says
  stoker advise --value 60                      an hour of waiting costs 60 USD
  stoker advise --value 0                       for money alone
  stoker advise --p90-target 60                 the cheapest periods with P90 startup within 60 s
  stoker advise --pool all --value 60           one period for all pools
  stoker advise --kind instance_groups          clusters of measured workloads only
  stoker advise --kind share_settings           settings of queues, judged on later jobs
  stoker advise --decide 93a621da50=applied --at 2026-11-20
  stoker advise --decide 93a621da50=dismissed --note "the team leaves in May"
  stoker advise --format json | jq '.[0].settings.iam_policy'

The table has the changes only; JSON has every pool and workload, and each setting in every form.
Two changes of the same thing are not added up, nor gains judged on the data that they were chosen
on: is_in_total says which count.
The list as rows: stoker ask advice. Whether what was applied paid: stoker ask did_it_pay
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
    help=f"Least gain per month that is worth a change (default: {written(LEAST_GAIN.default)}).",
)
@click.option(
    "--pool",
    "pool_key",
    metavar="POOL",
    help="One pool, by key or name; 'all': one period for all.",
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="One kind only; several times for several (default: all).",
)
@click.option(
    "--decide",
    "decided",
    type=Pair(),
    multiple=True,
    metavar="ID=DECISION",
    help="Keep what was decided on advice: applied, dismissed, noted or reopened.",
)
@click.option("--note", metavar="TEXT", help="What to note with a decision.")
@click.option(
    "--at",
    "applied_at",
    type=Instant(),
    help="With --decide ID=applied: from when on it was in force (default: now).",
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
    decided: tuple[tuple[str, str], ...],
    note: str | None,
    applied_at: datetime | timedelta | None,
    **parameters: str | None,
) -> int:
    """Recommends what to set instead, most to gain first: keep-alive periods, pools to merge,
    input modes, startup, shares, clusters and quotas; what each gains per month with its interval,
    on your own jobs, and why. It changes nothing in AWS: copy the setting. What you decide on it is
    kept with --decide.
    """
    decisions.check(decided, note)

    def work(store: "Store") -> int:
        from analytics.advice.answers import listed_advice
        from analytics.advisors import advice
        from analytics.query import Filters
        from data.store.reader import Reader

        texts = {name: value for name, value in parameters.items() if value is not None}
        name = "minimum_gain_usd_per_month"
        least = LEAST_GAIN.parse(name, texts.get(name, "")) or 0.0
        chosen = list(kinds)
        if texts.get("pool_key") and not chosen:
            chosen.append("keep_alive")
        reader = Reader(store)
        found = advice(reader, Filters(since, until, where), texts, chosen or KINDS)
        listed = listed_advice(reader, found.recommendations, least)
        if decided:
            decisions.keep(store, invocation, listed, decided, note=note, applied_at=applied_at)
            return DONE
        if form == "json":
            _write_json(found.recommendations, listed, invocation)
        elif chosen == ["share_settings"]:
            _write_share_settings(found.recommendations, invocation)
        else:
            _write_table(found, listed, invocation)
        for kind, names in found.left_out.items():
            invocation.err.write(f"Without {kind}: it cannot be filtered by {', '.join(names)}.\n")
        return DONE

    return run_on_store(invocation, home, work)


def _write_share_settings(advice: "list[Recommendation]", invocation: Invocation) -> None:
    from app.cli.printable import printable

    if not advice:
        invocation.err.write("No job here went through a queue: there is nothing to advise on.\n")
    for rank, one in enumerate(advice, start=1):
        head = f"{rank}. {one.subject_label}: {one.advised or one.verdict.replace('_', ' ')}. "
        invocation.out.write(fill(printable(head + one.rationale), TEXT_WIDTH) + "\n\n")
    invocation.err.write("The requests to AWS Batch and the scenario file: --format json\n")


def _row(rank: int, one: "Recommendation", listed: "Listed | None") -> dict[str, Any]:
    """Return what every recommendation says, by declared column."""
    from analytics.advice.listing import OPEN, would_change

    above = listed.conflicts_with if listed else None
    return {
        "rank": rank,
        "advice_id": listed.advice_id if listed else None,
        "kind": one.kind,
        "subject": one.subject,
        "subject_label": one.subject_label,
        "verdict": one.verdict,
        "current": one.current,
        "advised": one.advised,
        "cash_gain_usd_per_month": one.gain.cash_usd_per_month,
        "net_gain_usd_per_month": one.gain.net_usd_per_month,
        "net_gain_low_usd_per_month": one.gain.low_usd_per_month,
        "net_gain_high_usd_per_month": one.gain.high_usd_per_month,
        "wait_saved_h_per_month": one.gain.wait_saved_h_per_month,
        "job_count": one.job_count,
        "certainty": one.certainty,
        "basis": one.basis,
        "backtest_regret_ratio": one.backtest_regret_ratio,
        "rationale": one.rationale,
        "would_change": would_change(one) if one.is_change else None,
        "setting": one.setting,
        "evidence_page": one.evidence_page,
        "is_in_total": listed.is_in_total if listed else False,
        "conflicts_with": above and above.recommendation.subject_label,
        "state": listed.state if listed else OPEN,
    }


def _write_json(
    advice: "list[Recommendation]", listed: "list[Listed]", invocation: Invocation
) -> None:
    import orjson

    places = {id(one.recommendation): one for one in listed}
    rows = []
    for rank, one in enumerate(advice, start=1):
        said = _row(rank, one, places.get(id(one)))
        # an advisor's own figure of the same name may be against something else than today
        own = {name: value for name, value in one.details.items() if name not in said}
        rows.append({**said, **own, "settings": dict(one.snippets) or None})
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
    invocation.out.write(orjson.dumps(rows, option=options).decode() + "\n")


def _write_table(found: "Advice", listed: "list[Listed]", invocation: Invocation) -> None:
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
    if listed:
        rows = pd.DataFrame([_row(one.rank, one.recommendation, one) for one in listed])
        write_rows(rows[COLUMNS], invocation, form="table", out=None)
    for place in listed:
        one = place.recommendation
        head = f"{place.rank}. {one.subject_label}: {one.current or 'unknown'} to {one.advised}. "
        reason = fill(printable(head + one.rationale), TEXT_WIDTH)
        invocation.out.write(f"\n{reason}\n   {printable(one.setting or '')}\n")
    if listed:
        invocation.out.write("\n" + fill(printable(_together(listed)), TEXT_WIDTH) + "\n")
    for advisor, of_all, settled in found.unchanged():
        counts = ", ".join(f"{verdict}: {count:,}" for verdict, count in settled.most_common())
        invocation.err.write(
            f"No change for {settled.total():,} of {of_all:,} {advisor.of} ({counts}).\n"
        )
    invocation.err.write("Everything, and each setting in every form: --format json\n")


def _together(listed: "list[Listed]") -> str:
    """Return what the list brings in all, and what of it is not added up."""
    from analytics.advice.listing import total

    sums = total(listed)
    said = (
        f"Together: {sums.net_usd_per_month:,.2f} USD per month, of which"
        f" {sums.cash_usd_per_month:,.2f} USD is money and {sums.wait_saved_h_per_month:,.1f} h"
        f" waiting ({sums.count:,} of {len(listed):,} changes)."
    )
    counts = {
        "that change the same thing as one above": sum(
            one.conflicts_with is not None for one in listed
        ),
        "judged on the data that they were chosen on": sum(one.is_hindsight for one in listed),
    }
    left_out = ", ".join(f"{count:,} {why}" for why, count in counts.items() if count)
    return f"{said} Not added up: {left_out}." if left_out else said
