"""Blocks of a view as HTML; links to other pages are left out, since they lead to the dashboard."""

from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Group,
    Heading,
    Kpis,
    Notice,
    Part,
    PlainTable,
    Table,
    Text,
)
from pages.kit.html.markdown import html_of, text_of
from pages.kit.html.tables import TableText, plain_table_text, table_text

DEFAULT_HEIGHT = 450


class BlockWriter:
    """Writes blocks, and numbers the charts and tables among them."""

    def __init__(self, templates: Environment) -> None:
        self._macros = templates.get_template("blocks.html").module
        self.charts: list[tuple[int, Chart]] = []
        self.sections: list[str] = []
        self._table_count = 0

    def part(self, part: Part) -> Markup:
        """Return the blocks of a part, one below the other."""
        return Markup("\n").join(filter(None, map(self.block, part.blocks)))

    def block(self, block: Block) -> Markup:
        """Return a block; nothing for one that a file cannot show."""
        match block:
            case Heading(text, level) if level > 1:
                return self._macro("heading", text_of(text), level)
            case Text(markdown, is_quiet):
                return Markup(html_of(markdown, is_quiet=is_quiet))
            case Notice(markdown, tone):
                return self._macro("notice", Markup(html_of(markdown)), tone)
            case Code(text):
                return self._macro("code", text)
            case Kpis(kpis):
                return self._macro("kpis", kpis, text_of)
            case Chart():
                return self._chart(block)
            case Table():
                return self._table(table_text(block))
            case PlainTable():
                return self._table(plain_table_text(block))
            case Group():
                return self._group(block)
        return Markup("")

    def _macro(self, name: str, *values: Any) -> Markup:
        return Markup(getattr(self._macros, name)(*values))

    def _chart(self, chart: Chart) -> Markup:
        number = len(self.charts) + 1
        self.charts.append((number, chart))
        height = int(chart.figure.layout.height or DEFAULT_HEIGHT)
        return self._macro("chart", f"chart-{number}", height, chart.alt)

    def _table(self, table: TableText) -> Markup:
        self._table_count += 1
        return self._macro("table", table, f"table-{self._table_count}")

    def _group(self, group: Group) -> Markup:
        parts = [self.part(part) for part in group.parts]
        shown = [
            (part, width)
            for part, width in zip(parts, group.widths or [1] * len(parts), strict=True)
            if part
        ]
        if not shown:
            return Markup("")
        match group.layout:
            case "columns" | "cards" if len(shown) > 1:
                return self._macro("columns", *zip(*shown, strict=True))
            case "box":
                return self._macro("box", shown[0][0])
            case "section":
                self.sections.append(group.labels[0])
                return self._macro(
                    "section", group.labels[0], f"section-{len(self.sections)}", shown[0][0]
                )
            case "expander":
                return self._macro("expander", text_of(group.labels[0]), shown[0][0])
        return Markup("\n").join(part for part, _ in shown)
