"""The choices of a page: each is a URL parameter, so that a link reproduces the view.

A choice is read from the URL, never from its control: with and without a session, a page shows the
same. What the URL says that cannot be is ignored, and a choice at its usual value is not in it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any

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
from pages.kit.visit import Params, Visit

Options = Mapping[str, str] | Sequence[str]
"""What can be chosen: each value as it stands in the URL, with its label where that differs."""


class Choices:
    """The part of a canvas that asks for choices; each method returns what is chosen."""

    visit: Visit

    def param(self, name: str) -> str | None:
        """Return a parameter of the URL; the last, where it stands there several times."""
        values = self.visit.params.get(name)
        return values[-1] if values else None

    @property
    def params(self) -> Params:
        """The URL's parameters."""
        return self.visit.params

    def write(self, name: str, value: str | None) -> None:
        """Put a parameter into the URL, or take it out."""
        if value is None:
            self.params.pop(name, None)
        elif self.params.get(name) != [value]:
            self.params[name] = [value]

    def exchange(self, params: Mapping[str, list[str]]) -> None:
        """Put these parameters into the URL in place of all others."""
        self.params.clear()
        self.params.update(params)

    def slider(
        self,
        label: str,
        *,
        key: str,
        default: float,
        highest: float,
        step: float,
        shown: Callable[[float], str] = str,
        help: str | None = None,
    ) -> float:
        """Ask for a number from 0; `shown` is how it is written in the page's settings."""
        number = _number(self.param(key), 0, highest)
        value = default if number is None else number

        def change(new: float) -> None:
            self.write(key, None if new == default else f"{new:g}")

        self._control(Slider(label, key, value, change, highest, step, help))
        self.setting(label, shown(value))
        return value

    def number(
        self,
        label: str,
        *,
        key: str,
        lowest: int = 0,
        highest: int | None = None,
        step: int = 1,
        shown: Callable[[int], str] = str,
        **look: Any,
    ) -> int | None:
        """Ask for a whole number; None where there is none."""
        number = _number(self.param(key), lowest, highest)
        value = int(number) if number is not None and number.is_integer() else None

        def change(new: int | None) -> None:
            self.write(key, None if new is None else str(int(new)))

        self._control(NumberField(label, key, value, change, lowest, highest, step, **look))
        if value is not None:
            self.setting(label, shown(value))
        return value

    def segments(
        self,
        label: str,
        options: Options,
        *,
        key: str,
        default: str | None = None,
        value: str | None = None,
        on_change: Callable[[str], None] | None = None,
        **look: Any,
    ) -> str:
        """Ask for one of a few options; at first the default, else the first.

        Where `value` is given it is shown instead of what the URL says, and `on_change` is called
        instead of changing the URL.
        """
        labels = _labels(options)
        usual = default if default in labels else next(iter(labels))
        if value is None:
            text = self.param(key)
            value = text if text in labels else usual

        def change(new: str) -> None:
            self.write(key, None if new == usual else new)

        self._control(Segments(label, key, value, on_change or change, labels, **look))
        self.setting(label, labels[value])
        return value

    def select(
        self,
        label: str,
        options: Options,
        *,
        key: str,
        default: str | None = None,
        value: str | None = None,
        on_change: Callable[[str], None] | None = None,
        is_setting: bool = True,
        **look: Any,
    ) -> str:
        """Ask for one of many options; at first the default, else the first.

        `value` and `on_change` as for `segments`; `is_setting`: whether it decides what is shown.
        """
        labels = _labels(options)
        usual = default if default in labels else next(iter(labels))
        if value is None:
            text = self.param(key)
            value = text if text in labels else usual

        def change(new: str | None) -> None:
            if on_change and new is not None:
                on_change(new)
            else:
                self.write(key, None if new == usual else new)

        self._control(Select(label, key, value, change, labels, **look))
        if is_setting:
            self.setting(label, labels[value])
        return value

    def optional_select(
        self, label: str, options: Options, *, key: str, placeholder: str, **look: Any
    ) -> str | None:
        """Ask for one of many options, or none."""
        labels = _labels(options)
        text = self.param(key)
        value = text if text in labels else None

        def change(new: str | None) -> None:
            self.write(key, new)

        self._control(Select(label, key, value, change, labels, placeholder, **look))
        if value is not None:
            self.setting(label, labels[value])
        return value

    def multi_select(
        self, label: str, options: Options, *, key: str, values: Sequence[str], **look: Any
    ) -> None:
        """Ask for any number of options; `values` are those chosen of the URL parameter `key`."""
        labels = _labels(options)

        def change(new: list[str]) -> None:
            if new:
                self.params[key] = new
            else:
                self.write(key, None)

        self._control(MultiSelect(label, key, values, change, labels, **look))
        if values:
            self.setting(label, ", ".join(labels[value] for value in values))

    def toggle(self, label: str, *, key: str, default: bool = False) -> bool:
        """Ask for yes or no."""
        text = (self.param(key) or "").lower()
        value = text == "true" if text in ("true", "false") else default

        def change(new: bool) -> None:
            self.write(key, None if new is default else str(new).lower())

        self._control(Toggle(label, key, value, change))
        self.setting(label, "yes" if value else "no")
        return value

    def search(self, label: str, *, key: str, **look: Any) -> str:
        """Ask for a text to look for."""
        value = self.param(key) or ""

        def change(new: str) -> None:
            self.write(key, new or None)

        self._control(SearchField(label, key, value, change, **look))
        if value:
            self.setting(label, value)
        return value

    def date(
        self, label: str, *, key: str, value: date, on_change: Callable[[date], None], **look: Any
    ) -> None:
        """Ask for a day."""
        self._control(DateField(label, key, value, on_change, **look))

    def button(self, label: str, *, key: str, on_click: Callable[[], None], **look: Any) -> None:
        """Offer something to do."""
        self._control(Button(label, key, on_click, **look))

    def setting(self, label: str, value: str) -> None:
        """Note a choice that decides what is shown."""
        raise NotImplementedError

    def _control(self, control: Control) -> None:
        """Draw a control; without a screen there is none."""


def _labels(options: Options) -> dict[str, str]:
    if isinstance(options, Mapping):
        return dict(options)
    return {option: option for option in options}


def _number(text: str | None, lowest: float, highest: float | None) -> float | None:
    """Return a number of the URL; None where it is none, or out of bounds."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    is_within = isfinite(value) and value >= lowest and (highest is None or value <= highest)
    return value if is_within else None
