"""Files that are neither text nor Parquet: refused at once, however long they are."""

from data.errors import StokerError
from data.raw.compression import GZIP_MAGIC, ZIP_MAGIC
from data.raw.other_files import refuse_other_formats

PARQUET_MAGIC = b"PAR1"
MOST_NULS = 0.01


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
    refuse_other_formats(name, head)
    is_wide_text = head[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16, before it is read as UTF-8
    if head.count(0) > MOST_NULS * len(head) and not is_wide_text:
        raise StokerError(
            f"{name} is neither text nor Parquet.",
            next_action="Export the records as CSV, JSON or Parquet.",
        )
