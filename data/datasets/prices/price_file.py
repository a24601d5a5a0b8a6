"""A user's own price file: instance types, regions and prices from a day on."""

from pathlib import Path

import duckdb

from data.errors import StokerError

REQUIRED = ("instance_type", "region", "list_unit_price_usd_per_h", "effective_from")
OPTIONAL = ("component", "source", "note")


def is_price_file(head: bytes) -> bool:
    """Whether a file's first line names the columns of a price file."""
    first_line = head.split(b"\n", 1)[0].decode("utf-8", "replace").lower()
    names = {name.strip().strip('"') for name in first_line.split(",")}
    return set(REQUIRED) <= names and "job_name" not in names


def stage(connection: duckdb.DuckDBPyConnection, path: Path, file_format: str) -> None:
    """Type the price rows at `path` into the parser's table `checked`.

    Raises:
        StokerError: the file is no delimited text, or lacks a column.
    """
    if file_format != "delimited":
        raise StokerError(
            "A price file must be CSV text.",
            next_action=f"Write it with the columns {', '.join(REQUIRED)}.",
        )
    connection.execute(
        """
        create temp table price_rows as
        select row_number() over () as row_number, * from read_csv(
            $path, all_varchar = true, header = true, null_padding = true, strict_mode = false,
            delim = ',', quote = '"'
        )
        """,
        {"path": str(path)},
    )
    described = connection.execute("describe price_rows").fetchall()
    present = {str(column[0]).lower() for column in described}
    missing = [name for name in REQUIRED if name not in present]
    if missing:
        raise StokerError(
            f"The price file has no column {', '.join(missing)}.",
            next_action=f"It needs {', '.join(REQUIRED)}.",
        )
    optional = ", ".join(
        f"{name if name in present else 'null::varchar'} as {name}" for name in OPTIONAL
    )
    connection.execute(
        f"""
        create table checked as
        with typed as (
            select
                row_number,
                trim(instance_type) as instance_type,
                trim(region) as region,
                parse_number(list_unit_price_usd_per_h) as list_unit_price_usd_per_h,
                try_cast(trim(effective_from) as date) as effective_from,
                {optional},
                to_json(price_rows)::varchar as "raw"
            from price_rows
        )
        select
            *,
            case
                when coalesce(instance_type, '') not like 'ml.%'
                    then 'instance_type is not a SageMaker type such as ml.g5.2xlarge.'
                when coalesce(region, '') = '' then 'region is empty.'
                when list_unit_price_usd_per_h is null or list_unit_price_usd_per_h < 0
                    then 'list_unit_price_usd_per_h is not a number of 0 or more.'
                when effective_from is null then 'effective_from is not a date such as 2026-07-01.'
            end as reason,
            case when reason is not null
                then 'Correct the row, and take the file in again.' end as next_action
        from typed
        """
    )


def merge(
    cursor: duckdb.DuckDBPyConnection, parsing: duckdb.DuckDBPyConnection, run_id: int
) -> int:
    """Add the checked prices; every job's costs are then out of date. Return how many."""
    accepted = parsing.sql("from checked where reason is null").to_arrow_table()
    cursor.register("accepted_prices", accepted)
    cursor.execute(
        """
        insert into prices
        select instance_type, region, coalesce(component, 'training'), list_unit_price_usd_per_h,
            null, null, effective_from, null, coalesce(source, 'your price file'), note, true,
            $run_id
        from accepted_prices
        """,
        {"run_id": run_id},
    )
    cursor.unregister("accepted_prices")
    cursor.execute("insert into stale_jobs select job_id from training_jobs")
    return int(accepted.num_rows)
