"""Files of formats that are not read, or of none: refused at once in words, however long."""

from data.errors import StokerError
from data.raw.compression import GZIP_MAGIC, ZIP_MAGIC

PARQUET_MAGIC = b"PAR1"
MOST_NULS = 0.01
# how a file begins: what it is, and what to do
_OTHERS = (
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
    (b"Rar!", "a RAR archive", "Unpack it, and import the folder."),
    (b"\x89HDF", "an HDF5 file", "Write it as Parquet."),
    (b"\x80\x04\x95", "a Python pickle", "Write it as Parquet or JSON."),
)
_TAR = slice(257, 262)


def refuse_binary(name: str, head: bytes) -> None:
    """Refuse a file by its first bytes, as they are once it is unpacked.

    Raises:
        StokerError: it is neither text nor Parquet; it says what the file is.
    """
    if head.startswith(PARQUET_MAGIC):
        return
    if head.startswith((GZIP_MAGIC, ZIP_MAGIC)):
        raise StokerError(
            f"{name} is packed twice.", next_action="Unpack it once, and import what was in it."
        )
    for magic, what, next_action in _OTHERS:
        if head.startswith(magic):
            raise StokerError(f"{name} is {what}.", next_action=next_action)
    if head[_TAR] == b"ustar":
        raise StokerError(
            f"{name} is a tar archive.", next_action="Unpack it, and import the folder."
        )
    is_wide_text = head[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16 before it is read as UTF-8
    if head.count(0) > MOST_NULS * len(head) and not is_wide_text:
        raise StokerError(
            f"{name} is neither text nor Parquet.",
            next_action="Export the records as CSV, JSON or Parquet.",
        )
