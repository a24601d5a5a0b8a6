"""The scenarios that are compared: today's settings first, then up to three of the user's own."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analytics.share_replay.calibrate import Calibrated
from analytics.share_replay.scenario import Scenario, Share
from pages.kit import formats
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.share_replay import links
from pages.share_replay.charts import letter, share_text

EDIT = "edit"


def scenario_rows(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    """Return one row a scenario: its letter, name, policy, capacity, and its shares in short."""
    return pd.DataFrame(
        [
            {
                "scenario_letter": letter(number),
                "scenario_name": one.name,
                "share_policy": one.policy,
                "capacity_text": _capacity(one),
                "shares_text": "; ".join(_shares(one)) or "as jobs come",
            }
            for number, one in enumerate(scenarios)
        ]
    )


def draw_scenarios(
    canvas: Canvas, found: Calibrated, what_ifs: list[Scenario], *, is_own: bool
) -> None:
    """Draw the scenarios as a table, and the form of the one that is edited."""
    base = found.settings.scenario
    canvas.header("Settings compared")
    canvas.note(
        f"Policy of {letter(0)} known from: {label('policy_source', found.settings.policy_source)};"
        f" capacity from: {_source(found)}."
        + ("" if is_own else f" {letter(1)} is an example to start from: edit it below.")
    )
    rows = scenario_rows([base, *what_ifs])
    canvas.table(
        rows,
        list(rows.columns),
        key="scenarios",
        alt="The settings compared: policy, capacity and shares of each",
    )
    aside = canvas.aside()
    row = aside.row()
    letters = {str(number): f"Edit {letter(number)}" for number in range(1, len(what_ifs) + 1)}
    edited = 1
    if len(letters) > 1:
        edited = int(row.segments("Edit", letters, key=EDIT, is_label_hidden=True))
    if len(what_ifs) < links.MOST:
        copied = what_ifs[edited - 1] if what_ifs else base
        named = replace(copied, name=f"Settings {letter(len(what_ifs) + 1)}")
        row.button(
            "Add a copy" if what_ifs else "Add settings to compare", key="add",
            icon=":material/add:",
            on_click=lambda: _show(canvas, [*what_ifs, named], len(what_ifs) + 1),
        )  # fmt: skip
    if not what_ifs:
        return
    row.button(
        f"Remove {letter(edited)}", key="remove", icon=":material/delete:", is_quiet=True,
        on_click=lambda: _show(canvas, [*what_ifs[: edited - 1], *what_ifs[edited:]], 1),
    )  # fmt: skip
    _draw_editor(aside, found, what_ifs, edited)


def _draw_editor(canvas: Canvas, found: Calibrated, what_ifs: list[Scenario], edited: int) -> None:
    scenario = what_ifs[edited - 1]
    # other values make another form: its fields open with them
    key = f"{edited}_{hash(scenario) & 0xFFFFFFFF:x}"

    def save(changed: Scenario) -> None:
        if not changed.capacity and changed.scope == "queue":
            base = found.settings.scenario
            changed = replace(changed, capacity=base.capacity)
        links.keep(canvas, [*what_ifs[: edited - 1], changed, *what_ifs[edited:]])

    expander = canvas.expander(
        f"Edit {letter(edited)}: {formats.plain(scenario.name)}", icon=":material/tune:"
    )
    as_form, as_file = expander.tabs("Form", "File")
    names = found.requests.share_names

    def draw(part: str) -> None:
        from pages.share_replay import form  # needs Streamlit, which only a screen has

        if part == "form":
            form.draw_form(scenario, names, key, save)
        else:
            form.draw_files(scenario, key, save)

    as_form.interact(lambda: draw("form"))
    as_file.interact(lambda: draw("file"))


def _show(canvas: Canvas, scenarios: list[Scenario], edited: int) -> None:
    links.keep(canvas, scenarios)
    canvas.write(EDIT, None if edited == 1 else str(edited))


def _source(found: Calibrated) -> str:
    source = found.settings.capacity_source
    return formats.UNKNOWN if source is None else label("capacity_source", source)


def _capacity(scenario: Scenario) -> str:
    steps = scenario.capacity or tuple(
        step for _, own in scenario.share_capacities for step in own[:1]
    )
    if not steps:
        return formats.UNKNOWN
    amounts = [step.capacity for step in steps]
    text = f"{amounts[0]:g}" if len(steps) == 1 else f"{min(amounts):g} to {max(amounts):g}"
    return f"{text} {scenario.capacity_unit}"


def _shares(scenario: Scenario) -> list[str]:
    """Return the settings of the shares; those of the same settings stand together."""
    names: dict[str, list[str]] = {}
    for one in scenario.shares:
        said = _share(scenario, one)
        if said:
            names.setdefault(said, []).append(share_text(one.name))
    return [f"{', '.join(alike)}: {said}" for said, alike in names.items()]


def _share(scenario: Scenario, one: Share) -> str:
    priority = "" if one.priority is None else f", priority {one.priority}"
    if scenario.policy == "fair_share":
        return f"weight {one.weight:g}{priority}"
    if scenario.policy != "quota":
        return ""
    limit = "" if one.borrow_limit_pct < 0 else f" up to {one.borrow_limit_pct:g} %"
    how = {"RESERVE": "reserves", "LEND": "lends", "LEND_AND_BORROW": f"borrows{limit}"}
    quota = "no quota" if one.quota is None else f"{one.quota:g}"
    urgent = ", preempts within" if one.has_in_share_preemption else ""
    return f"{quota}, {how[one.strategy]}{urgent}{priority}"
