"""Tables of bills: lines as imported, those that count, and each day as billed and computed."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

_DAY_US = 86_400_000_000

BILL_RECORDS = Table(
    "bill_records",
    "One row a line about training of an imported bill",
    (
        Field(COLUMNS["line_item_id"]),
        Field(COLUMNS["payer_account_id"]),
        Field(COLUMNS["account_id"]),
        Field(COLUMNS["region"]),
        Field(COLUMNS["billing_period_at"], is_required=True),
        Field(COLUMNS["bill_format"], is_required=True),
        Field(COLUMNS["bill_delivery"]),
        Field(COLUMNS["bill_part"]),
        Field(COLUMNS["line_type"], is_required=True),
        Field(COLUMNS["charge_category"], is_required=True),
        Field(COLUMNS["service_name"], is_required=True),
        Field(COLUMNS["usage_type"]),
        Field(COLUMNS["usage_operation"]),
        Field(COLUMNS["resource_id"]),
        Field(COLUMNS["instance_type"]),
        Field(COLUMNS["usage_started_at"], is_required=True),
        Field(COLUMNS["usage_ended_at"], is_required=True),
        Field(COLUMNS["usage_amount"]),
        Field(COLUMNS["usage_unit"]),
        Field(COLUMNS["billed_cost_usd"], is_required=True),
        Field(COLUMNS["effective_cost_usd"]),
        Field(COLUMNS["on_demand_cost_usd"]),
        Field(COLUMNS["input_seq"], merge=Merge.RECORD),
        Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
    ),
)

USAGE_TYPE_PATTERNS = Table(
    "usage_type_patterns",
    "What usage types of bills stand for, each pattern with its source",
    (
        Field(COLUMNS["usage_type_pattern"], is_required=True, merge=Merge.KEY),
        Field(COLUMNS["line_kind"], is_required=True),
        Field(COLUMNS["as_of_date"], is_required=True),
        Field(COLUMNS["source"], is_required=True),
        Field(COLUMNS["note"]),
    ),
)

# AWS delivers the bill of a month again and again, whole each time, under ids of lines that change:
# of an account and month, what came last counts. Files of one delivery with other numbers are parts
# of it, and so are files without any number that cover other days.
COST_LINE_ITEMS = Table(
    "cost_line_items",
    "One row a line about training of the newest delivery of each account and billing period",
    tuple(Field(COLUMNS[name], merge=Merge.STORE) for name in (*BILL_RECORDS.names, "line_kind")),
    select="""
        with files as (
            select
                payer_account_id, account_id, billing_period_at, bill_format, bill_delivery,
                bill_part, import_id,
                min(usage_started_at) as first_at, max(usage_ended_at) as last_at
            from bill_records
            group by all
        ),
        replaced as (
            select distinct older.payer_account_id, older.account_id, older.billing_period_at,
                older.import_id
            from files as older
            inner join files as newer on
                older.billing_period_at = newer.billing_period_at
                and older.account_id is not distinct from newer.account_id
                and older.payer_account_id is not distinct from newer.payer_account_id
                and older.import_id < newer.import_id
            where older.bill_format <> newer.bill_format
                or older.bill_delivery is distinct from newer.bill_delivery
                or older.bill_part = newer.bill_part
                or (older.bill_part is null or newer.bill_part is null)
                    and older.first_at < newer.last_at and newer.first_at < older.last_at
        ),
        kinds as (
            select usage_type, arg_min(line_kind, case line_kind
                when 'warm_pool' then 0 when 'storage' then 1 else 2 end) as line_kind
            from (select distinct usage_type from bill_records)
            inner join usage_type_patterns on
                regexp_matches(usage_type, usage_type_pattern, 'i')
            group by usage_type
        )
        select record.*, coalesce(kinds.line_kind, 'other') as line_kind
        from bill_records as record
        left join kinds using (usage_type)
        where not exists (
            select 1 from replaced
            where record.import_id = replaced.import_id
                and record.billing_period_at = replaced.billing_period_at
                and record.account_id is not distinct from replaced.account_id
                and record.payer_account_id is not distinct from replaced.payer_account_id
        )
    """,
)

# what lies in several days is split by time, so that the sum stays
_PER_DAY = f"""
    unnest(range(
        start_us // {_DAY_US},
        greatest(start_us, end_us - 1) // {_DAY_US} + 1
    )) as day_no
"""
_SHARE = f"""
    case when end_us > start_us then
        (least(end_us, (day_no + 1) * {_DAY_US}) - greatest(start_us, day_no * {_DAY_US}))::double
        / (end_us - start_us)
    else 1 end
"""

COST_DAYS = Table(
    "cost_days",
    "One row a day and line of a bill, or part of a job: what was billed, what is computed",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in (
            "day_at",
            "is_billed",
            "account_id",
            "region",
            "instance_type",
            "line_kind",
            "charge_category",
            "billed_cost_usd",
            "effective_cost_usd",
            "on_demand_cost_usd",
            "usage_ended_at",
            "computed_run_usd",
            "computed_retained_usd",
            "is_price_estimated",
            "unknown_price_job_count",
            "unknown_billable_job_count",
            "unknown_retained_job_count",
        )
    ),
    select=f"""
        with billed as (
            select *, epoch_us(usage_started_at) as start_us, epoch_us(usage_ended_at) as end_us
            from cost_line_items
        ),
        billed_days as (select *, {_PER_DAY} from billed),
        parts as (
            select
                account_id, region, instance_type, is_price_estimated,
                epoch_us(coalesce(training_started_at, created_at)) as start_us,
                epoch_us(coalesce(training_ended_at, training_started_at, created_at)) as end_us,
                list_cost_usd as computed_run_usd, null::double as computed_retained_usd
            from job_facts where list_cost_usd is not null
            union all
            select
                account_id, region, instance_type, is_price_estimated,
                epoch_us(coalesce(training_ended_at, training_started_at, created_at)),
                epoch_us(coalesce(training_ended_at, training_started_at, created_at))
                    + (retained_s * 1000000)::bigint,
                null, retained_cost_usd
            from job_facts where retained_cost_usd is not null
        ),
        part_days as (select *, {_PER_DAY} from parts)
        select
            make_timestamptz(day_no * {_DAY_US}) as day_at, true as is_billed,
            account_id, region, instance_type, line_kind, charge_category,
            billed_cost_usd * {_SHARE} as billed_cost_usd,
            effective_cost_usd * {_SHARE} as effective_cost_usd,
            on_demand_cost_usd * {_SHARE} as on_demand_cost_usd,
            usage_ended_at, null::double as computed_run_usd,
            null::double as computed_retained_usd, null::boolean as is_price_estimated,
            0::bigint as unknown_price_job_count, 0::bigint as unknown_billable_job_count,
            0::bigint as unknown_retained_job_count
        from billed_days
        union all
        select
            make_timestamptz(day_no * {_DAY_US}), false, account_id, region, instance_type, null,
            null, null, null, null, null,
            computed_run_usd * {_SHARE}, computed_retained_usd * {_SHARE}, is_price_estimated,
            0, 0, 0
        from part_days
        union all
        select
            make_timestamptz(
                epoch_us(coalesce(training_started_at, created_at)) // {_DAY_US} * {_DAY_US}
            ),
            false, account_id, region, instance_type, null, null, null, null, null, null,
            null, null, null,
            (usd_per_h is null and list_cost_usd is null and eligibility <> 'serverless')::bigint,
            (billable_s is null)::bigint,
            (retained_s is null)::bigint
        from job_facts
        where billable_s is null or retained_s is null
            or usd_per_h is null and list_cost_usd is null and eligibility <> 'serverless'
    """,
)
