"""The dataset of decisions on advice: dismissed, noted, applied, opened again."""

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.files.target import Check, target
from data.files.values import ValueKind
from data.tables import TABLES
from data.tables.quoting import literals

KIND = "advice_decisions"
DISMISSED, NOTED, APPLIED, REOPENED = "dismissed", "noted", "applied", "reopened"
DECISIONS = (DISMISSED, NOTED, APPLIED, REOPENED)
REQUIRED = ("advice_id", "decided_at", "decision")


def _is_recognised(head: Head) -> bool:
    return head.names.issuperset(REQUIRED)


DATASET = Dataset(
    kind=KIND,
    label="decisions on advice",
    target=target(
        TABLES["advice_log"],
        kinds={"expected_gain_usd_per_month": ValueKind.SIGNED_NUMBER},
        required=REQUIRED,
        without=("input_seq",),
        checks=(
            Check(
                f"decision not in ({literals(DECISIONS)})",
                "decision || ' is no decision on advice.'",
                f"Use one of: {', '.join(DECISIONS)}.",
                about=("decision",),
            ),
            Check(
                f"decision = '{APPLIED}' and applied_at is null",
                "'It does not say from when on the advice was applied.'",
                "Give applied_at, or use another decision.",
                about=("decision", "applied_at"),
            ),
        ),
    ),
    policy=WritePolicy.REPLACE,
    is_recognised=_is_recognised,
    time_column="decided_at",
)
