"""The dated tables that ship with Stoker: instance types, prices, limits, each with a source."""

import hashlib
import io
from datetime import date
from importlib.resources import files

import pandas as pd
import pyarrow as pa

from data.store.reader import Reader
from data.store.store import Store

# the specification sheet carries no date of its own: the day on which it was put together
SPECS_DATE = "2026-11-21"
FILES = (
    "instance_specs.csv",
    "prices.csv",
    "startup_benchmarks.csv",
    "aws_limits.csv",
    "request_prices.csv",
    "usage_type_patterns.csv",
)


def load_reference(store: Store) -> bool:
    """Bring the reference tables of `store` up to date with the shipped files.

    Returns whether anything changed; then every job's costs are out of date.
    """
    folder = files("data") / "reference"
    contents = {name: (folder / name).read_bytes() for name in FILES}
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()
    if store.scalar("select reference_hash from store_state") == digest:
        return False
    frames = (pd.read_csv(io.BytesIO(contents[name])) for name in FILES)
    specs, prices, benchmarks, limits, requests, patterns = frames
    with store.transaction() as cursor:
        cursor.register("specs", pa.Table.from_pandas(specs, preserve_index=False))
        cursor.execute("delete from instance_types")
        cursor.execute(
            """
            insert into instance_types
            select instance_type, ec2_type, vcpu, memory_mib, accelerator_kind, accelerator_name,
                accelerator_count, accelerator_memory_mib_each, network_performance,
                local_storage_gb, spec_source, $specs_date::date, note
            from specs
            """,
            {"specs_date": SPECS_DATE},
        )
        cursor.register("shipped", pa.Table.from_pandas(prices, preserve_index=False))
        cursor.execute("delete from prices where import_id is null")
        cursor.execute(
            """
            insert into prices
            select instance_type, region, component, list_unit_price_usd_per_h, low_usd_per_h,
                high_usd_per_h, effective_from::date, as_of_date::date, source, note, false, null
            from shipped
            """
        )
        cursor.register("benchmarks", pa.Table.from_pandas(benchmarks, preserve_index=False))
        cursor.execute("delete from startup_benchmarks")
        cursor.execute(
            """
            insert into startup_benchmarks
            select input_mode, cold_startup_latency_p90_s, warm_startup_latency_p90_s,
                as_of_date::date, source
            from benchmarks
            """
        )
        cursor.register("limits", pa.Table.from_pandas(limits, preserve_index=False))
        cursor.execute("delete from aws_limits")
        cursor.execute(
            """
            insert into aws_limits
            select limit_name, limit_value, unit, as_of_date::date, source, note from limits
            """
        )
        cursor.register("requests", pa.Table.from_pandas(requests, preserve_index=False))
        cursor.execute("delete from request_prices")
        cursor.execute(
            """
            insert into request_prices
            select operation, request_price_usd, unit, as_of_date::date, source, note from requests
            """
        )
        cursor.register("patterns", pa.Table.from_pandas(patterns, preserve_index=False))
        cursor.execute("delete from usage_type_patterns")
        cursor.execute(
            """
            insert into usage_type_patterns
            select usage_type_pattern, line_kind, as_of_date::date, source, note from patterns
            """
        )
        cursor.execute("update store_state set reference_hash = $digest", {"digest": digest})
        cursor.execute("insert into stale_jobs select job_id from training_jobs")
        for name in ("specs", "shipped", "benchmarks", "limits", "requests", "patterns"):
            cursor.unregister(name)
    return True


def aws_limit_date(reader: Reader, name: str) -> date:
    """Return the day on which one of AWS's limits was read."""
    day: date = reader.scalar(
        "select as_of_date from aws_limits where limit_name = $name", {"name": name}
    )
    return day


def aws_limit(reader: Reader, name: str) -> int:
    """Return one of the limits that AWS sets, in its unit (reference/aws_limits.csv)."""
    value = reader.scalar(
        "select limit_value from aws_limits where limit_name = $name", {"name": name}
    )
    if value is None:
        message = f"unknown limit {name!r}"
        raise ValueError(message)
    return int(value)


def request_price(reader: Reader, operation: str) -> float:
    """Return what one unit of a request costs, in USD (reference/request_prices.csv)."""
    price = reader.scalar(
        "select request_price_usd from request_prices where operation = $operation",
        {"operation": operation},
    )
    if price is None:
        message = f"unknown price of {operation!r}"
        raise ValueError(message)
    return float(price)
