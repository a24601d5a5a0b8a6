"""Files that lie beside the ones that are meant: passed over, each in words."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MOST_NAMED = 5
_LEFTOVERS = re.compile(
    r"thumbs\.db|desktop\.ini|icon\r|~\$.*|.*~|.*\.(tmp|swp|bak|lnk|part)", re.I
)
_ABOUT = re.compile(r"(readme|licen[cs]e|notice|changelog|contributing|makefile)(\..*)?", re.I)
_DOCUMENTS = re.compile(
    r".*\.(md|rst|pdf|docx?|pptx?|html?|css|js|png|jpe?g|gif|svg|ico|py|pyc|sh|ps1|ipynb|sql|toml"
    r"|ya?ml|ini|cfg|sha256|md5|asc|sig)",
    re.I,
)


class PassedOver(NamedTuple):
    """A file that was not looked into, and why."""

    name: str
    why: str


def why_passed_over(parts: Sequence[str], size: int | None) -> str | None:
    """Return why a file of a folder or an archive is not looked into; None if it is."""
    name = parts[-1] if parts else ""
    if any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts):
        return "hidden, or left by macOS"
    if name.endswith("-Manifest.json"):
        return "the manifest of a bill"
    if size == 0:
        return "empty"
    if _LEFTOVERS.fullmatch(name):
        return "left by another program"
    if _ABOUT.fullmatch(name) or _DOCUMENTS.fullmatch(name):
        return "not a file of records"
    return None


def passed_over(files: Sequence[PassedOver]) -> str:
    """Return a sentence that names the files that were not looked into.

    >>> passed_over([PassedOver("a/.DS_Store", "hidden, or left by macOS")])
    'Passed over: a/.DS_Store (hidden, or left by macOS).'
    """
    by_reason: dict[str, list[str]] = {}
    for one in files:
        by_reason.setdefault(one.why, []).append(one.name)
    told = []
    for why, names in by_reason.items():
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        told.append(f"{', '.join(names[:MOST_NAMED])}{more} ({why})")
    return f"Passed over: {'; '.join(told)}."
