"""The list of advice for pages: made beside them, and remembered until other data comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.advice.answers import listed_advice
from analytics.advice.listing import Listed, Total, total
from analytics.advice.queries import ALL_KINDS
from analytics.advisors import Advice
from analytics.advisors import advice as asked_advice
from analytics.parameters import LEAST_GAIN_USD
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters, run_sql
from analytics.vocabulary import ADVICE_KINDS, CERTAINTIES, VERDICTS
from data.store.reader import Reader
from data.store.settings import load_settings
from pages.kit import formats
from pages.kit.cache import query_rows, recall
from pages.kit.canvas import Canvas
from pages.kit.work import Report, computed

FEW_JOBS = 200_000
LEAST_SHOWN_H = 0.05
LEAST_SHOWN_USD = 0.01
# what a subject is, where its name does not say so
NOUNS = {
    "keep_alive": "Pool ",
    "input_mode": "Pool ",
    "startup": "Pool ",
    "share_settings": "Queue ",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What every advisor said, the list that comes of it, and the value of an hour of waiting."""

    advice: Advice
    listed: Sequence[Listed]
    value_usd_per_h: float
    is_value_assumed: bool

    @property
    def total(self) -> Total:
        """What the recommendations that count bring together."""
        return total(self.listed)


def find_advice(
    canvas: Canvas,
    reader: Reader,
    jobs: Filters,
    value_usd_per_h: float | None = None,
    *,
    waits: bool = False,
    is_beside: bool = False,
) -> Found | None:
    """Return the list for these jobs; None while it is made, which is shown.

    Where nobody sits at the screen it is made at once, but of many jobs only for who `waits`; nor
    is it made of many for a page that shows it beside other things: it would slow them down.

    Raises:
        StokerError: an advisor cannot answer.
    """
    settings = load_settings(reader.home)
    value = settings.cost_of_delay_usd_per_h if value_usd_per_h is None else value_usd_per_h
    given = given_value(reader, value)

    def ask(report: Report) -> Advice:
        return asked_advice(reader, jobs, given, ALL_KINDS, report)

    # decisions on advice change no advice: it is not made again for them
    facts = run_sql(reader, "advice/facts", relation=None).iloc[0]
    key, data = ("advice", jobs, value, repr(settings)), ("facts", *map(int, facts))
    is_asked_for = waits or (canvas.is_live and not is_beside)
    if is_asked_for or _job_count(reader, jobs) <= FEW_JOBS:
        advice = computed(canvas, reader, key, ask, name="Advice", is_long=True, data=data)
    else:
        advice = recall(reader, key, data=data)
        if advice is None:
            canvas.note(
                "Of this many jobs finding out what could be saved takes a minute or two: the"
                " Advice page and `stoker advise` do it."
            )
    if advice is None:
        return None
    listed = listed_advice(reader, advice.recommendations, LEAST_GAIN_USD)
    return Found(advice, listed, value, is_value_assumed=not given)


def given_value(reader: Reader, value_usd_per_h: float) -> dict[str, str]:
    """Return the cost of delay as a query takes it; nothing where it is only assumed.

    Answers say so themselves where nobody gave them one.
    """
    settings = load_settings(reader.home)
    if settings.is_value_assumed and value_usd_per_h == settings.cost_of_delay_usd_per_h:
        return {}
    return {"value_of_waiting_usd_per_h": f"{value_usd_per_h:g}"}


def _job_count(reader: Reader, jobs: Filters) -> int:
    rows = query_rows(reader, "warm_pool_hit_rate", jobs, by="all")
    return 0 if rows.empty else int(rows["job_count"].iloc[0])


def promise(sums: Total) -> str:
    """Return what the list brings in a month, in a sentence: money and waiting apart."""
    if not sums.count:
        return "Nothing to change: no setting is surely better than yours"
    return f"You could save {_saved(sums.cash_usd_per_month, sums.wait_saved_h_per_month)}"


def _saved(cash_usd: float, wait_h: float) -> str:
    """Return what is saved in a month: money and waiting, and what one costs of the other."""
    money, hours = formats.usd(abs(cash_usd)), formats.hours(abs(wait_h) * SECONDS_PER_HOUR)
    if abs(wait_h) < LEAST_SHOWN_H:
        return f"{money} a month" if cash_usd >= 0 else f"nothing: it costs {money} more a month"
    if wait_h < 0:
        return f"{money} a month, for {hours} more of waiting"
    if abs(cash_usd) < LEAST_SHOWN_USD:
        return f"{hours} of waiting a month, at no cost"
    if cash_usd < 0:
        return f"{hours} of waiting a month, for {money} more"
    return f"{money} and {hours} of waiting a month"


def worth(found: Found, first: Sequence[Listed] = ()) -> str:
    """Return what that is worth, at which value of an hour of waiting, and what the first bring."""
    assumed = (
        " (assumed: yours goes into settings.toml, as value_of_waiting_usd_per_h)"
        if found.is_value_assumed
        else ""
    )
    sums, of_first = found.total, total(first)
    if not sums.count:
        return f"An hour of waiting counts as {formats.usd(found.value_usd_per_h)}{assumed}."
    said = (
        f"{formats.count(sums.count, 'change')} in all, worth"
        f" {formats.usd(sums.net_usd_per_month)} a month at"
        f" {formats.usd(found.value_usd_per_h)} per hour of waiting{assumed}; no gain is counted"
        " twice."
    )
    if not first or of_first.count == sums.count:
        return said
    which = "This one brings" if of_first.count == 1 else f"These {of_first.count} bring"
    saved = _saved(of_first.cash_usd_per_month, of_first.wait_saved_h_per_month)
    return f"{which} {saved} of it. {said}"


def not_asked(found: Found) -> list[str]:
    """Return who could not be asked, and why: a sentence each."""
    return [
        f"{ADVICE_KINDS[kind].label}: left out, since it cannot be filtered by"
        f" {formats.plain(', '.join(names))}."
        for kind, names in found.advice.left_out.items()
    ]


def what_to_do(listed: Listed) -> str:
    """Return the subject and what to do, without a full stop."""
    one = listed.recommendation
    return f"{NOUNS.get(one.kind, '')}**{formats.plain(one.subject_label)}**: {change(listed)}"


def change(listed: Listed) -> str:
    """Return what to do, in a few words that begin small."""
    one = listed.recommendation
    today, advised = formats.plain(one.current or "unknown"), formats.plain(one.advised or "")
    match one.kind, one.verdict:
        case "keep_alive", "start":
            do = f"keep clusters warm for {advised}"
        case "keep_alive", "stop":
            do = f"stop keeping clusters warm (today {today})"
        case "keep_alive", verdict:
            verb = VERDICTS[verdict].label.lower()
            do = f"{verb} the keep-alive period from {today} to {advised}"
        case "instance_groups", _:
            do = f"use {advised} instead of {today}"
        case "share_settings", _:
            do = f"change the {today} to: {advised}"
        case _:
            do = f"{today} → {advised}"
    return do


def not_added(listed: Listed) -> str | None:
    """Return why a gain is not part of the total; None where nothing is to be said."""
    if listed.conflicts_with is not None:
        other = listed.conflicts_with
        return (
            f"Not added to the total: number {other.rank},"
            f" {formats.plain(other.recommendation.subject_label)}, changes the same thing and"
            " gains more."
        )
    if listed.is_hindsight:
        return "Not added to the total: its gain was judged on the data that it was chosen on."
    return None


def gain_text(listed: Listed, value_usd_per_h: float) -> str:
    """Return what a recommendation saves, what that is worth with its interval, and how surely.

    The value is that of an hour of waiting.
    """
    one = listed.recommendation
    gain, certainty = one.gain, CERTAINTIES[one.certainty].label.lower()
    if gain.net_usd_per_month is None:
        return "Gain unknown: no price, or too few jobs."
    said = []
    if gain.cash_usd_per_month is not None and gain.wait_saved_h_per_month is not None:
        said.append(f"Saves {_saved(gain.cash_usd_per_month, gain.wait_saved_h_per_month)}")
    interval = ""
    if gain.low_usd_per_month is not None and gain.high_usd_per_month is not None:
        interval = (
            f" ({formats.usd_amount(gain.low_usd_per_month)} to"
            f" {formats.usd_amount(gain.high_usd_per_month)})"
        )
    at = f" at {formats.usd(value_usd_per_h)} an hour" if gain.wait_saved_h_per_month else ""
    said.append(f"worth **{formats.usd(gain.net_usd_per_month)}**{interval}{at}")
    said.append(f"certainty: {certainty}")
    return " · ".join(said)
