"""SQL that several queries share, each under the name by which their files call it: {hit_rate}."""

# many times faster than created_at::date, which asks for the time zone of each
CREATED_DAY = "(epoch_us(created_at) // 86_400_000_000)::integer"  # days since 1970
CREATED_DATE = f"date '1970-01-01' + {CREATED_DAY}"

HIT_RATE = """count(*) filter (outcome = 'hit')
        / nullif(count(*) filter (eligibility = 'eligible'), 0)"""

# usual job name, else the key, and the cluster: what a person can tell a pool by
POOL_LABEL = """coalesce(
        nullif(regexp_replace(newest_job_name, '[-_]?[0-9][0-9a-zA-Z-]*$', ''), ''), pool_key
    ) || coalesce(' · ' || instance_type || ' x ' || instance_count, '')"""

CURRENT_KEEP_ALIVE = """max_by(keep_alive_period_s, (created_at, job_name)) filter (
            eligibility = 'eligible' and keep_alive_period_s is not null
        )"""

# whether a pool's jobs have several periods
IS_MIXED = "count(distinct keep_alive_period_s) filter (eligibility = 'eligible') > 1"

# of `needed` (instance_type, region, price_date), the price that counts, as docs/metrics/
# list_cost_usd.md ranks them; where no region is known, the newest one of any
PRICES_ON_DATE = """select
        needed.instance_type,
        needed.region,
        needed.price_date,
        prices.list_unit_price_usd_per_h as type_usd_per_h,
        prices.component = 'estimate' as is_estimated,
        concat_ws(
            ', ',
            case when prices.component = 'estimate' then 'estimate' end,
            case when prices.component not in ('estimate', 'training')
                then 'price of ' || prices.component end,
            case when prices.region <> coalesce(needed.region, 'us-east-1')
                then 'price of ' || prices.region end,
            case when prices.effective_from > needed.price_date
                then 'first known price, from ' || prices.effective_from end
        ) as type_price_note

    from needed

    inner join prices on
        needed.instance_type = prices.instance_type
        and ($use_estimated_prices or prices.component <> 'estimate')

    qualify row_number() over (
        partition by needed.instance_type, needed.region, needed.price_date
        order by
            case when needed.region is null or prices.region = needed.region then 0
                when prices.region = 'us-east-1' then 1
                else 2 end,
            case when needed.region is not null then prices.region end,
            prices.is_users desc,
            prices.effective_from <= needed.price_date desc,
            needed.region is null and prices.component = 'estimate',
            case when prices.effective_from <= needed.price_date
                then needed.price_date - prices.effective_from
                else prices.effective_from - needed.price_date end,
            case prices.component when 'training' then 0 when 'estimate' then 2 else 1 end,
            prices.region <> 'us-east-1',
            prices.region,
            prices.component,
            prices.list_unit_price_usd_per_h
    ) = 1"""

EXPRESSIONS = {
    "created_day": CREATED_DAY,
    "created_date": CREATED_DATE,
    "hit_rate": HIT_RATE,
    "current_keep_alive": CURRENT_KEEP_ALIVE,
    "is_mixed": IS_MIXED,
    "pool_label": POOL_LABEL,
    "prices_on_date": PRICES_ON_DATE,
}
