"""The dataset of a user's own prices: instance types, regions and prices from a day on."""

from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.files.target import Check, Given, target
from data.tables import TABLES

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("instance_type", "region", "list_unit_price_usd_per_h", "effective_from")


def _is_recognised(head: Head) -> bool:
    return head.names.issuperset(REQUIRED) and "job_name" not in head.names


def _made(given: Given) -> dict[str, str]:
    return {
        "component": f"coalesce({given.sql('component')}, 'training')",
        "source": f"coalesce({given.sql('source')}, 'your price file')",
    }


def _mark_stale(cursor: "duckdb.DuckDBPyConnection") -> None:
    # any job may have been priced by what has changed
    cursor.execute("insert into stale_jobs select job_id from training_jobs")


DATASET = Dataset(
    kind="prices",
    label="your own prices",
    target=target(
        TABLES["prices"],
        without=("low_usd_per_h", "high_usd_per_h", "as_of_date"),
        required=REQUIRED,
        checks=(
            Check(
                "not starts_with(instance_type, 'ml.')",
                "'instance_type is not a SageMaker type such as ml.g5.2xlarge.'",
                "Correct the row, and import the file again.",
                about=("instance_type",),
            ),
        ),
        made=_made,
    ),
    policy=WritePolicy.REPLACE,
    is_recognised=_is_recognised,
    constants={"is_users": "true"},
    on_change=_mark_stale,
)
