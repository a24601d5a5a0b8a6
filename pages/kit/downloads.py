"""The forms in which rows can be downloaded: byte for byte those of the command line."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from data.serialize import rows as serialize


@dataclass(frozen=True, slots=True)
class DownloadForm:
    """One form of a file of rows."""

    name: str
    ending: serialize.Form
    mime: str

    def write(self, rows: pd.DataFrame) -> bytes:
        """Return rows in this form."""
        return serialize.as_bytes(rows, self.ending)

    def writes(self, rows: Callable[[], pd.DataFrame]) -> Callable[[], bytes]:
        """Return what writes rows once they are asked for."""
        return lambda: self.write(rows())


FORMS = (
    DownloadForm("CSV", "csv", "text/csv"),
    DownloadForm("Parquet", "parquet", "application/vnd.apache.parquet"),
)
