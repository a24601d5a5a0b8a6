"""Well-formed files of every kind that is read, small, from a random source."""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bills import line
from tests.conftest import at, describe_job
from tests.data.datasets import batch
from tests.data.datasets.test_price_answers import answer, product

ACCOUNT = "999999999999"
TYPE = "ml.c5.xlarge"
Rows = list[dict[str, Any]]

WEIRD: tuple[Any, ...] = (
    1e18, -1e18, 9e15, 10**40, -1, 0, 1e308, 5e-324, 2**63, 2**31, True, None, "", " ", "NaN",
    "Infinity", "-inf", "1e18", "294247-01-10T04:00:54Z", "0001-01-01T00:00:00Z", "1969-12-31",
    "2026-02-30T00:00:00Z", "20241112080000", "45608.33334", "\0", "a\0b", "\ud800", "\u202e",
    "=cmd()", "'; drop table imports; --", "../../etc/passwd", "x" * 70_000, [], {}, [[[]]], [None],
    {"Value": "Failed"}, {"": ""}, ["a", 1, None, {}], {"a": {"b": {"c": [1, 2, {"d": "e"}]}}},
    "{", '{"HyperParameters": ', "[" * 3000, "🐢" * 40, "\u0130stanbul", "\r\n", '"', "a,b;c\td|e",
)  # fmt: skip
"""Values that stand where others belong; without NaN, which JSON does not have."""


def job(source: random.Random) -> dict[str, Any]:
    """Return a describe-training-job answer."""
    created = source.randrange(0, 10**6)
    return describe_job(
        f"fuzz-{source.randrange(10**9)}",
        created=created,
        account=ACCOUNT,
        region="eu-west-1",
        run=source.randrange(1, 10**5),
        ResourceConfig={"KeepAlivePeriodInSeconds": source.choice((60, 900, 3600))},
        WarmPoolStatus={
            "Status": source.choice(("Available", "Terminated", "Reused", "InUse")),
            "ResourceRetainedBillableTimeInSeconds": source.randrange(3600),
        },
        HyperParameters={"rate": "0.1"},
        Environment={"TOKEN": "x"},
    )


def job_rows(source: random.Random) -> Rows:
    """Return rows of an export of jobs."""
    rows = []
    for n in range(source.randrange(2, 30)):
        created = source.randrange(0, 10**6)
        rows.append(
            {
                "job_name": f"row-{n}-{source.randrange(10**6)}",
                "account_id": ACCOUNT,
                "region": "eu-west-1",
                "created_at": at(created),
                "training_started_at": at(created + 60),
                "training_ended_at": at(created + 600),
                "status": source.choice(("Completed", "Failed", "Stopped")),
                "instance_type": TYPE,
                "instance_count": source.randrange(1, 9),
                "billable_s": 540,
                "keep_alive_period_s": source.choice((0, 60, 3600)),
                "retained_s": source.randrange(60),
                "user_name": source.choice(("ann", "bob", "Zoë")),
                "queue_name": "fuzz",
                "share_name": source.choice(("a", "b")),
                "pool_key": "fuzz",
                "gpu_utilization_ratio": source.random(),
                "volume_size_gib": 30,
            }
        )
    return rows


def sample_rows(source: random.Random) -> Rows:
    return [
        {
            "host_name": f"fuzz-{source.randrange(3)}/algo-1",
            "metric_name": source.choice(("GPUUtilization", "CPUUtilization")),
            "sampled_at": at(60 * n),
            "metric_value": source.random() * 100,
        }
        for n in range(source.randrange(2, 40))
    ]


def price_rows(source: random.Random) -> Rows:
    return [
        {
            "instance_type": TYPE,
            "region": "eu-west-1",
            "list_unit_price_usd_per_h": source.random(),
            "effective_from": f"2026-0{n + 1}-01",
        }
        for n in range(5)
    ]


def bill_rows(source: random.Random) -> Rows:
    return [
        line(source.random(), line_item_usage_account_id=ACCOUNT, day=f"2026-03-{n + 1:02}")
        for n in range(source.randrange(1, 20))
    ]


def capacity_rows(source: random.Random) -> Rows:
    return [
        {"observed_at": at(3600 * n), "queue_name": "fuzz", "capacity": source.randrange(1, 99)}
        for n in range(5)
    ]


def benchmark_rows(source: random.Random) -> Rows:
    return [
        {
            "workload": "fuzz",
            "configuration": f"c{n % 3}",
            "instance_groups": f"{TYPE} x{n % 3 + 1}",
            "step_time_ms": source.random() * 1000,
            "step_count": 100,
        }
        for n in range(9)
    ]


def service_job(source: random.Random) -> dict[str, Any]:
    number = str(source.randrange(10**9))
    return batch.described(
        number,
        status="SUCCEEDED",
        shareIdentifier="fuzz",
        attempts=[batch.attempt(f"a{number}", 100, source.randrange(101, 10**5))],
        serviceRequestPayload=json.dumps({"TrainingJobName": "a", "Environment": {"K": "v"}}),
    )


def series(source: random.Random) -> dict[str, Any]:
    count = source.randrange(1, 20)
    return {
        "MetricDataResults": [
            {
                "Id": f"m{n}",
                "Label": f"fuzz-{n}/algo-1 GPUUtilization",
                "Timestamps": [at(60 * k) for k in range(count)],
                "Values": [source.random() * 100 for _ in range(count)],
                "StatusCode": "Complete",
            }
            for n in range(3)
        ]
    }


def job_event(source: random.Random) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "1",
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "time": at(0),
        "region": "eu-west-1",
        "detail": job(source),
    }


def documents(source: random.Random) -> list[Any]:
    """Return documents of AWS of one kind."""
    many = range(source.randrange(1, 12))
    made: Sequence[Callable[[], list[Any]]] = (
        lambda: [job(source) for _ in many],
        lambda: [{"Results": [{"TrainingJob": job(source)} for _ in many], "NextToken": "x"}],
        lambda: [{"TrainingJobSummaries": [job(source) for _ in many]}],
        lambda: [job_event(source) for _ in many],
        lambda: [service_job(source) for _ in many],
        lambda: [{"jobSummaryList": [batch.summary(str(n)) for n in many]}],
        lambda: [{"jobQueues": [batch.queue(jobQueueName="fuzz")]}],
        lambda: [{"serviceEnvironments": [batch.environment(serviceEnvironmentName="fuzz")]}],
        lambda: [series(source)],
        lambda: [answer(product(instanceName=TYPE, regionCode="eu-west-1"))],
        lambda: job_rows(source),
        lambda: [{"rows": job_rows(source)}],
        lambda: [json.dumps({"TrainingJob": job(source)}) for _ in many],
    )
    return source.choice(made)()


def rows(source: random.Random) -> Rows:
    """Return rows of one kind."""
    made = (
        job_rows, job_rows, sample_rows, price_rows, bill_rows, capacity_rows, benchmark_rows,
    )  # fmt: skip
    return source.choice(made)(source)


def as_json(found: Sequence[Any], source: random.Random) -> bytes:
    """Write documents as JSON lines, one list, or documents over many lines; NaN may stand in."""
    how = source.randrange(4)
    if how == 0:
        return json.dumps(found[0] if len(found) == 1 else found, indent=2).encode(
            "utf-8", "replace"
        )
    if how == 1:
        return json.dumps(found).encode()
    between = source.choice(("\n", "\r\n", "\n\n", "\nAn error occurred (Throttling)\n"))
    return between.join(json.dumps(one) for one in found).encode()


def as_text(found: Rows, source: random.Random) -> bytes:
    """Write rows as delimited text."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in found for name in row))
    writer = csv.DictWriter(
        text,
        names,
        delimiter=source.choice((",", ",", "\t", ";", "|")),
        lineterminator=source.choice(("\n", "\r\n", "\r")),
    )
    writer.writeheader()
    writer.writerows(found)
    content = text.getvalue()
    if source.random() < 0.1:
        content = "sep=;\n" + content
    encoding = "utf-16" if source.random() < 0.03 else "utf-8"
    return content.encode(encoding, "surrogatepass")


def as_parquet(found: Rows, source: random.Random) -> bytes:
    """Write rows as Parquet, in types that programs choose."""
    names = list(dict.fromkeys(name for row in found for name in row))
    columns = {name: column([row.get(name) for row in found], source) for name in names}
    target = io.BytesIO()
    try:
        _write_parquet(pa.table(columns), target, source)
    except pa.ArrowException:  # a time that no file can say
        return as_text(found, source)
    return target.getvalue()


def _write_parquet(table: pa.Table, target: io.BytesIO, source: random.Random) -> None:
    pq.write_table(
        table,
        target,
        compression=source.choice(("snappy", "zstd", "gzip", "none")),
        row_group_size=source.choice((3, 1000)),
        use_dictionary=source.random() < 0.5,
        version=source.choice(("1.0", "2.6")),
        data_page_version=source.choice(("1.0", "2.0")),
    )


def column(values: Sequence[Any], source: random.Random) -> pa.Array:
    """Return values in one of the types that they fit, or that they do not."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str) and "T" in first and first[:2] == "20":
        return _times(values, source)
    try:
        if isinstance(first, int) and source.random() < 0.6:
            kind = source.choice(
                (pa.int8(), pa.int32(), pa.uint64(), pa.float32(), pa.decimal128(38, 9),
                 pa.duration("s"), pa.duration("ns"), pa.timestamp("s"), pa.time64("us"))
            )  # fmt: skip
            return pa.array(values, kind)
        if isinstance(first, str) and source.random() < 0.4:
            kind = source.choice(
                (pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.binary(),
                 pa.list_(pa.string()))
            )  # fmt: skip
            given: Any = values
            if pa.types.is_list(kind):
                given = [None if value is None else [value] for value in values]
            return pa.array(given, kind)
        return pa.array(values)
    except (pa.ArrowException, OverflowError, ValueError, TypeError):  # also lone surrogates
        return pa.array([None if value is None else ascii(value)[:99] for value in values])


def _times(values: Sequence[Any], source: random.Random) -> pa.Array:
    def instant(value: Any) -> datetime | None:
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (TypeError, ValueError):
            return None

    found = [instant(value) for value in values]
    kind = source.choice(
        (pa.timestamp("ns", "UTC"), pa.timestamp("us"), pa.timestamp("ms", "Asia/Tokyo"),
         pa.date32(), pa.int64(), pa.float64(), pa.string())
    )  # fmt: skip
    if pa.types.is_string(kind):
        return pa.array([None if value is None else ascii(value)[:99] for value in values])
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pa.array([one and one.timestamp() for one in found]).cast(kind, safe=False)
    try:
        return pa.array(found, kind)
    except pa.ArrowException:  # the year 1 has no nanoseconds
        return pa.array(found, pa.timestamp("us"))


def wide(source: random.Random) -> bytes:
    """Return a table of very many columns."""
    count = source.choice((3_000, 20_000, 100_000))
    names = ["job_name", "created_at", *(f"c{n}" for n in range(count))]
    return (",".join(names) + "\n" + ",".join(["a", at(0)] + ["1"] * count) + "\n").encode()


def nested(source: random.Random) -> bytes:
    """Return brackets within brackets, alone or in a record."""
    depth = source.choice((100, 300, 900, 10_000))
    opening, closing = source.choice((("[", "]"), ('{"a":', "}")))
    inside = json.dumps(job(source)) if source.random() < 0.5 else "1"
    text = opening * depth + inside + closing * (depth if source.random() < 0.7 else 0)
    if source.random() < 0.5:
        text = json.dumps(job(source)).replace("{", f'{{"Tags":{text},', 1)
    return text.encode()


def endless(source: random.Random) -> bytes:
    """Return one very long line."""
    piece = source.choice((b"a", b"a,", b'"', b'{"a":1},', b"1 ", b"\xff", b"{", b"\\"))
    return source.choice((b"", b"job_name,created_at\n", b"[")) + piece * source.randrange(
        2 * 10**6
    )


def mapping(source: random.Random) -> str:
    """Return a mapping for the rows of an export of jobs under other names."""
    return "\n".join(
        (
            'time_zone = "UTC"',
            "[columns]",
            'job_name = "job_name"',
            'created_at = "created_at"',
            'training_ended_at = { column = "created_at", plus_s = "billable_s" }',
            source.choice(("", 'pool_key = ["user_name", "share_name"]')),
            source.choice(
                ("", 'status = { column = "status", values = { Completed = "Failed" } }')
            ),
            source.choice(("", 'instance_count = { column = "instance_count", scale = 1e18 }')),
            source.choice(
                ("", "accelerator_count = { column = \"job_name\", pattern = '(a+)+$' }")
            ),
        )
    )
