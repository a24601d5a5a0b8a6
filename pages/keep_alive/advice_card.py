"""The advice on a keep-alive period: verdict, reason, KPIs, and the setting to copy."""

from collections.abc import Mapping
from typing import Any

from analytics.recommendation import Recommendation
from data.tables.columns import COLUMNS
from pages.kit import formats, links
from pages.kit.blocks import Kpi, Text
from pages.kit.canvas import Canvas

# what each form is called, its language, and what to put it into
FORMS = {
    "sdk_estimator": ("SDK Estimator", "python", "For every job of the pool, with version 2 of the"
                      " SageMaker Python SDK."),
    "sdk_compute": ("SDK Compute", "python", "For every job of the pool, with version 3 of the"
                    " SageMaker Python SDK."),
    "create_training_job": ("CreateTrainingJob", "json", "For the request of every job of the"
                            " pool."),
    "cli": ("AWS CLI", "bash", "For the command of every job of the pool."),
    "update_training_job": ("This pool, now", "bash", "UpdateTrainingJob changes one cluster that"
                            " is warm right now, not the jobs to come. Stoker does not run it."),
    "iam_policy": ("IAM ceiling", "json", "Denies longer periods to whoever it is attached to."),
}  # fmt: skip


def headline(advice: Recommendation) -> str:
    """Return the verdict as one sentence."""
    current_s, advised_s = (
        advice.details[name] for name in ("current_keep_alive_s", "advised_keep_alive_s")
    )
    current = "an unknown period" if current_s is None else _period(current_s)
    if advice.details["is_mixed"] and current_s is None:
        current = "several periods"
        if advice.verdict in ("raise", "lower"):
            return f"Set one period for all: {_period(advised_s)} instead of several"
    match advice.verdict:
        case "start":
            return f"Start keeping clusters warm for {_period(advised_s)}"
        case "stop":
            return f"Stop keeping clusters warm (currently {current})"
        case "raise" | "lower":
            verb = advice.verdict.capitalize()
            return f"{verb} the keep-alive period from {current} to {_period(advised_s)}"
        case "keep":
            return f"Keep the current setting: {current}"
        case "unclear":
            best_s = advice.details["best_keep_alive_s"]
            return f"Unclear whether {_period(best_s)} is better than {current}"
        case "no_price":
            return "No advice: the price is unknown"
        case _:
            return "Not enough data for advice"


def draw_card(canvas: Canvas, advice: Recommendation, peak: int | None, *, is_of_all: bool) -> None:
    """Draw the advice; `peak` is how many instances would idle at once."""
    box = canvas.box()
    box.header(headline(advice))
    box.text(formats.plain(advice.rationale))
    if advice.is_change or advice.verdict == "unclear":
        box.kpis(_kpis(advice, peak, is_of_all=is_of_all))
    if advice.is_change:
        for sentence in _caveats(advice.details):
            box.note(sentence)
        _setting(box, advice)
    links.definition(box, "keep_alive_advice", "How is this decided?")


def _kpis(advice: Recommendation, peak: int | None, *, is_of_all: bool) -> list[Kpi]:
    gain, wait_saved_h = advice.gain, advice.gain.wait_saved_h_per_month
    kpis = [
        Kpi(
            "Net gain (USD)",
            formats.usd_amount(gain.net_usd_per_month),
            f"per month; 90 % interval {formats.usd_amount(gain.low_usd_per_month)} to"
            f" {formats.usd_amount(gain.high_usd_per_month)}",
            "Cash gain plus the wait time saved at"
            f" {formats.usd(advice.details['value_of_waiting_usd_per_h'])} per hour. A month is"
            " 730 h. The period is chosen on some of your days and its gain read on the others; the"
            " interval repeats that on 200 resamples of the days.",
        ),
        Kpi(
            "Cash gain (USD)",
            formats.usd_amount(gain.cash_usd_per_month),
            "per month; "
            f"{formats.usd(advice.details['current_retained_usd_per_month'])} idle time today",
            "Idle time and billed startup at list prices, without any wait time, against what each"
            " job's own period does.",
        ),
        Kpi(
            "Wait time saved",
            formats.hours(
                None if wait_saved_h is None else wait_saved_h * formats.SECONDS_PER_HOUR
            ),
            f"per month; from {formats.count(advice.job_count, 'eligible job')} over"
            f" {formats.count(advice.details['job_span_days'], 'day')}",
        ),
        Kpi(
            "Back-test regret",
            "not tested"
            if advice.backtest_regret_ratio is None
            else formats.percent(advice.backtest_regret_ratio),
            "chosen on the first 70 % of days, tested on the rest",
            "How much more the period chosen on the first days would have cost on the later ones"
            " than the best period in hindsight. 0 % is perfect.",
        ),
    ]
    if peak is not None:
        kpis.append(
            Kpi("Quota needed", f"{peak:,}",
                COLUMNS["peak_idle_instances"].heading.lower()
                + (" of all types together" if is_of_all else ""),
                "AWS keeps a cluster warm only within the warm pool quota of its instance type.")
        )  # fmt: skip
    return kpis


def _caveats(details: Mapping[str, Any]) -> list[str]:
    """Return what else to know: what a target costs, and how wrong the advice can be."""
    sentences = []
    implied_usd_per_h = details.get("implied_value_usd_per_h")
    if implied_usd_per_h is not None:
        sentences.append(
            f"The P90 target implies a cost of delay of {formats.usd(implied_usd_per_h)} per hour:"
            " from there on, this period or a longer one would be best without a target."
        )
    if details["worst_case_ratio"] is not None:
        sentences.append(
            f"Worst case, whatever jobs arrive: {details['worst_case_ratio']:,.1f} times the cost"
            " of a decision made in hindsight. No period can guarantee less than 2 times."
        )
    if details["is_rough"]:
        sentences.append("A rough estimate: the history covers fewer than 14 days.")
    return sentences


def _setting(canvas: Canvas, advice: Recommendation) -> None:
    expander = canvas.expander("The setting to copy", icon=":material/content_copy:")
    # whoever is handed the page gets the setting; its forms are for whoever sets it
    expander.record(Text(f"Setting: `{advice.setting}`"))
    tabs = expander.aside().tabs(*(name for name, _, _ in FORMS.values()))
    for tab, (form, (_, language, use)) in zip(tabs, FORMS.items(), strict=True):
        tab.text(use)
        tab.code(advice.snippets[form], language)


def _period(seconds: int) -> str:
    return f"{seconds:,} s" if seconds else "none"
