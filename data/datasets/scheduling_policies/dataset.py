"""The dataset of scheduling policies: answers of describe- and list-scheduling-policies."""

from typing import Any

from data.datasets.answers import TEXT, Answer
from data.datasets.observation import observation


def _record_kind(document: dict[str, Any]) -> str | None:
    if document.keys() & {"fairsharePolicy", "quotaSharePolicy"}:
        return "describe"
    is_listed = ":scheduling-policy/" in str(document.get("arn", ""))
    return "summary" if is_listed else None


SCHEDULING_POLICIES = Answer(
    what="a scheduling policy of AWS Batch",
    command="aws batch describe-scheduling-policies",
    wrappers=("schedulingPolicies",),
    record_kind=_record_kind,
    record={
        "name": TEXT,
        "arn": TEXT,
        "quotaSharePolicy": {"idleResourceAssignmentStrategy": TEXT},
        "fairsharePolicy": {
            "shareDecaySeconds": TEXT,
            "computeReservation": TEXT,
            "shareDistribution": [{"shareIdentifier": TEXT, "weightFactor": TEXT}],
        },
    },
    package="data.datasets.scheduling_policies",
    sql="aws_json.sql",
)

DATASET = observation(
    "scheduling_policies",
    "scheduling policies",
    SCHEDULING_POLICIES,
    table="scheduling_policy_records",
    required=("policy_name",),
    own_keys=("schedulingpolicies", "fairsharepolicy", "quotasharepolicy"),
)
