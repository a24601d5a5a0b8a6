"""Advice: one ranked list of what to set instead, over everything, and whether it paid."""

from collections import Counter

import pandas as pd

from analytics.advice.answers import as_rows
from analytics.query import Filters
from analytics.vocabulary import ADVICE_KINDS, ADVICE_STATES
from data.datasets.advice_decisions.dataset import DISMISSED
from data.store.reader import Reader
from data.store.settings import load_settings
from pages.advice.detail import ADVICE, draw_detail
from pages.kit import formats, links
from pages.kit.advice import Found, find_advice, given_value, not_asked, promise, worth
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.frame import on_jobs
from pages.kit.labels import label

PAGE = Page(
    title="Advice",
    icon=":material/recommend:",
    lead="What to set instead, most to gain first, from your own jobs. Stoker changes nothing in"
    " AWS: copy the setting.",
    position=20,
)
ALL = "all"
UNSURE = {"unclear", "not_enough_data"}
HIGHEST_USD_PER_H = 500.0


@on_jobs
def render(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    value, kind, state = _choices(canvas, reader)
    found = find_advice(canvas, reader, jobs, value)
    if found is not None:
        _answer(canvas, found)
        _list(canvas, reader, found, kind, state)
        _left_out(canvas, found)
    _did_it_pay(canvas, query_rows(reader, "did_it_pay", jobs, **given_value(reader, value)))
    row = canvas.row()
    links.definition(row, "advice", "How is this decided?")
    links.sql(row, "did_it_pay")


def _choices(canvas: Canvas, reader: Reader) -> tuple[float, str, str]:
    """Draw the controls; return the value of an hour, the kind and the state to show."""
    settings = load_settings(reader.home)
    value, kind, state = canvas.columns(4, 3, 3)
    return (
        value.slider(
            "Cost of delay (USD per hour)", key="value_usd_per_h", step=5.0, shown=formats.usd,
            default=settings.cost_of_delay_usd_per_h,
            highest=max(HIGHEST_USD_PER_H, settings.cost_of_delay_usd_per_h),
            help="What it costs you when a job starts an hour later. At 0, only money counts. To"
            " keep yours, set value_of_waiting_usd_per_h in settings.toml.",
        ),
        kind.select(
            "Kind",
            {ALL: "All kinds"} | {code.value: code.label for code in ADVICE_KINDS.values()},
            key="kind",
        ),
        state.select(
            "State",
            {code.value: code.label for code in ADVICE_STATES.values()} | {ALL: "All"},
            key="state",
        ),
    )  # fmt: skip


def _answer(canvas: Canvas, found: Found) -> None:
    box = canvas.box()
    box.header(promise(found.total))
    box.text(worth(found))


def _list(canvas: Canvas, reader: Reader, found: Found, kind: str, state: str) -> None:
    shown = [
        one
        for one in found.listed
        if kind in (ALL, one.recommendation.kind) and state in (ALL, one.state)
    ]
    if not shown:
        canvas.notice(
            "Nothing is advised of this kind and state."
            if found.listed
            else "Nothing is advised: no change gains enough, surely enough.",
            icon=":material/check_circle:",
        )
        return
    rows = as_rows(shown)
    rows = rows.assign(advice_kind=rows["kind"], advice_state=rows["state"])
    ids = [one.advice_id for one in shown]
    canvas.note("Choose a row to see why, the setting to copy, and to say what you decided.")
    chosen = canvas.choice_table(
        rows,
        ["rank", "subject_label", "current", "advised", "net_gain_usd_per_month",
         "cash_gain_usd_per_month", "wait_saved_h_per_month", "certainty", "advice_kind",
         "net_gain_low_usd_per_month", "net_gain_high_usd_per_month", "job_count", "is_in_total",
         "advice_state"],
        key=ADVICE,
        keys=ids,
        alt="Recommendations, most to gain first, with today's and the advised setting, money,"
        " waiting, net gain with its interval, certainty and sample size",
        what="recommendations",
    )  # fmt: skip
    canvas.downloads(lambda: as_rows(shown), "advice", key="advice_rows")
    listed = shown[chosen or 0]
    draw_detail(canvas, listed, found.value_usd_per_h)

    def draw_decision() -> None:
        from pages.advice.decisions import draw_decisions  # noqa: PLC0415  # a screen's alone

        draw_decisions(reader, listed)

    canvas.aside().interact(draw_decision)


def _left_out(canvas: Canvas, found: Found) -> None:
    """Say what is not in the list, and why."""
    lines = []
    barred = [one for one in found.listed if one.conflicts_with is not None]
    if barred:
        lines.append(
            f"{formats.count(len(barred), 'recommendation')} not added up: each changes the same"
            " thing as one above it, so only the better one counts."
        )
    in_hindsight = sum(one.is_hindsight for one in found.listed)
    if in_hindsight:
        lines.append(
            f"{formats.count(in_hindsight, 'recommendation')} not added up: judged on the data"
            " that they were chosen on."
        )
    dismissed = sum(one.state == DISMISSED for one in found.listed)
    if dismissed:
        lines.append(f"{formats.count(dismissed, 'recommendation')} dismissed.")
    for advisor, of_all, settled in found.advice.unchanged():
        borrowed = (
            " Pools without sure advice of their own do well with what is advised for all as one:"
            " the Keep-alive page has it."
            if advisor.kind == "keep_alive" and set(settled) & UNSURE
            else ""
        )
        lines.append(
            f"{ADVICE_KINDS[advisor.kind].label}: no change for {settled.total():,} of"
            f" {of_all:,} {advisor.of} ({_verdicts(settled)}).{borrowed}"
        )
    lines += not_asked(found)
    if lines:
        canvas.expander("What is not advised, and why").text(
            "\n".join(f"- {line}" for line in lines)
        )


def _verdicts(counts: Counter[str]) -> str:
    """Return how often each verdict came, the most often first."""
    return ", ".join(
        f"{label('verdict', verdict).lower()} {count:,}" for verdict, count in counts.most_common()
    )


def _did_it_pay(canvas: Canvas, rows: pd.DataFrame) -> None:
    canvas.header("Did it pay?")
    if rows.empty:
        canvas.notice(
            "Nothing was marked as applied yet, and no pool's keep-alive period has changed for"
            " good. Mark a recommendation as applied: its jobs before and after are compared here.",
            icon=":material/info:",
        )
        return
    canvas.text(
        f"{formats.count(len(rows), 'change')}: {_verdicts(Counter(rows['verdict']))}. Jobs after"
        " a change are compared with those before it on the same weekdays."
    )
    canvas.table(
        rows,
        ["subject_label", "verdict", "realised_gain_usd_per_month", "expected_gain_usd_per_month",
         "current", "advised", "applied_at", "seen_in", "realised_low_usd_per_month",
         "realised_high_usd_per_month", "realised_cash_usd_per_month",
         "realised_wait_saved_h_per_month", "before_job_count", "after_job_count",
         "key_broken_by_job_name", "key_broken_at", "rationale"],
        key="did_it_pay",
        alt="Changes that were applied or seen in the history, with what they brought",
        what="changes",
        file_name="did_it_pay",
    )  # fmt: skip
    links.definition(canvas, "did_it_pay")
