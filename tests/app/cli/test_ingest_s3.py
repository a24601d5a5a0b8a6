"""Bills from S3, as moto plays it: the newest delivery, what is not there, and no credentials."""

import gzip
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from data.aws.s3_files import newest_deliveries, s3_files
from data.errors import StokerError
from data.store.store import Store
from tests.app.conftest import Stoker
from tests.bills import bill, line

MONTH = "cur/report/20260301-20260401"
OLD, NEW = (f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in (1, 2))


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of a server with a bucket; it is the AWS that this process sees."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = botocore.session.Session().create_client("s3")
        client.create_bucket(Bucket="bills")
        yield client
    server.stop()


def put(s3: Any, key: str, content: bytes) -> None:
    s3.put_object(Bucket="bills", Key=key, Body=content)


def test_stoker_ingest_reads_the_newest_delivery_of_a_month(s3: Any, run: Stoker) -> None:
    put(s3, f"{MONTH}/{OLD}/report-00001.csv.gz", gzip.compress(bill(line(1.0))))
    put(s3, f"{MONTH}/{NEW}/report-00002.csv.gz", gzip.compress(bill(line(4.0))))
    put(s3, f"{MONTH}/{NEW}/report-00001.csv.gz", gzip.compress(bill(line(2.0))))
    put(s3, f"{MONTH}/report-Manifest.json", b"{}")
    for _ in range(2):  # the second time changes nothing
        done = run("ingest", "s3://bills/cur/")
        assert done.status == 0, done.err
        found = run("ask", "bill_usage_types", "--format", "csv")
        assert ",6," in found.out
    assert OLD not in run("ask", "imports", "--format", "csv").out


def test_what_is_not_there_is_said(s3: Any, store: Store) -> None:
    for address, said in (
        ("s3://bills/elsewhere/", "has no files"),
        ("s3://no-such-bucket/cur/", "s3://no-such-bucket/cur/"),
        ("s3:///cur", "names no bucket"),
    ):
        with pytest.raises(StokerError, match=said):
            list(s3_files(address, store.home))


def test_without_credentials_it_says_how_to_set_them(
    s3: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(StokerError, match="No AWS credentials were found"):
        list(s3_files("s3://bills/cur/", store.home))


def test_of_deliveries_side_by_side_the_newest_of_each_folder_counts() -> None:
    def listed(*files: tuple[str, int]) -> list[Any]:
        return [SimpleNamespace(path=path, mtime=mtime) for path, mtime in files]

    found = newest_deliveries(
        listed(
            (f"b/m1/{OLD}/r-1", 1),
            (f"b/m1/{NEW}/r-1", 3),
            (f"b/m1/{NEW}/r-2", 2),
            (f"b/m2/{OLD}/r-1", 9),
            ("b/m3/2026-03-02T04:05:06.789Z-x/r-1", 5),
            ("b/m3/2026-03-03T04:05:06.789Z-x/r-1", 6),
            ("b/plain/r-1", 4),
        )
    )
    assert [one.path for one in found] == [
        f"b/m1/{NEW}/r-2",
        f"b/m1/{NEW}/r-1",
        "b/plain/r-1",
        "b/m3/2026-03-03T04:05:06.789Z-x/r-1",
        f"b/m2/{OLD}/r-1",
    ]
