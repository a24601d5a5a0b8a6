"""Files that are neither text nor Parquet: refused at once, however long they are."""

from data.errors import StokerError
from data.raw.compression import GZIP_MAGIC, ZIP_MAGIC

PARQUET_MAGIC = b"PAR1"
MOST_NULS = 0.01
_OTHERS = {
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"(\xb5/\xfd": "packed by zstd",
    b"7z\xbc\xaf": "packed by 7-Zip",
    b"Rar!": "packed by RAR",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a SQLite database",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
}


def refuse_binary(name: str, head: bytes) -> None:
    """Refuse a file by its first bytes, as they are once it is unpacked.

    Raises:
        StokerError: it is neither text nor Parquet.
    """
    if head.startswith(PARQUET_MAGIC):
        return
    if head.startswith((GZIP_MAGIC, ZIP_MAGIC)):
        raise StokerError(
            f"{name} is packed twice.", next_action="Unpack it once, and import what was in it."
        )
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise StokerError(
                f"{name} is {what}.", next_action="Export the records as CSV, JSON or Parquet."
            )
    is_wide_text = head[:2] in (b"\xff\xfe", b"\xfe\xff")  # which is told for what it is
    if head.count(0) > MOST_NULS * len(head) and not is_wide_text:
        raise StokerError(
            f"{name} is neither text nor Parquet.",
            next_action="Export the records as CSV, JSON or Parquet.",
        )
