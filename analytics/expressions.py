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

EXPRESSIONS = {
    "created_day": CREATED_DAY,
    "created_date": CREATED_DATE,
    "hit_rate": HIT_RATE,
    "current_keep_alive": CURRENT_KEEP_ALIVE,
    "is_mixed": IS_MIXED,
    "pool_label": POOL_LABEL,
}
