"""The row of headline figures of a page."""

from collections.abc import Sequence

import streamlit as st

from pages.kit import recording
from pages.kit.blocks import Figure, Figures
from pages.kit.notes import small

# pixels; narrower, a figure would be cut off
LEAST_WIDTH = 180


def row(figures: Sequence[Figure]) -> None:
    """Draw headline figures side by side."""
    recording.add(Figures(figures))
    grid = st.grid(len(figures), min_column_width=LEAST_WIDTH)
    for figure in figures:
        with grid.container(border=True, height="stretch", gap=None):
            st.metric(figure.label, figure.value, help=figure.help)
            if figure.detail:
                small(figure.detail)
