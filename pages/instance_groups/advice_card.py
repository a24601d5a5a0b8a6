"""The advice on a workload's cluster: verdict, reason, KPIs, and the setting to copy."""

from collections.abc import Mapping
from typing import Any

from analytics.recommendation import Recommendation
from pages.kit import formats, links
from pages.kit.blocks import Kpi, Text
from pages.kit.canvas import Canvas
from pages.kit.labels import label

# what each form is called, its language, and what to put it into
FORMS = {
    "sdk": ("SDK Estimator", "python", "With version 2 of the SageMaker Python SDK."),
    "api": ("CreateTrainingJob", "json", "For `ResourceConfig` of the request."),
    "to_do": ("What else to do", None, "A heterogeneous cluster runs other code on each group."),
}


def headline(advice: Recommendation) -> str:
    """Return the verdict as one sentence."""
    match advice.verdict:
        case "scale_up" | "heterogeneous":
            return f"{label('verdict', advice.verdict)}: {advice.advised}"
        case "keep":
            return f"Change nothing: keep {advice.current}"
        case "no_price":
            return "No advice: the price is unknown"
        case _:
            return "Measure first"


def draw_card(canvas: Canvas, advice: Recommendation) -> None:
    """Draw the advice."""
    box = canvas.box()
    box.header(headline(advice))
    if advice.is_change:
        box.kpis(_kpis(advice))
    box.text(formats.plain(advice.rationale))
    if advice.is_change:
        _setting(box, advice)
    links.definition(box, "instance_group_advice", "How is this decided?")


def _kpis(advice: Recommendation) -> list[Kpi]:
    details, gain = advice.details, advice.gain
    kpis = [
        Kpi(
            "Predicted step",
            f"{details['predicted_step_time_ms']:,.0f} ms",
            f"{details['predicted_low_ms']:,.0f} to {details['predicted_high_ms']:,.0f} ms",
            "By the model, with the shortest and the longest step that it allows.",
        ),
        Kpi(
            "Cost reduction",
            formats.percent(details["cost_reduction_ratio"]),
            _after(details),
        ),
    ]
    if gain.net_usd_per_month is not None:
        kpis.append(
            Kpi(
                "Net gain (USD)",
                formats.usd_amount(gain.net_usd_per_month),
                f"per month; {formats.usd_amount(gain.low_usd_per_month)} to"
                f" {formats.usd_amount(gain.high_usd_per_month)}",
                "For a month of 730 h like that of the workload's jobs, less what warm pools and"
                " managed spot were worth to them where these cannot be used any more.",
            )
        )
    return kpis


def _after(details: Mapping[str, Any]) -> str:
    net = details["net_cost_reduction_ratio"]
    if net == details["cost_reduction_ratio"]:
        return "per step, against the cluster in use"
    return f"per step; {formats.percent(net)} after what it loses"


def _setting(canvas: Canvas, advice: Recommendation) -> None:
    expander = canvas.expander("The setting to copy", icon=":material/content_copy:")
    expander.record(Text(f"Setting: `{advice.setting}`"))
    forms = {form: look for form, look in FORMS.items() if form in advice.snippets}
    tabs = expander.aside().tabs(*(name for name, _, _ in forms.values()))
    for tab, (form, (_, language, use)) in zip(tabs, forms.items(), strict=True):
        tab.text(use)
        tab.code(advice.snippets[form], language)
