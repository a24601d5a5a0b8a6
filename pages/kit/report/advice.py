"""The ranked advice as a report shows it: what to set, what it gains and how sure that is."""

from analytics.advice.listing import OPEN, Listed, would_change
from analytics.query import Filters
from analytics.vocabulary import BASES, CERTAINTIES
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit import formats
from pages.kit.advice import (
    find_advice,
    gain_text,
    not_added,
    not_asked,
    promise,
    what_to_do,
    worth,
)
from pages.kit.canvas import Canvas
from pages.kit.labels import label

MOST_SHOWN = 10
METRICS = ("advice", "net_gain_usd_per_month", "backtest_regret_ratio")


def draw_advice(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw the changes that gain most, and say what else was looked at."""
    try:
        found = find_advice(canvas, reader, jobs, waits=True)
    except StokerError as error:
        canvas.notice(f"No advice: {formats.plain(error.what)}")
        return
    assert found is not None  # it waits
    canvas.text(f"**{promise(found.total)}.** {worth(found)}")
    offered = [one for one in found.listed if one.state == OPEN]
    for listed in offered[:MOST_SHOWN]:
        _draw_one(canvas, listed, found.value_usd_per_h)
    left_out = [
        f"{formats.count(len(offered[MOST_SHOWN:]), 'more change')} with less to gain:"
        " `stoker advise` lists all."
    ] if offered[MOST_SHOWN:] else []  # fmt: skip
    decided_count = len(found.listed) - len(offered)
    if decided_count:
        left_out.append(f"{formats.count(decided_count, 'change')} already applied or dismissed.")
    for advisor, of_all, settled in found.advice.unchanged():
        left_out.append(
            f"{label('advice_kind', advisor.kind)}: no change for"
            f" {formats.count(settled.total())} of {formats.count(of_all)} {advisor.of}."
        )
    left_out += not_asked(found)
    if left_out:
        canvas.note("\n".join(f"- {line}" for line in left_out))


def _draw_one(canvas: Canvas, listed: Listed, value_usd_per_h: float) -> None:
    one = listed.recommendation
    # a number at the beginning of a line would be a list
    canvas.subheader(f"{listed.rank}\\. {what_to_do(listed)}")
    canvas.text(f"{gain_text(listed, value_usd_per_h)}.")
    why_not = not_added(listed)
    if why_not:
        canvas.text(why_not)
    canvas.text(formats.plain(one.rationale))
    certainty = CERTAINTIES[one.certainty]
    parts = [
        f"{certainty.label}: {certainty.meaning} {BASES[one.basis].meaning}",
        f"From {formats.count(one.job_count, 'job')}." if one.job_count else "",
        formats.plain(would_change(one) or ""),
    ]
    canvas.note(" ".join(part for part in parts if part != formats.UNKNOWN and part))
    if one.setting:
        canvas.code(one.setting, "json")
