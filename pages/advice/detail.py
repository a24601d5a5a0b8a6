"""One recommendation: what to do, what it gains, why, what would change it, and what to set."""

from analytics.advice.listing import Listed, would_change
from analytics.vocabulary import ADVICE_STATES, BASES, CERTAINTIES
from pages.kit import formats, links
from pages.kit.advice import change, gain_text, not_added
from pages.kit.blocks import Text
from pages.kit.canvas import ARROW, Canvas
from pages.kit.catalog import page_named

ADVICE = "advice"
LANGUAGES = {"cli": "bash", "update_training_job": "bash", "sdk": "python"}
NAMES = {"cli": "AWS CLI", "api": "API", "iam_policy": "IAM policy", "to_do": "To do"}


def draw_detail(canvas: Canvas, listed: Listed, value_usd_per_h: float) -> None:
    """Draw the recommendation; the value is that of an hour of waiting."""
    one = listed.recommendation
    box = canvas.box()
    box.subheader(f"{listed.rank}. {formats.plain(one.subject_label)}")
    words = change(listed)
    box.text(f"{words[:1].upper()}{words[1:]}. {gain_text(listed, value_usd_per_h)}.")
    why_not = not_added(listed)
    if why_not:
        box.notice(why_not, icon=":material/call_split:")
    if listed.conflicts_with is not None:
        _lead_to(box, listed.conflicts_with)
    box.text(f"**Why.** {formats.plain(one.rationale)}")
    box.text(f"**How sure.** {_how_sure(listed)}")
    reasons = would_change(one)
    if reasons:
        box.text(f"**What would change it.** {formats.plain(reasons)}")
    _decided(box, listed)
    row = box.row()
    page = page_named(one.evidence_page).page.title
    links.page_link(row, one.evidence_page, f"See the evidence: {page}", **one.evidence_params)
    _setting(box, listed)


def _lead_to(box: Canvas, other: Listed) -> None:
    """Offer to look at another recommendation of the list."""
    box.button(
        f"See number {other.rank}", key="advice_other", icon=ARROW,
        on_click=lambda: box.write(ADVICE, other.advice_id),
    )  # fmt: skip


def _how_sure(listed: Listed) -> str:
    one = listed.recommendation
    certainty, basis = CERTAINTIES[one.certainty], BASES[one.basis]
    said = [f"{certainty.label}. {certainty.meaning} {basis.meaning}"]
    if one.job_count:
        said.append(f"It is based on {formats.count(one.job_count, 'job')}.")
    if one.backtest_regret_ratio is not None:
        said.append(
            "Back-test: what would have been chosen earlier cost"
            f" {formats.percent(one.backtest_regret_ratio)} more later than the best in hindsight."
        )
    return " ".join(said)


def _decided(canvas: Canvas, listed: Listed) -> None:
    decided = listed.decided
    if decided is None:
        return
    said = [f"**{ADVICE_STATES[listed.state].label}**"]
    if decided.decided_at is not None:
        said.append(f"decided {formats.moment(decided.decided_at)}")
    if decided.applied_at is not None:
        said.append(f"in force from {formats.moment(decided.applied_at)}")
    if decided.note:
        said.append(f"note: {formats.plain(decided.note)}")
    canvas.note(" · ".join(said))


def _setting(canvas: Canvas, listed: Listed) -> None:
    one = listed.recommendation
    if one.setting is None:
        return
    expander = canvas.expander("The setting to copy", icon=":material/content_copy:")
    expander.record(Text(f"Setting: `{one.setting}`"))
    if not one.snippets:
        expander.aside().code(one.setting, "json")
        return
    names = {form: NAMES.get(form, form.replace("_", " ").capitalize()) for form in one.snippets}
    tabs = expander.aside().tabs(*names.values())
    for tab, form in zip(tabs, names, strict=True):
        tab.code(one.snippets[form], LANGUAGES.get(form, "json"))
