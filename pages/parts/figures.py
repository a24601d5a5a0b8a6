"""The row of headline figures of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.parts.notes import note


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure: what it is, its value, and what to know beside it."""

    label: str
    value: str
    detail: str = ""
    help: str | None = None


def row(figures: Sequence[Figure]) -> None:
    """Draw headline figures side by side."""
    for place, figure in zip(st.columns(len(figures)), figures, strict=True):
        with place.container(border=True, height="stretch", gap=None):
            st.metric(figure.label, figure.value, help=figure.help)
            if figure.detail:
                note(figure.detail)
