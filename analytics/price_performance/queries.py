"""The queries of price-performance: configurations against a baseline, and how they are paid."""

from analytics.parameters import Choice, Instant, Number, Parameter, Text
from analytics.query import Query
from analytics.relations import STEP_TIMES
from analytics.vocabulary import PRICE_VIEWS

PARAMETERS: dict[str, Parameter] = {
    "baseline": Text("configuration to compare with; empty: the first one with fewest groups"),
    "as_of": Instant("day whose prices count; empty: of the workload's newest run"),
    "region": Text("region whose prices count; empty: where each was measured"),
    "steps_per_epoch": Number("steps of an epoch of the baseline; empty: unknown"),
}
TERMS: dict[str, Parameter] = {
    "savings_plan_discount_ratio": Number(
        "what Savings Plans take off the list price, 0 to 1; empty: the setting, else unknown",
        highest=0.99,
    ),
    "spot_saving_ratio": Number(
        "part of the training seconds that spot is not billed for, 0 to 1; empty: of your own"
        " spot jobs",
        highest=0.99,
    ),
    "training_plan_type": Text("instance type that your training plan reserves"),
    "training_plan_fee_usd": Number("its upfront fee, USD; empty: unknown"),
    "training_plan_instance_h": Number("instances x hours that it reserves; empty: unknown"),
}

COMPARED = Query(
    "price_performance",
    "one configuration of a workload",
    (
        "workload",
        "configuration",
        "cluster_label",
        "list_unit_price_usd_per_h",
        "step_time_ms",
        "step_time_low_ms",
        "step_time_high_ms",
        "step_time_median_ms",
        "step_count",
        "sample_count",
        "run_count",
        "samples_per_step",
        "list_cost_per_100_steps_usd",
        "list_cost_per_epoch_usd",
        "list_cost_per_million_samples_usd",
        "price_view",
        "paid_usd_per_h",
        "cost_per_100_steps_usd",
        "cost_per_epoch_usd",
        "price_view_note",
        "speedup_ratio",
        "cost_reduction_ratio",
        "cost_reduction_low_ratio",
        "cost_reduction_high_ratio",
        "work_per_usd_gain_ratio",
        "is_on_frontier",
        "is_baseline",
        "comparison",
        "cpu_utilization_ratio",
        "gpu_utilization_ratio",
        "price_date",
        "is_price_estimated",
        "price_note",
    ),
    {
        **PARAMETERS,
        "price_view": Choice("how clusters are paid for", tuple(PRICE_VIEWS), "on_demand"),
        **TERMS,
    },
    relation=STEP_TIMES,
    answer="compare:price_performance",
    finish="Python prices each configuration as it is paid for, and compares it with the"
    " baseline, with 90 % intervals.",
)
VIEWS = Query(
    "price_views",
    "configuration x price view",
    (
        "workload",
        "configuration",
        "cluster_label",
        "price_view",
        "paid_usd_per_h",
        "cost_per_100_steps_usd",
        "cost_per_epoch_usd",
        "cost_reduction_ratio",
        "cost_reduction_low_ratio",
        "cost_reduction_high_ratio",
        "is_on_frontier",
        "price_view_note",
        "price_date",
    ),
    {**PARAMETERS, **TERMS},
    relation=STEP_TIMES,
    answer="compare:price_views",
    sql="price_performance",
    finish="Python prices each configuration in every price view, and compares it with the"
    " baseline.",
)
TRAINING_PLANS = Query(
    "training_plans",
    "one training plan, as it was observed last",
    (
        "account_id",
        "region",
        "training_plan_name",
        "training_plan_arn",
        "status",
        "instance_type",
        "plan_instance_count",
        "plan_in_use_count",
        "plan_starts_at",
        "plan_ends_at",
        "plan_duration_h",
        "upfront_fee_usd",
        "plan_usd_per_h",
        "observed_at",
    ),
    relation=None,
)
QUERIES = (COMPARED, VIEWS, TRAINING_PLANS)
