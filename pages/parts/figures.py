"""The row of headline figures of a page."""

from collections.abc import Sequence

import streamlit as st

from pages.parts import recording
from pages.parts.notes import small
from pages.parts.view import Figure, Figures


def row(figures: Sequence[Figure]) -> None:
    """Draw headline figures side by side."""
    recording.add(Figures(figures))
    for place, figure in zip(st.columns(len(figures)), figures, strict=True):
        with place.container(border=True, height="stretch", gap=None):
            st.metric(figure.label, figure.value, help=figure.help)
            if figure.detail:
                small(figure.detail)
