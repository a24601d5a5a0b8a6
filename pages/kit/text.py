"""Headings and sentences of a page, which go along when the page is shared."""

import streamlit as st

from pages.kit import recording
from pages.kit.blocks import Heading, Text


def header(text: str) -> None:
    """Draw the heading of a section."""
    recording.add(Heading(text))
    st.header(text, anchor=False)


def subheader(text: str) -> None:
    """Draw the heading of a part of a section."""
    recording.add(Heading(text, level=3))
    st.subheader(text, anchor=False)


def say(text: str) -> None:
    """Draw sentences, in Markdown."""
    recording.add(Text(text))
    st.markdown(text)


def inform(text: str, *, icon: str) -> None:
    """Draw a notice, such as why there is no chart here."""
    recording.add(Text(text))
    st.info(text, icon=icon)
