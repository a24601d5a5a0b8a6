"""The advice on a keep-alive period: verdict, reason, figures, and the setting to copy."""

import pandas as pd
import streamlit as st

from analytics.keep_alive.decide import SETTLED
from analytics.keep_alive.snippets import Cluster, snippets
from pages.kit import formats, kpis, links, recording, text
from pages.kit.blocks import Figure, Text
from pages.kit.notes import note

# what each form is called, and how it is coloured
FORMS = {
    "sdk_estimator": ("SDK Estimator", "python", "Every job of the pool, with version 2 of the"
                      " SageMaker Python SDK."),
    "sdk_compute": ("SDK Compute", "python", "Every job of the pool, with version 3 of the"
                    " SageMaker Python SDK."),
    "create_training_job": ("CreateTrainingJob", "json", "The request of every job of the pool."),
    "cli": ("AWS CLI", "bash", "The command of every job of the pool."),
    "update_training_job": ("This pool, now", "bash", "UpdateTrainingJob changes one cluster that"
                            " is warm right now, not the jobs to come. Stoker runs nothing."),
    "iam_policy": ("IAM ceiling", "json", "Denies longer periods to whoever it is attached to."),
}  # fmt: skip


def headline(advice: pd.Series) -> str:
    """Return the verdict as one sentence."""
    today = (
        "an unknown period"
        if pd.isna(advice.current_keep_alive_s)
        else _period(advice.current_keep_alive_s)
    )
    if advice.is_mixed and pd.isna(advice.current_keep_alive_s):
        today = "several periods"
        if advice.verdict in ("raise", "lower"):
            return (
                f"Set one period for all: {_period(advice.advised_keep_alive_s)} instead of several"
            )
    match advice.verdict:
        case "start":
            return f"Start to keep clusters warm: {_period(advice.advised_keep_alive_s)}"
        case "stop":
            return f"Stop keeping clusters warm: none instead of {today}"
        case "raise" | "lower":
            verb = str(advice.verdict).capitalize()
            return f"{verb} the keep-alive period from {today} to {_period(advice.advised_keep_alive_s)}"
        case "keep":
            return f"Keep what is set: {today}"
        case "no_price":
            return "No advice: the price is unknown"
        case _:
            return "Not enough data for advice"


def card(advice: pd.Series, peak: str | None, *, is_of_all: bool) -> None:
    """Draw the advice; `peak` says how many instances would idle at once."""
    with st.container(border=True):
        text.header(headline(advice))
        text.say(formats.plain(advice.rationale))
        if advice.verdict in SETTLED:
            links.definition("keep_alive_advice", "How is this decided?")
            return
        kpis.row(_figures(advice, peak, is_of_all=is_of_all))
        for said in _further(advice):
            note(said)
        with st.expander("The setting to copy", icon=":material/content_copy:"):
            _setting(advice)
        links.definition("keep_alive_advice", "How is this decided?")


def _figures(advice: pd.Series, peak: str | None, *, is_of_all: bool) -> list[Figure]:
    low, high = advice.net_gain_low_usd_per_month, advice.net_gain_high_usd_per_month
    found = [
        Figure(
            "Gain a month (USD)",
            formats.usd_amount(advice.net_gain_usd_per_month),
            f"90 % interval {formats.usd_amount(low)} to {formats.usd_amount(high)}",
            "Idle time and billed startup at list prices, waiting at its worth. A month is 730 h;"
            " the interval draws your days again, 200 times.",
        ),
        Figure(
            "Waiting saved a month",
            formats.hours(advice.wait_saved_h_per_month * 3600),
            f"of {formats.count(advice.job_count, 'eligible job')} over"
            f" {formats.count(advice.job_span_days, 'day')}",
        ),
        Figure(
            "Regret on later days",
            formats.percent(advice.backtest_regret_ratio)
            if pd.notna(advice.backtest_regret_ratio)
            else "not tested",
            "chosen on the first 70 % of days, decide on the rest",
            "How much more the period chosen early would have cost later than the best with"
            " hindsight. 0 % is perfect.",
        ),
    ]
    if peak is not None:
        found.append(
            Figure("Quota needed", peak,
                   "instances idle at once" + (", over all types" if is_of_all else ""),
                   "AWS keeps a cluster only within the quota for warm pools of its type.")
        )  # fmt: skip
    return found


def _further(advice: pd.Series) -> list[str]:
    """Return what else to know: the price of a target, and how wrong it can go."""
    said = []
    value = advice.get("implied_value_usd_per_h")
    if value is not None and pd.notna(value):
        said.append(
            f"The P90 target amounts to {formats.usd(value)} for an hour of waiting: from that"
            " worth on, the period or a longer one would be best by itself."
        )
    if pd.notna(advice.worst_case_ratio):
        said.append(
            f"Worst case, whatever jobs come: {advice.worst_case_ratio:,.1f} times what hindsight"
            " would pay. 2 is the least that any period can promise."
        )
    if advice.is_rough:
        said.append("Rough: less than 14 days of history.")
    return said


def _setting(advice: pd.Series) -> None:
    written = snippets(int(advice.advised_keep_alive_s), Cluster.of(advice))
    recording.add(Text(f"Setting: `{advice.setting}`"))
    for tab, (form, (_, language, words)) in zip(
        st.tabs([name for name, _, _ in FORMS.values()]), FORMS.items(), strict=True
    ):
        with tab:
            st.markdown(words)
            st.code(written[form], language=language)


def _period(seconds: float) -> str:
    return f"{int(seconds):,} s" if seconds else "none"
