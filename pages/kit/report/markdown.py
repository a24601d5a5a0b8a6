"""A report as Markdown, for a chat or a pull request: the answers, and tables that are short.

Everything is written as plain text and escaped: a name makes no link, image, tag or mention.
"""

import re
from collections.abc import Iterator

from pages.kit import formats
from pages.kit.blocks import (
    Block,
    Code,
    Group,
    Heading,
    Kpis,
    Notice,
    Part,
    Setting,
    Table,
    Text,
    View,
)
from pages.kit.html.markdown import text_of
from pages.kit.html.tables import table_text
from pages.kit.report.content import ADVICE, DATA, DEFINITIONS
from pages.kit.report.sections import said

MOST_ROWS = 10
MOST_ADVICE = 5
NO_WIDTH = "\u200b"


def markdown_report(view: View) -> str:
    """Return a report in short."""
    lines = [f"# {escaped(view.title)}", ""]
    if view.is_demo:
        lines += ["**Demo: made-up jobs**", ""]
    facts = [f"{block.label}: {block.value}" for block in view.body.blocks
             if isinstance(block, Setting)]  # fmt: skip
    facts.append(f"Data as of: {formats.moment(view.as_of)}")
    facts.append(f"Made: {formats.moment(view.made_at)}")
    lines += [f"- {escaped(fact)}" for fact in facts]
    lines.append("")
    for block in view.body.blocks:
        if isinstance(block, Group) and block.layout == "section":
            lines += _section(block)
        elif not isinstance(block, Heading):
            lines += _block(block)
    return "\n".join(_without_repeated_blanks(lines)) + "\n"


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is, on one line; an @ calls nobody.

    >>> print(escaped("a|b <img> [x](y) `c` *d*"))
    a\|b &lt;img&gt; \[x\](y) \`c\` \*d\*
    """
    one_line = " ".join(text.split())
    safe = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~$])", r"\\\1", safe).replace("@", f"@{NO_WIDTH}")


def _section(section: Group) -> Iterator[str]:
    title, blocks = section.labels[0], section.parts[0].blocks
    if title == DEFINITIONS:
        return
    yield from (f"## {escaped(title)}", "")
    shown = blocks if title in (ADVICE, DATA) else said(blocks)
    if title == ADVICE:
        shown, left_out = _first(blocks)
        for block in shown:
            yield from _block(block)
        if left_out:
            yield from (f"{formats.count(left_out, 'more change')} in the whole report.", "")
        return
    for block in shown:
        yield from _block(block)


def _first(blocks: list[Block]) -> tuple[list[Block], int]:
    """Return the first changes of the advice, and how many are left out."""
    begins = [place for place, block in enumerate(blocks) if isinstance(block, Heading)]
    if len(begins) <= MOST_ADVICE:
        return blocks, 0
    return blocks[: begins[MOST_ADVICE]], len(begins) - MOST_ADVICE


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, _):
            yield from (f"### {escaped(text_of(text))}", "")
        case Text(markdown) | Notice(markdown):
            said_lines = [line for line in text_of(markdown).splitlines() if line.strip()]
            mark = "- " if len(said_lines) > 1 else ""
            yield from (f"{mark}{escaped(line)}" for line in said_lines)
            yield ""
        case Kpis(kpis):
            for kpi in kpis:
                detail = f" ({escaped(text_of(kpi.detail))})" if kpi.detail else ""
                yield (
                    f"- {escaped(text_of(kpi.label))}: **{escaped(text_of(kpi.value))}**{detail}"
                )
            yield ""
        case Code(text):
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            yield from (fence, text, fence, "")
        case Table():
            yield from _table(block)
        case Group(_, parts):
            for part in parts:
                yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    for block in part.blocks:
        yield from _block(block)


def _table(table: Table) -> Iterator[str]:
    text = table_text(table)
    yield "| " + " | ".join(escaped(column.heading) for column in text.columns) + " |"
    yield "|" + "|".join(
        " ---: " if column.style == "number" else " --- " for column in text.columns
    ) + "|"  # fmt: skip
    for row in text.rows[:MOST_ROWS]:
        yield "| " + " | ".join(escaped(cell or text.placeholder) for cell in row) + " |"
    if len(table.rows) > MOST_ROWS:
        yield from ("", f"{MOST_ROWS} of {formats.count(len(table.rows))} {table.what}.")
    yield ""


def _without_repeated_blanks(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line
