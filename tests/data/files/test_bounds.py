"""Files that unpack to far more than they are, or are wider or longer than any export: refused."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import StokerError
from data.files.landing_form import landed_form
from data.raw import compression, lengths
from data.raw.documents import pieces

HEADER = b"job_name,created_at\n"


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "BOMB_BYTES", 10 * 2**20)
    monkeypatch.setattr(lengths, "LONGEST_TEXT_BYTES", 5 * 2**20)
    monkeypatch.setattr(lengths, "LARGEST_DOCUMENT_BYTES", 20 * 2**20)
    monkeypatch.setattr(lengths, "MOST_MEMORY_BYTES", 100 * 2**20)


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **options)
    return target.getvalue()


def repeated(text: str, count: int) -> pa.Array:
    """Return a text many times, that takes no room in memory or in the file."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "int32")), pa.array([text]))


def landed(content: bytes, form: str) -> int:
    return landed_form(lambda: io.BytesIO(content), io.BytesIO(), form)


TRAPS = {
    "a long text in every row": lambda: parquet({"a": repeated("x" * 10**6, 10_000)}),
    "zeros that are packed well": lambda: parquet(
        {"a": np.zeros(2 * 10**6)}, use_dictionary=False, compression="zstd"
    ),
    "very many columns": lambda: parquet({f"c{n}": [1] for n in range(5_001)}),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_parquet_file_is_refused_by_what_it_would_come_to(trap: str) -> None:
    with pytest.raises(StokerError, match=r"unpacks to more than|has 5,001 columns"):
        landed(TRAPS[trap](), "parquet")


def test_a_parquet_file_that_is_meant_is_read() -> None:
    names = [f"job-{n}" for n in range(1000)]
    columns = {
        "job_name": names,
        "type": repeated("ml.g5.2xlarge", 1000),
        "script": repeated("s" * 9000, 1000),  # 9 MB, as one
        "tags": [["a", "b" * 5000]] * 1000,
        "price": pa.array([1] * 1000, pa.decimal128(38, 9)),
    }
    assert landed(parquet(columns), "parquet") == 1000


def test_texts_wider_or_longer_than_any_export_are_refused() -> None:
    wide = ",".join(f"c{n}" for n in range(5_001)).encode() + b"\n"
    with pytest.raises(StokerError, match="has 5,001 columns"):
        landed(wide + wide, "delimited")
    with pytest.raises(StokerError, match="columns; at most 5,000"):  # in no time
        landed(b"a," * 10**6, "delimited")
    with pytest.raises(StokerError, match="a line or a document of 5 MiB"):
        landed(HEADER + b"a" * 11 * 2**20, "delimited")
    assert landed(HEADER + (b"a" * 2**20 + b",b\n") * 12, "delimited") == 14


class Endless(io.RawIOBase):
    """A source that has no end."""

    def __init__(self, begin: bytes, piece: bytes) -> None:
        self._begin, self._piece = begin, piece

    def read(self, amount: int = -1, /) -> bytes:
        assert amount > 0, "all of it was asked for"
        begin, self._begin = self._begin, b""
        return (begin + self._piece * (amount // len(self._piece) + 1))[:amount]


@pytest.mark.parametrize(
    ("begin", "piece"), [(b"{}\n", b"a"), (b"[", b"0,"), (b'[{"a":"', b"x"), (b"[\n", b"[],\n")]
)
def test_json_without_an_end_is_refused(begin: bytes, piece: bytes) -> None:
    with pytest.raises(StokerError, match="a line or a document of"):
        for _ in pieces(Endless(begin, piece)):  # type: ignore[arg-type]
            pass
