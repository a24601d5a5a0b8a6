"""Small print: what stands beside a figure in a quieter voice."""

import streamlit as st


def note(text: str) -> None:
    """Draw small grey text. (`st.caption` is too pale for some themes.)"""
    st.markdown(f":gray[:small[{text}]]")
