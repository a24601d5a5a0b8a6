r"""The Markdown that pages use, as HTML or as plain text: paragraphs, lists, tables, bold, code.

Everything is escaped. There are no links, images or HTML in it: what looks like one is text.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

RULES = ["list", "table", "emphasis", "backticks", "escape", "entity", "newline", "directive",
         "balance_pairs", "fragments_join"]  # fmt: skip
# Streamlit's own, such as :gray[small print]: what it says stays, how it looks does not
DIRECTIVE = re.compile(r":[a-z-]+\[")
BLOCKS = ("paragraph_open", "bullet_list_open", "ordered_list_open")


def html_of(markdown: str, *, is_quiet: bool = False) -> str:
    r"""Return Markdown as HTML.

    >>> html_of("**a** is `b`\n\n- <c>\n- d").replace("\n", "")
    '<p><strong>a</strong> is <code>b</code></p><ul><li>&lt;c&gt;</li><li>d</li></ul>'
    """
    tokens = _parser.parse(markdown)
    if is_quiet:
        for token in tokens:
            if token.type in BLOCKS:
                token.attrSet("class", "quiet")
    return str(_parser.renderer.render(tokens, _parser.options, {})).strip()


def text_of(markdown: str) -> str:
    r"""Return what Markdown says.

    >>> print(text_of(r"**Jobs of \[a\]** in `b`"))
    Jobs of [a] in b
    """
    return "\n".join(
        "".join(map(_text, token.children)) for token in _parser.parse(markdown) if token.children
    )


def _text(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def _directive(state: StateInline, silent: bool) -> bool:
    """Read a directive of Streamlit's as what stands in its brackets."""
    begin = DIRECTIVE.match(state.src, state.pos)
    end = _closing(state.src, begin.end(), state.posMax) if begin else None
    if begin is None or end is None:
        return False
    if not silent:
        after = state.posMax
        state.pos, state.posMax = begin.end(), end
        state.md.inline.tokenize(state)
        state.posMax = after
    state.pos = end + 1
    return True


def _closing(text: str, at: int, end: int) -> int | None:
    """Return where the bracket closes that was opened before `at`."""
    depth = 1
    while at < end:
        if text[at] == "\\":
            at += 1
        elif text[at] in "[]":
            depth += 1 if text[at] == "[" else -1
            if not depth:
                return at
        at += 1
    return None


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False})
    parser.inline.ruler.before("text", "directive", _directive)
    return parser.enable(RULES)


_parser = _markdown()
