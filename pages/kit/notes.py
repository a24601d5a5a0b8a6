"""Small print: what stands beside a figure in a quieter voice."""

import streamlit as st

from pages.kit import recording
from pages.kit.blocks import Text


def note(text: str) -> None:
    """Draw small grey text that goes along when the page is shared."""
    recording.add(Text(text, is_quiet=True))
    small(text)


def small(text: str) -> None:
    """Draw small grey text. (`st.caption` is too pale for some themes.)"""
    st.markdown(f":gray[:small[{text}]]")
