"""Controls on the screen: each shows the value that it is given, and hands on a new one."""

from collections.abc import Callable
from typing import Any, assert_never

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit.controls import (
    Button,
    Control,
    DateField,
    MultiSelect,
    NumberField,
    SearchField,
    Segments,
    Select,
    Slider,
    Toggle,
)


def draw(container: DeltaGenerator, control: Control) -> None:
    """Draw a control."""
    if isinstance(control, Button):
        container.button(
            control.label, key=control.key, on_click=control.on_click, icon=control.icon,
            help=control.help, type="tertiary" if control.is_quiet else "secondary",
            disabled=control.is_disabled,
        )  # fmt: skip
        return
    key = control.key
    # the value comes from the URL, whatever the control of this name held before
    st.session_state[key] = (
        list(control.values) if isinstance(control, MultiSelect) else control.value
    )
    _draw_field(container, control, lambda: control.on_change(st.session_state[key]))


def _draw_field(
    container: DeltaGenerator,
    control: Slider
    | NumberField
    | Segments
    | Select
    | MultiSelect
    | Toggle
    | SearchField
    | DateField,
    change: Callable[[], None],
) -> None:
    named: dict[str, Any] = {"label": control.label, "key": control.key, "on_change": change}
    match control:
        case Slider():
            container.slider(
                min_value=0.0, max_value=control.highest, step=control.step, format="%d",
                help=control.help, **named,
            )  # fmt: skip
        case NumberField():
            container.number_input(
                value=None, min_value=control.lowest, max_value=control.highest, step=control.step,
                placeholder=control.placeholder, help=control.help,
                width=control.width or "stretch", **named,
            )  # fmt: skip
        case Segments():
            container.segmented_control(
                options=list(control.options), format_func=control.options.__getitem__,
                required=True, help=control.help, label_visibility=_visibility(control), **named,
            )  # fmt: skip
        case Select():
            container.selectbox(
                options=list(control.options), format_func=control.options.__getitem__,
                index=None if control.placeholder else 0, placeholder=control.placeholder,
                help=control.help, width=control.width or "stretch",
                label_visibility=_visibility(control), **named,
            )  # fmt: skip
        case MultiSelect():
            container.multiselect(
                options=list(control.options), format_func=control.options.__getitem__,
                placeholder=control.placeholder, help=control.help, **named,
            )  # fmt: skip
        case Toggle():
            container.toggle(**named)
        case SearchField():
            container.text_input(
                type="search", icon=":material/search:", placeholder=control.placeholder,
                width=control.width or "stretch", **named,
            )  # fmt: skip
        case DateField():
            container.date_input(format="YYYY-MM-DD", width=control.width or "stretch", **named)
        case _:
            assert_never(control)


def _visibility(control: Segments | Select) -> Any:
    return "collapsed" if control.is_label_hidden else "visible"
