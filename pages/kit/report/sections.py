"""What a report shows of a page: its figures and sentences, without controls, links and tables."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace

from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Download,
    Group,
    Heading,
    Kpis,
    Link,
    Notice,
    Part,
    PlainTable,
    Setting,
    Table,
    Text,
    View,
)

ON_SCREEN = (Code, Download, Link, PlainTable, Setting, Table)
LOWER_THAN_ANY = 9
CLOSED = ("expander", "popover", "tabs")


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the dashboard as part of a report.

    Args:
        page: the name of its folder.
        without: headings of parts that a report leaves out.
    """

    page: str
    without: Set[str] = frozenset()


def picked(view: View, section: Section) -> list[Block]:
    """Return what a report shows of a page, one heading level lower; nothing without figures."""
    blocks = _without_empty_headings(list(_picked(view.body, section, lead_count=1)))
    has_figures = any(isinstance(block, Chart | Kpis) for block in _flat(blocks))
    return blocks if has_figures else []


def metrics_of(view: View) -> list[str]:
    """Return the ids of the metrics whose definitions a page links to, in its order."""
    return [
        metric
        for block in view.blocks()
        if isinstance(block, Link) and block.page == "definitions"
        for metric in block.params.get("metric", ())
    ]


def _picked(part: Part, section: Section, lead_count: int = 0) -> Iterator[Block]:
    is_left_out = False
    for block in part.blocks:
        match block:
            case Heading(_, 1):
                continue
            case Heading(text, level):
                if level == 2:
                    is_left_out = text in section.without
                block = replace(block, level=level + 1)
            case Text() if lead_count:  # what the page is for
                lead_count -= 1
                block = replace(block, is_quiet=True)
        if is_left_out or isinstance(block, ON_SCREEN):
            continue
        if isinstance(block, Group):
            parts = tuple(Part(list(_picked(one, section))) for one in block.parts)
            if block.layout not in CLOSED and any(one.blocks for one in parts):
                yield replace(block, parts=parts)
        else:
            yield block


def _without_empty_headings(blocks: list[Block]) -> list[Block]:
    """Return blocks without the headings of what a report does not show."""
    kept: list[Block] = []
    follower = 0  # the level of the heading that follows; a large number where something else does
    for block in reversed(blocks):
        if not isinstance(block, Heading):
            follower = LOWER_THAN_ANY
        elif block.level >= follower:
            continue
        else:
            follower = block.level
        kept.append(block)
    return kept[::-1]


def _flat(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Group):
            for part in block.parts:
                yield from _flat(part.blocks)


def said(blocks: list[Block]) -> list[Block]:
    """Return what of blocks can be said without a picture: headline figures and notices."""
    return [block for block in _flat(blocks) if isinstance(block, Kpis | Notice)]
