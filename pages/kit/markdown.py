r"""The little Markdown that pages use, as HTML or as plain text: bold, code, lists, paragraphs.

Everything is escaped first. There are no links, images or HTML in it: what looks like one is text.
"""

import re
from html import escape

PLAIN = r"(?:\\.|[^\[\]\\])"
DIRECTIVE = rf":[a-z-]+\[((?:{PLAIN}|:[a-z-]+\[{PLAIN}*\])*)\]"
INLINE = re.compile(rf"\\([\\`*_\[\]$~])|`([^`]+)`|\*\*(.+?)\*\*|{DIRECTIVE}")
BULLET, NUMBER = re.compile(r"^- +"), re.compile(r"^\d+\. +")


def html_of(markdown: str, *, is_quiet: bool = False) -> str:
    r"""Return Markdown as HTML.

    >>> html_of("**a** is `b`\n\n- <c>\n- d")
    '<p><strong>a</strong> is <code>b</code></p>\n<ul><li>&lt;c&gt;</li><li>d</li></ul>'
    """
    attribute = ' class="quiet"' if is_quiet else ""
    return "\n".join(
        _block(lines.split("\n"), attribute) for lines in re.split(r"\n{2,}", markdown.strip("\n"))
    )


def text_of(markdown: str) -> str:
    r"""Return what Markdown says.

    >>> print(text_of(r"**Jobs of \[a\]** in `b`"))
    Jobs of [a] in b
    """
    return INLINE.sub(lambda found: found[1] or found[2] or text_of(found[3] or found[4] or ""),
                      markdown)  # fmt: skip


def _block(lines: list[str], attribute: str) -> str:
    blocks, items, tag = [], [], ""

    def end_list() -> None:
        if items:
            blocks.append(f"<{tag}{attribute}>" + "".join(items) + f"</{tag}>")
            items.clear()

    said: list[str] = []
    for line in [*lines, ""]:
        kind = "ul" if BULLET.match(line) else "ol" if NUMBER.match(line) else ""
        if kind != tag or not line:
            end_list()
        if said and (kind or not line):
            blocks.append(f"<p{attribute}>{''.join(said)}</p>")
            said = []
        if kind:
            items.append(f"<li>{_inline(re.sub(r'^(- +|[0-9]+[.] +)', '', line))}</li>")
        elif line:
            said.append(_inline(line.rstrip()) + ("<br>" if line.endswith("  ") else "\n"))
        tag = kind
    return "\n".join(blocks).replace("\n</p>", "</p>")


def _inline(markdown: str) -> str:
    written, at = [], 0
    for found in INLINE.finditer(markdown):
        written.append(escape(markdown[at : found.start()]))
        literal, code, bold, coloured = found.groups()
        if literal:
            written.append(escape(literal))
        elif code:
            written.append(f"<code>{escape(code)}</code>")
        elif bold:
            written.append(f"<strong>{_inline(bold)}</strong>")
        else:
            written.append(_inline(coloured or ""))
        at = found.end()
    written.append(escape(markdown[at:]))
    return "".join(written)
