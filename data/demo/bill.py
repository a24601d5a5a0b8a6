"""The demo's bill: what AWS would charge for the demo's jobs, with differences that are known.

A cost and usage report with one line a day, account, region and instance type. It charges the list
prices that ship with Stoker, and beside them: a private discount on all usage; volumes; one day
with a job that nobody imported; and it ends in the evening of its newest day, as bills are late.
Idle time is billed as training, under the same usage type.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from data.demo.pools import AS_OF_MS, MAIN_ACCOUNT

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
UNTIL = datetime.fromtimestamp(AS_OF_MS / 1000, UTC) - timedelta(days=1)
DAY = timedelta(days=1)
DISCOUNT_RATIO = 0.06
VOLUME_USD_PER_INSTANCE_H = 0.0096  # 50 GiB at 0.14 USD a GiB-month, made up
UNKNOWN_DAY = datetime(2026, 11, 10, tzinfo=UTC)
UNKNOWN_TYPE, UNKNOWN_INSTANCE_H = "ml.p4d.24xlarge", 9.0
UNLISTED_USD_PER_H = 4.0  # of a type without a list price: jobs of it have no computed cost
PREFIXES = {"us-east-1": "USE1", "us-west-2": "USW2", "eu-west-1": "EU"}
COLUMNS = (
    "identity/LineItemId",
    "bill/BillingPeriodStartDate",
    "bill/PayerAccountId",
    "lineItem/UsageAccountId",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
    "lineItem/ProductCode",
    "lineItem/UsageType",
    "lineItem/Operation",
    "lineItem/UsageAmount",
    "lineItem/CurrencyCode",
    "lineItem/UnblendedCost",
    "pricing/publicOnDemandCost",
    "pricing/unit",
    "product/regionCode",
)

Key = tuple[datetime, str, str, str]
Hours = dict[Key, float]


def bill_csv(records: Iterable[dict[str, Any]]) -> bytes:
    """Return the bill for results of `Search`, the same bytes at every call."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, line in enumerate(_lines(_instance_hours(records)), start=1):
        writer.writerow((f"demo-{number}", *line))
    return text.getvalue().encode()


def _instance_hours(records: Iterable[dict[str, Any]]) -> Hours:
    """Return the billed instance-hours of each day, account, region and instance type."""
    found: Hours = defaultdict(float)
    for record in records:
        job = record["TrainingJob"]
        account_region = tuple(reversed(job["TrainingJobArn"].split(":")[3:5]))
        if "TrainingEndTime" not in job or "BillableTimeInSeconds" not in job:
            continue
        if "TrainingPlanArn" in job["ResourceConfig"]:
            continue  # paid upfront
        started, ended = (
            datetime.fromisoformat(job[name]) for name in ("TrainingStartTime", "TrainingEndTime")
        )
        retained_s = job.get("WarmPoolStatus", {}).get("ResourceRetainedBillableTimeInSeconds", 0)
        spans = (
            (started, ended, job["BillableTimeInSeconds"]),
            (ended, ended + timedelta(seconds=retained_s), retained_s),
        )
        for span in spans:
            for day, billed_s in _by_day(*span):
                for instance_type, count in _instances(job["ResourceConfig"]):
                    key = (day, *account_region, instance_type)
                    found[key] += billed_s * count / 3600
    found[UNKNOWN_DAY, MAIN_ACCOUNT, "us-east-1", UNKNOWN_TYPE] += UNKNOWN_INSTANCE_H
    return {key: hours for key, hours in found.items() if FIRST <= key[0] < UNTIL and hours}


def _instances(resources: dict[str, Any]) -> list[tuple[str, int]]:
    groups = resources.get("InstanceGroups") or [resources]
    return [
        (
            group.get("SelectedInstanceType") or group["InstanceType"],
            group.get("SelectedInstanceCount") or group["InstanceCount"],
        )
        for group in groups
    ]


def _by_day(start: datetime, end: datetime, billed_s: float) -> Iterator[tuple[datetime, float]]:
    """Yield the part of a span that falls on each day; billed time is spread evenly."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while start < end and day < min(end, UNTIL):
        overlap = min(end, day + DAY, UNTIL) - max(start, day)
        yield day, billed_s * max(overlap / (end - start), 0.0)
        day += DAY


def _lines(instance_hours: Hours) -> Iterator[tuple[Any, ...]]:
    volume_hours: dict[tuple[datetime, str, str], float] = defaultdict(float)
    for (day, account_id, region, instance_type), hours in sorted(instance_hours.items()):
        cost_usd = hours * _price_usd_per_h(instance_type, region, day.date().isoformat())
        usage_type = f"{PREFIXES[region]}-Train:{instance_type}"
        where = (day, account_id, region)
        yield _line(where, "Usage", usage_type, hours, cost_usd, cost_usd, "Hrs")
        reduction_usd = -DISCOUNT_RATIO * cost_usd
        yield _line(where, "EdpDiscount", usage_type, 0, reduction_usd, None, "Hrs")
        volume_hours[where] += hours
    for where, hours in volume_hours.items():
        cost_usd = hours * VOLUME_USD_PER_INSTANCE_H
        usage_type = f"{PREFIXES[where[2]]}-Train:VolumeUsage.gp2"
        yield _line(where, "Usage", usage_type, cost_usd / 0.14, cost_usd, cost_usd, "GB-Mo")


def _line(
    where: tuple[datetime, str, str],
    line_type: str,
    usage_type: str,
    amount: float,
    cost_usd: float,
    on_demand_usd: float | None,
    unit: str,
) -> tuple[Any, ...]:
    day, account_id, region = where
    until = min(day + DAY, UNTIL)
    return (
        f"{day:%Y-%m}-01T00:00:00Z",
        MAIN_ACCOUNT,
        account_id,
        line_type,
        f"{day:%Y-%m-%dT%H:%M:%SZ}",
        f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "AmazonSageMaker",
        usage_type,
        "RunInstance",
        f"{amount:.8f}",
        "USD",
        f"{cost_usd:.8f}",
        "" if on_demand_usd is None else f"{on_demand_usd:.8f}",
        unit,
        region,
    )


@cache
def _prices() -> dict[str, list[dict[str, str]]]:
    text = (files("data.reference") / "prices.csv").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        found[row["instance_type"]].append(row)
    return found


@cache
def _price_usd_per_h(instance_type: str, region: str, day: str) -> float:
    """Return the list price that counts, as docs/metrics/list_cost_usd.md ranks them."""

    def rank(row: dict[str, str]) -> tuple[Any, ...]:
        is_in_force = row["effective_from"] <= day
        away = abs(datetime.fromisoformat(day) - datetime.fromisoformat(row["effective_from"]))
        return (
            0 if row["region"] == region else 1 if row["region"] == "us-east-1" else 2,
            row["region"],
            not is_in_force,
            away,
            {"training": 0, "estimate": 2}.get(row["component"], 1),
            row["component"],
            float(row["list_unit_price_usd_per_h"]),
        )

    known = _prices().get(instance_type)
    if not known:
        return UNLISTED_USD_PER_H
    return float(min(known, key=rank)["list_unit_price_usd_per_h"])
