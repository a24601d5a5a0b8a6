"""The hostile files of a seed: the same seed and number give the same file, everywhere."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.hostile import damage, records

KINDS = ("jobs", "metrics", "prices", "bill", "capacity", "benchmark_runs", "service_jobs")


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A file, its place among those of its seed, and what a caller says of it."""

    number: int
    name: str
    content: bytes
    kind: str | None = None
    mapping: str | None = None


def hostile_files(seed: int, count: int, first: int = 0) -> Iterator[HostileFile]:
    """Yield files of a seed."""
    for number in range(first, first + count):
        yield hostile_file(seed, number)


def hostile_file(seed: int, number: int) -> HostileFile:
    """Return one file of a seed."""
    source = random.Random(f"{seed} {number}")
    name, content = _written(source)
    for _ in range(source.choice((0, 0, 1, 1, 1, 2))):
        if content:
            content = source.choice(damage.CHANGES)(content, source)
    for packing in (damage.gzipped, damage.zipped):
        if source.random() < 0.12:
            name, content = packing(name, content, source)
            if source.random() < 0.5:
                content = source.choice(damage.CHANGES)(content, source)
    kind = source.choice(KINDS) if source.random() < 0.15 else None
    mapping = None
    if source.random() < 0.02:
        kind, mapping = None, records.mapping(source)
    return HostileFile(number, f"{number}-{name}", content, kind, mapping)


def _written(source: random.Random) -> tuple[str, bytes]:
    """Return a file that may hold odd values, but is written as it should be."""
    odd = source.random()
    if odd < 0.01:
        return "wide.csv", records.wide(source)
    if odd < 0.02:
        return "nested.json", records.nested(source)
    if odd < 0.03:
        return "endless.txt", records.endless(source)
    if source.random() < 0.4:
        documents = records.documents(source)
        if source.random() < 0.7:
            documents = damage.hurt(documents, source)
        return "documents.json", records.as_json(documents, source)
    rows = records.rows(source)
    if source.random() < 0.6:
        rows = [damage.hurt([row], source)[0] if source.random() < 0.3 else row for row in rows]
        rows = [row for row in rows if isinstance(row, dict)] or [{"a": 1}]
    if source.random() < 0.5:
        return "rows.csv", records.as_text(rows, source)
    return "rows.parquet", records.as_parquet(rows, source)
