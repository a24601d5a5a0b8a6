"""The definitions of metrics: one page a metric, as it stands in docs/metrics."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "metrics"


@dataclass(frozen=True, slots=True)
class MetricDoc:
    """One metric's page: its id, its title, and the rest as Markdown without headings."""

    id: str
    title: str
    body: str

    def part(self, heading: str) -> str:
        r"""Return what stands below a heading; an empty text where there is no such heading.

        >>> MetricDoc("a_s", "A", "**Definition**\n\nHow long.\n\n**Check**\n").part("Definition")
        'How long.'
        """
        found = re.search(rf"(?ms)^\*\*{heading}\*\*$(.*?)(?=^\*\*[^*\n]+\*\*$|\Z)", self.body)
        return found[1].strip() if found else ""


@cache
def metric_docs(folder: Path = FOLDER) -> tuple[MetricDoc, ...]:
    """Return the pages, by title; none where they do not ship with this installation."""
    docs = [_read(path) for path in sorted(folder.glob("*.md"))]
    return tuple(sorted(docs, key=lambda doc: doc.title.lower()))


def _read(path: Path) -> MetricDoc:
    lines = path.read_text(encoding="utf-8").splitlines()
    title = path.stem
    if lines and lines[0].startswith("# "):
        title, lines = lines[0].removeprefix("# ").strip(), lines[1:]
    body = "\n".join(lines)
    # inside a section of the page headings are bold lines, and other pages' files are no links
    body = re.sub(r"(?m)^#+ +(.+)$", r"**\1**", body)
    body = re.sub(r"\[([^\[\]\n]+)\]\((?!https?:)[^)]*\)", r"\1", body)
    return MetricDoc(path.stem, title, body.replace("$", r"\$").strip())
