"""What is landed of an export: all of it, but for the columns that hold secrets."""

import csv
import gzip
import hashlib
import io
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import StokerError
from data.files import export
from data.files.landing_form import landed_form
from data.files.mapping import Mapping
from data.store.home import Home
from tests.data.files.reading import checked, parquet

SECRET = "hunter2"
SPELLINGS = ["hyperparameters", "HyperParameters", "Environment", "service_request_payload"]


class Pipe(io.RawIOBase):
    """A source that can only be read, in small pieces."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, amount: int = -1) -> bytes:
        return self._content.read(min(amount, 1000) if amount > 0 else -1)


def landed_bytes(content: bytes, *, pipe: bool = False, **options: Any) -> bytes:
    def opening() -> BinaryIO:
        return cast(BinaryIO, Pipe(content) if pipe else io.BytesIO(content))

    target = io.BytesIO()
    landed_form(opening, target, export.sniff(content), **options)
    return target.getvalue()


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbfjob_name,created_at\r\na,1\r\n\r\n\xff"broken\n',
        parquet({"job_name": ["a"] * 5000, "created_at": list(range(5000))}),
    ],
    ids=["text", "parquet"],
)
def test_file_without_secret_columns_lands_verbatim(content: bytes, pipe: bool) -> None:
    assert landed_bytes(content, pipe=pipe) == content


def test_compressed_text_lands_decompressed() -> None:
    assert landed_bytes(gzip.compress(b"a,b\n1,2\n"), pipe=True) == b"a,b\n1,2\n"


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_secret_columns_of_a_text_lose_their_values(home: Home, name: str, delimiter: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["job_name", name, "created_at", "user_name"])
    writer.writerow(["a", f'{{"TOKEN": "{SECRET}",\n "x": 1}}', 1772438400, 'Ann "A", Lee'])
    content = landed_bytes(written.getvalue().encode(), pipe=True)
    assert SECRET.encode() not in content
    found = checked(home, content)
    assert found.value("user_name") == 'Ann "A", Lee'
    assert landed_bytes(written.getvalue().encode(), keep_secrets=True).count(SECRET.encode()) == 1


def test_malformed_line_beside_secrets_lands_as_its_fingerprint(home: Home) -> None:
    broken = f"b,{SECRET},1772438400,more"
    content = f"job_name,environment,created_at\na,{SECRET},1772438400\n{broken}\nc,,1772438400\n"
    landed = landed_bytes(content.encode())
    assert SECRET.encode() not in landed
    found = checked(home, landed)
    assert list(found.good["row_number"]) == [1, 3]
    assert list(found.reasons) == [2]
    digest = hashlib.sha256(broken.encode()).hexdigest()
    assert f"\n{len(broken)} bytes SHA-256 {digest}\n".encode() in landed


def test_mapping_names_the_secret_columns_of_a_text_without_a_header() -> None:
    mapping = Mapping.parse(
        'format = { delimiter = "~", quote = "", columns = ["id", "environment"] }', "m"
    )
    assert landed_bytes(f"1~{SECRET}\n".encode(), mapping=mapping) == b"1~\n"


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
def test_secret_columns_of_parquet_are_left_out(home: Home, pipe: bool) -> None:
    nested = pa.array([[{"Environment": SECRET}]] * 3)
    columns: dict[str, Any] = {name: [SECRET] * 3 for name in SPELLINGS} | {
        "job_name": ["a", "b", "c"],
        "created_at": [1772438400] * 3,
        "containers": nested,
        "a.b": [1, 2, 3],
    }
    content = landed_bytes(parquet(columns), pipe=pipe)
    assert SECRET.encode() not in content
    assert pq.ParquetFile(io.BytesIO(content)).schema_arrow.names == [
        "job_name",
        "created_at",
        "a.b",
    ]
    assert list(checked(home, content).good["job_name"]) == ["a", "b", "c"]


def test_broken_parquet_is_refused() -> None:
    with pytest.raises(StokerError, match="not a readable Parquet file"):
        landed_bytes(b"PAR1" + b"x" * 100)
