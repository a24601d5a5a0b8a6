"""Files that lie beside the ones that are meant, and formats that are not read: each in words."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from data.errors import StokerError

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

# how a file begins: what it is, and what to do
_FORMATS = (
    (b"ARROW1", "an Arrow IPC (Feather) file", "Write it as Parquet."),
    (b"ORC", "an ORC file", "Write it as Parquet."),
    (b"Obj\x01", "an Avro file", "Write it as Parquet or JSON lines."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"%PDF", "a PDF", "Export the records as CSV, JSON or Parquet."),
    (b"BZh", "compressed with bzip2", "Unpack it, or compress it with gzip."),
    (b"\xfd7zXZ", "compressed with xz", "Unpack it, or compress it with gzip."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Unpack it, or compress it with gzip."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it, and import the folder."),
    (b"\x89HDF", "an HDF5 file", "Write it as Parquet."),
    (b"\x80\x04\x95", "a Python pickle", "Write it as Parquet or JSON."),
)
_TAR = slice(257, 262)
# a Python print of an answer: a key in single quotes, or an object that only Python writes
_PYTHON_PRINT = re.compile(
    rb"\s*[\[({]*\s*\{\s*'[^'\n]*'\s*:|[\[{].*datetime\.datetime\(|\s*OrderedDict\(", re.S
)


class PassedOver(NamedTuple):
    """A file that was not looked into, and why."""

    name: str
    why: str


def why_passed_over(parts: Sequence[str], size: int | None) -> str | None:
    """Return why a file of a folder or an archive is not looked into; None if it is."""
    name = parts[-1]
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
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


def refuse_other_formats(name: str, head: bytes) -> None:
    """Refuse a file by its beginning if it is of a kind that is not read.

    Raises:
        StokerError: it says what the file is.
    """
    for magic, what, next_action in _FORMATS:
        if head.startswith(magic):
            raise StokerError(f"{name} is {what}.", next_action=next_action)
    if head[_TAR] == b"ustar":
        raise StokerError(
            f"{name} is a tar archive.", next_action="Unpack it, and import the folder."
        )
    if _PYTHON_PRINT.match(head):
        raise StokerError(
            f"{name} is what Python prints of an answer, not JSON.",
            next_action="Write it with json.dumps(answer, default=str), and import that file.",
        )
