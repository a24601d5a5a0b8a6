"""Damage: what is done to values, to bytes, and to archives around them."""

import gzip
import io
import random
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

from tests.hostile.records import WEIRD

Change = Callable[[bytes, random.Random], bytes]


def hurt(node: Any, source: random.Random) -> Any:
    """Return a document in which some leaf, key or list is not what it should be."""
    places: list[tuple[Any, Any]] = []
    pending = [node]
    while pending:
        one = pending.pop()
        inside = one.items() if isinstance(one, dict) else enumerate(one)
        for key, value in inside:
            places.append((one, key))
            if isinstance(value, dict | list):
                pending.append(value)
    if not places:
        return node
    for _ in range(source.choice((1, 1, 2, 5))):
        parent, key = source.choice(places)
        match source.randrange(5):
            case 0 if isinstance(parent, dict):
                parent.pop(key, None)
            case 1 if isinstance(parent, dict):
                parent[source.choice(("", "a" * 2000, "é\0", "Environment", str(key).upper()))] = 1
            case 2:
                parent[key] = source.choice((float("nan"), float("inf"), [parent.copy()]))
            case _:
                parent[key] = source.choice(WEIRD)
    return node


def flip(content: bytes, source: random.Random) -> bytes:
    """Flip some bits."""
    damaged = bytearray(content)
    for _ in range(source.choice((1, 2, 8, 64))):
        damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
    return bytes(damaged)


def cut(content: bytes, source: random.Random) -> bytes:
    """Lose the end, or the beginning."""
    place = source.randrange(len(content))
    return content[:place] if source.random() < 0.8 else content[place:]


def swap(content: bytes, source: random.Random) -> bytes:
    """Let two stretches change places."""
    one, two, three = sorted(source.randrange(len(content)) for _ in range(3))
    return content[:one] + content[two:three] + content[one:two] + content[three:]


def repeat(content: bytes, source: random.Random) -> bytes:
    """Repeat a stretch."""
    one, two = sorted(source.randrange(len(content)) for _ in range(2))
    return content[:two] + content[one:two] * source.randrange(1, 4) + content[two:]


def overwrite(content: bytes, source: random.Random) -> bytes:
    """Write something else over a stretch: nothing, ones, noise, or what programs trip over."""
    one, two = sorted(source.randrange(len(content)) for _ in range(2))
    two = min(two, one + 2000)
    noise = source.choice(
        (b"\0" * (two - one), b"\xff" * (two - one), source.randbytes(two - one), b"\xed\xa0\x80",
         b"\r", b'"', b"\n\n", b"\\u0000", b"\\ud800", b"\xef\xbb\xbf", b"PAR1", b"\x1f\x8b")
    )  # fmt: skip
    return content[:one] + noise + content[two:]


def another_magic(content: bytes, source: random.Random) -> bytes:
    """Begin as another kind of file."""
    magic = source.choice(
        (b"PAR1", b"PARE", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"BZh9", b"%PDF-1.4",
         b"(\xb5/\xfd", b"SQLite format 3\0", b"ORC", b"Obj\1", b"\0\0\0\0", b"<html>")
    )  # fmt: skip
    return magic + content[source.choice((0, len(magic))) :]


def one_line(content: bytes, source: random.Random) -> bytes:
    """Lose every end of a line."""
    return content.replace(b"\n", b"").replace(b"\r", b"")


def wrong_length(content: bytes, source: random.Random) -> bytes:
    """Say another length in the last bytes, where Parquet and zip say theirs."""
    place = max(0, len(content) - source.randrange(4, 24))
    number = source.choice((0, 1, 2**31 - 1, 2**32 - 1, len(content) * 2)).to_bytes(4, "little")
    return content[:place] + number + content[place + 4 :]


CHANGES: tuple[Change, ...] = (
    flip, flip, flip, cut, cut, swap, repeat, overwrite, overwrite, another_magic, one_line,
    wrong_length,
)  # fmt: skip


def gzipped(name: str, content: bytes, source: random.Random) -> tuple[str, bytes]:
    """Compress a file, now and then twice."""
    packed = gzip.compress(content, 1)
    if source.random() < 0.1:
        packed = gzip.compress(packed, 1)
    return f"{name}.gz", packed


def zipped(name: str, content: bytes, source: random.Random) -> tuple[str, bytes]:
    """Put a file into a zip, beside others, under a name that may mean harm."""
    target = io.BytesIO()
    inside = source.choice(
        (name, name, f"../../{name}", f"/etc/{name}", "C:\\" + name, "a/" * 90 + name, "x" * 3000,
         "zip\n\x1b[2J.csv", "é\u202e.csv", "__MACOSX/._a", ".hidden", "")
    )  # fmt: skip
    how = source.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", how) as archive:
        warnings.simplefilter("ignore", UserWarning)  # a name twice is meant
        archive.writestr("first.csv", "job_name,created_at\nzip-first,2026-03-02T08:00:00Z\n")
        info = zipfile.ZipInfo(inside)
        info.compress_type = how
        if source.random() < 0.1:
            info.external_attr = 0o120777 << 16  # a link
        archive.writestr(info, content)
        if source.random() < 0.3:
            archive.writestr(zipfile.ZipInfo(inside), content[: len(content) // 2])
        if source.random() < 0.2:
            archive.writestr("inner.zip", target.getvalue())
        archive.writestr("last.csv", "job_name,created_at\nzip-last,2026-03-02T08:00:00Z\n")
    packed = bytearray(target.getvalue())
    if source.random() < 0.1:
        for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            packed[packed.index(magic) + offset] |= 1  # a password
    return f"{name}.zip", bytes(packed)
