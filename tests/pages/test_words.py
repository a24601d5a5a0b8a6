"""The words on screen are those of the vocabulary, and what a page is for is said once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.store.store import Store
from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Group,
    Heading,
    Kpis,
    Link,
    Notice,
    PlainTable,
    Setting,
    Table,
    Text,
)
from pages.kit.catalog import page_named
from tests.pages.running import PAGES, collected_view, seen_view

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "pages").rglob("*.py"))
# what the vocabulary says otherwise
NOT_OURS = re.compile(
    r"""\b(tak(e|es|en|ing)\ in | took\ over | takers? | worth\ of\ an\ hour
    | where\ the\ waiting\ went | waiting\ (lost|saved) | a\ hit\ saves,\ mean | regret\ on\ later
    | most\ idle | with\ another\ period | own\ dates
    | alike | told\ by | of\ it\ (failed|estimated) | worth\ knowing | rest(s|ed)?\ on
    | look\ at\ these | made\ anew | wants\ a\ decision | before\ ours | kept\ for\ ever
    | reader's\ SQL )\b | ^(as\ it\ was | could\ have\ used)\b""",
    re.VERBOSE | re.IGNORECASE,
)
VIEWS: list[tuple[str, dict[str, str | list[str]]]] = [
    *((name, {}) for name in PAGES),
    ("keep_alive", {"value_usd_per_h": "100", "pool": "all", "quota": "3", "p90_target_s": "60"}),
    ("keep_alive", {"view": "Frontier", "by": "Weekday"}),
    ("pool_timeline", {"period_s": "900", "span": "7d"}),
    ("pool_timeline", {"period_s": "900", "span": "all", "pool": "gone"}),
    ("sql", {"query": "costs"}),
]


def said(block: Block) -> Iterator[str]:
    """Yield what a block says, but for the cells of its rows."""
    match block:
        case Setting(label, value):
            yield from (label, value)
        case Heading(text) | Text(text) | Notice(text):
            yield text
        case Kpis(kpis):
            for kpi in kpis:
                yield from (kpi.label, kpi.value, kpi.detail, kpi.help or "")
        case Chart(figure, alt):
            yield alt
            yield from texts_of(figure.to_dict())
        case Table():
            yield from (block.alt, block.what, block.placeholder)
            for column in block.columns:
                yield from (column.heading, column.description)
        case PlainTable() | Link():
            yield block.alt if isinstance(block, PlainTable) else block.label
        case Group(labels=labels):
            yield from labels
        case Code():
            return


def texts_of(figure: Any) -> Iterator[str]:
    """Yield the titles, names and texts of a figure."""
    if isinstance(figure, dict):
        for key, value in figure.items():
            if key in ("text", "name", "hovertemplate") and isinstance(value, str):
                yield value
            elif key != "template":
                yield from texts_of(value)
    elif isinstance(figure, list | tuple):
        for value in figure:
            yield from texts_of(value)


@pytest.mark.parametrize(("name", "params"), VIEWS)
def test_a_page_speaks_in_our_words(
    name: str, params: dict[str, str | list[str]], demo_store: Store
) -> None:
    texts = [
        text
        for block in collected_view(name, demo_store, **params).blocks()
        for text in said(block)
    ]
    assert texts
    for text in texts:
        assert not NOT_OURS.search(text), text


@pytest.mark.thorough
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_speaks_in_our_words(name: str, empty_store: Store) -> None:
    texts = [text for block in seen_view(name, empty_store).blocks() for text in said(block)]
    assert texts
    for text in texts:
        assert not NOT_OURS.search(text), text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_of_the_code_has_other_words(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not NOT_OURS.search(node.value), node.value


def test_what_a_page_is_for_is_said_once() -> None:
    sentences = Counter[str]()
    for name in PAGES:
        source = (ROOT / "pages" / name / "page.py").read_text(encoding="utf-8")
        strings = {
            node.value.lower()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        lead = page_named(name).page.lead
        sentences.update(re.split(r"(?<=[.]) ", lead))
        others = [text for text in strings if text != lead.lower()]
        assert not any(lead.lower().rstrip(".") in text for text in others)
    assert max(sentences.values()) == 1
