"""The ranked advice as a report shows it: what to set, what it gains and how sure that is."""

from analytics.advisors import advice
from analytics.query import Filters
from analytics.recommendation import Recommendation
from analytics.vocabulary import BASES, CERTAINTIES
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit import formats
from pages.kit.cache import remember
from pages.kit.canvas import Canvas
from pages.kit.labels import label

MOST_SHOWN = 10
METRICS = ("net_gain_usd_per_month", "backtest_regret_ratio")


def draw_advice(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw the changes that gain most, and say what else was looked at."""
    try:
        found = remember(reader, ("report advice", jobs), lambda: advice(reader, jobs, {}))
    except StokerError as error:
        canvas.notice(f"No advice: {formats.plain(error.what)}")
        return
    changes = [one for one in found.recommendations if one.is_change]
    if not changes:
        canvas.text("**Nothing to change:** no other setting is surely better than today's.")
    for rank, one in enumerate(changes[:MOST_SHOWN], start=1):
        _draw_one(canvas, rank, one)
    left_out = changes[MOST_SHOWN:]
    if left_out:
        canvas.note(f"{formats.count(len(left_out), 'more change')} with less to gain:"
                    " `stoker advise` lists all.")  # fmt: skip
    for advisor in found.asked:
        own = [one for one in found.recommendations if one.kind == advisor.kind]
        same = sum(not one.is_change for one in own)
        if own:
            canvas.note(
                f"{label('advice_kind', advisor.kind)}: {formats.count(same)} of"
                f" {formats.count(len(own))} {advisor.of} keep their setting, or have too few jobs"
                " or no price to say."
            )
    for kind, names in found.left_out.items():
        canvas.note(
            f"{label('advice_kind', kind)}: not asked, it cannot be filtered by {', '.join(names)}."
        )


def _draw_one(canvas: Canvas, rank: int, one: Recommendation) -> None:
    today, advised = one.current or formats.UNKNOWN, one.advised or formats.UNKNOWN
    canvas.subheader(f"{rank}\\. {formats.plain(one.subject_label)}")
    canvas.text(
        f"**{label('advice_kind', one.kind)}: {formats.plain(today)} → {formats.plain(advised)}.**"
        f" {_gain(one)}"
    )
    canvas.text(formats.plain(one.rationale))
    sure = f"{CERTAINTIES[one.certainty].label}: {CERTAINTIES[one.certainty].meaning}"
    canvas.note(
        f"{sure} {BASES[one.basis].meaning} From {formats.count(one.job_count, 'job')}."
        + (f" {formats.plain(one.would_change)}" if one.would_change else "")
    )
    if one.setting:
        canvas.code(one.setting, "json")


def _gain(one: Recommendation) -> str:
    gain = one.gain
    if gain.net_usd_per_month is None:
        return "What it gains is unknown."
    parts = [f"Gains {formats.usd(gain.net_usd_per_month)} a month"]
    if gain.low_usd_per_month is not None and gain.high_usd_per_month is not None:
        parts.append(
            f" (90 % interval {formats.usd_amount(gain.low_usd_per_month)} to"
            f" {formats.usd_amount(gain.high_usd_per_month)})"
        )
    if gain.cash_usd_per_month is not None:
        parts.append(f": {formats.usd(gain.cash_usd_per_month)} in money")
        if gain.wait_saved_h_per_month is not None:
            wait_s = gain.wait_saved_h_per_month * formats.SECONDS_PER_HOUR
            change = "less" if wait_s >= 0 else "more"
            parts.append(f", {formats.hours(abs(wait_s))} {change} waiting")
    return "".join(parts) + "."
