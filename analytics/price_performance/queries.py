"""The query of price-performance: measured configurations of a workload against a baseline."""

from analytics.parameters import Instant, Number, Text
from analytics.query import Query
from analytics.relations import STEP_TIMES

QUERIES = (
    Query(
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
            "baseline": Text(
                "configuration to compare with; empty: the first one with fewest groups"
            ),
            "as_of": Instant("day whose prices count; empty: of the workload's newest run"),
            "region": Text("region whose prices count; empty: where each was measured"),
            "steps_per_epoch": Number("steps of an epoch of the baseline; empty: unknown"),
        },
        relation=STEP_TIMES,
        answer="compare:price_performance",
        finish="Python compares each configuration with the baseline, with 90 % intervals.",
    ),
)
