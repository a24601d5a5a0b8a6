"""The dataset of prices from a day on: a user's own, and AWS's answers on its list and rates."""

from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.prices.aws_json import AWS_PRICES, LIST_SOURCE, PLAN_SOURCE
from data.files.target import Check, Given, target
from data.tables import TABLES
from data.tables.quoting import literals

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("instance_type", "region", "list_unit_price_usd_per_h", "effective_from")


_AWS_KEYS = {"pricelist", "platoinstancetype", "savingsplanoffering"}


def _is_recognised(head: Head) -> bool:
    if head.file_format == "json" and head.names & _AWS_KEYS:
        return True
    return head.names.issuperset(REQUIRED) and "job_name" not in head.names


def _made(given: Given) -> dict[str, str]:
    return {
        "component": f"coalesce({given.sql('component')}, 'training')",
        "source": f"coalesce({given.sql('source')}, 'your price file')",
    }


def _mark_stale(cursor: "duckdb.DuckDBPyConnection") -> None:
    # any job may have been priced by what has changed; no job is, by the rate of a plan
    cursor.execute(
        """
        insert into stale_jobs select job_id from training_jobs
        where exists (select 1 from changed where component <> 'savings_plan')
        """
    )


DATASET = Dataset(
    kind="prices",
    label="prices",
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
    forms=(AWS_PRICES,),
    is_recognised=_is_recognised,
    # AWS's own answers are what AWS's list says, and not what somebody pays
    constants={
        "is_users": f"coalesce(source not in ({literals((LIST_SOURCE, PLAN_SOURCE))}), true)"
    },
    on_change=_mark_stale,
)
