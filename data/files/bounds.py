"""How much a table may unpack to, and how wide it may be; what has more is a mistake or a trap."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import StokerError
from data.raw.compression import bomb, is_bomb

MOST_COLUMNS = 5_000
LONG_TEXT_BYTES = 4_096
BATCH_ROWS, BATCH_BYTES = 122_880, 2**28
# even columns that never change take more than this
MOST_ROWS, MOST_ROWS_A_BYTE = 100_000_000, 20
_GROWING = frozenset({"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"})


def refuse_wide(column_count: int) -> None:
    """Refuse a table of more columns than anybody exports.

    Raises:
        StokerError: it is one.
    """
    if column_count > MOST_COLUMNS:
        raise StokerError(
            f"The file has {column_count:,} columns; at most {MOST_COLUMNS:,} are read.",
            next_action="Export the columns of the records only, one record a row.",
        )


def refuse_trap(parquet: pq.ParquetFile, size: int) -> None:
    """Refuse a Parquet file of `size` bytes by what its footer says.

    Raises:
        StokerError: it is too wide, or unpacks to far more than there can be in it.
    """
    metadata = parquet.metadata
    refuse_wide(metadata.num_columns)
    groups = range(metadata.num_row_groups)
    unpacked = sum(metadata.row_group(number).total_byte_size for number in groups)
    if is_bomb(size, unpacked):
        raise bomb("The file", size, unpacked)
    if metadata.num_rows > max(MOST_ROWS, MOST_ROWS_A_BYTE * size):
        raise StokerError(
            f"The file says that it has {metadata.num_rows:,} rows, in {size:,} bytes.",
            next_action="Export it again, and check that all of it was copied.",
        )


def long_repeated_texts(parquet: pq.ParquetFile, opened: pq.ParquetFile) -> list[str]:
    """Return the columns whose dictionary has a long text: each row could be that long.

    `opened` is the same file with all of `texts_with_dictionary` read as dictionaries.
    """
    metadata = parquet.metadata
    found = []
    for path, place in texts_with_dictionary(parquet):
        for number in range(metadata.num_row_groups):
            chunk = metadata.row_group(number).column(place)
            if chunk.total_uncompressed_size <= LONG_TEXT_BYTES:
                continue
            first = next(opened.iter_batches(1, row_groups=[number], columns=[path]), None)
            if first is not None and _longest(first.column(0)) > LONG_TEXT_BYTES:
                found.append(path)
                break
    return found


def texts_with_dictionary(parquet: pq.ParquetFile) -> list[tuple[str, int]]:
    """Return the path and the place of each column of texts that stand in a dictionary."""
    metadata = parquet.metadata
    return [
        (column.path, place)
        for place, column in enumerate(parquet.schema.column(n) for n in range(len(parquet.schema)))
        if column.physical_type == "BYTE_ARRAY"
        and "." not in column.path
        and any(
            metadata.row_group(number).column(place).has_dictionary_page
            for number in range(metadata.num_row_groups)
        )
    ]


def rows_at_once(parquet: pq.ParquetFile) -> int:
    """Return how many rows may be read together, whatever stands in them."""
    metadata, rows = parquet.metadata, BATCH_ROWS
    for place in range(len(parquet.schema)):
        column = parquet.schema.column(place)
        if column.physical_type == "FIXED_LEN_BYTE_ARRAY":
            rows = min(rows, BATCH_BYTES // max(1, column.length))
        elif column.physical_type == "BYTE_ARRAY":
            chunks = [metadata.row_group(n).column(place) for n in range(metadata.num_row_groups)]
            grows = any(
                ("." in column.path and chunk.has_dictionary_page)
                or not _GROWING.isdisjoint(chunk.encodings)
                for chunk in chunks
            )
            if grows:
                longest = max(chunk.total_uncompressed_size for chunk in chunks)
                rows = min(rows, BATCH_BYTES // max(1, longest))
    return max(1, rows)


class LongTexts:
    """What the long texts of a file come to, as it is read."""

    def __init__(self, size: int) -> None:
        self._size, self._total = size, 0

    def add(self, values: pa.Array) -> None:
        """Count the long texts of a column.

        Raises:
            StokerError: they are far more than there can be in the file.
        """
        if not pa.types.is_dictionary(values.type) or _longest(values) <= LONG_TEXT_BYTES:
            return
        lengths = pc.binary_length(values.dictionary).take(values.indices)
        self._total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
        if is_bomb(self._size, self._total):
            raise bomb("The file", self._size, self._total)


def _longest(values: pa.Array) -> int:
    if not pa.types.is_dictionary(values.type) or not len(values.dictionary):
        return 0
    return pc.max(pc.binary_length(values.dictionary)).as_py() or 0
