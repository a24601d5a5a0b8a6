"""The form in which rows of a file are landed: verbatim, but for what may be secret."""

import io
from collections.abc import Callable
from typing import BinaryIO

from data.files.delimited_landing import land_delimited
from data.files.mapping import FileFormat, Mapping
from data.files.parquet_landing import land_parquet
from data.raw.spool import Spool


def landed_form(
    opening: Callable[[], BinaryIO],
    target: BinaryIO,
    file_format: str,
    *,
    mapping: Mapping | None = None,
    keep_secrets: bool = False,
) -> int:
    """Copy delimited text or Parquet, decompressed, without secrets; return its row count.

    The count of a text is that of its lines. A mapping helps to find the columns of a text whose
    first line does not name them.

    Raises:
        StokerError: the file is damaged.
    """
    if file_format == "parquet":
        return land_parquet(lambda: _seekable(opening), target, keep_secrets=keep_secrets)
    given = mapping.format if mapping else FileFormat()
    return land_delimited(opening, target, given, keep_secrets=keep_secrets)


def _seekable(opening: Callable[[], BinaryIO]) -> BinaryIO:
    opened = opening()
    if isinstance(opened, io.BytesIO) or _is_plain_file(opened):
        return opened
    with opened:
        return Spool.of(opened).open()


def _is_plain_file(opened: BinaryIO) -> bool:
    """Whether seeking in a file is quick: it is not unpacked while it is read."""
    return isinstance(opened, io.BufferedReader) and isinstance(opened.raw, io.FileIO)
