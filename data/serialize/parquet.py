"""Rows as Parquet: types kept, instants in UTC."""

from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write_parquet(rows: pd.DataFrame, target: Path | BinaryIO) -> None:
    """Write rows to a new file or to a stream of bytes."""
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), target)
