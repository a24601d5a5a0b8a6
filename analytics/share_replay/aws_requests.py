"""A scenario's settings as the JSON that AWS Batch takes.

Shapes: CreateSchedulingPolicy, UpdateQuotaShare and UpdateServiceJob of the API 2016-08-10.
Nothing here calls AWS.
"""

import json
from collections.abc import Sequence
from typing import Any

from analytics.share_replay.scenario import UNLIMITED, Scenario, Share


def scheduling_policy(scenario: Scenario, name: str = "<policy name>") -> str:
    """Return the request of CreateSchedulingPolicy for fair-share and quota scenarios, as JSON.

    >>> print(scheduling_policy(Scenario("quota")))
    {
      "name": "<policy name>",
      "quotaSharePolicy": {
        "idleResourceAssignmentStrategy": "FIFO"
      }
    }
    """
    if scenario.policy == "quota":
        policy: dict[str, Any] = {"quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"}}
    else:
        policy = {
            "fairsharePolicy": {
                "shareDecaySeconds": round(scenario.decay_s),
                "computeReservation": round(scenario.reservation_ratio * 100),
                "shareDistribution": [
                    {"shareIdentifier": share.name, "weightFactor": share.weight}
                    for share in scenario.shares
                    if share.name
                ],
            }
        }
    return json.dumps({"name": name, **policy}, indent=2)


LEAST_QUOTA = 1
"""AWS takes no maxCapacity below it."""


def _max_capacity(share: Share) -> int:
    return max(LEAST_QUOTA, int(share.quota or 0))


def notes(scenario: Scenario) -> Sequence[str]:
    """Return in sentences where the requests cannot say what was replayed.

    >>> for note in notes(Scenario("quota", shares=(Share("a", quota=0), Share("b", quota=4)))):
    ...     print(note)
    AWS takes no quota below 1: a was replayed with 0 and has 1 here. Take it from another share.
    """
    if scenario.policy != "quota":
        return []
    lifted = ", ".join(
        f"{share.name} was replayed with {share.quota or 0:g} and has {LEAST_QUOTA} here"
        for share in scenario.shares
        if share.name and (share.quota or 0) < LEAST_QUOTA
    )
    return (
        [f"AWS takes no quota below {LEAST_QUOTA}: {lifted}. Take it from another share."]
        if lifted
        else []
    )


def quota_share(share: Share, capacity_unit: str = "<instance type>") -> str:
    """Return the request of UpdateQuotaShare for one share, as JSON.

    AWS counts a quota share's capacity by instance type.
    """
    sharing: dict[str, Any] = {"strategy": share.strategy}
    if share.strategy == "LEND_AND_BORROW":
        sharing["borrowLimit"] = (
            int(UNLIMITED) if share.borrow_limit_pct == UNLIMITED else round(share.borrow_limit_pct)
        )
    request = {
        "quotaShareArn": f"<ARN of {share.name}>",
        "capacityLimits": [{"maxCapacity": _max_capacity(share), "capacityUnit": capacity_unit}],
        "resourceSharingConfiguration": sharing,
        "preemptionConfiguration": {
            "inSharePreemption": "ENABLED" if share.has_in_share_preemption else "DISABLED"
        },
    }
    return json.dumps(request, indent=2)


def service_job(share: Share) -> str:
    """Return the request of UpdateServiceJob that gives a waiting job of a share its priority.

    >>> print(service_job(Share("vision", priority=90)))
    {
      "jobId": "<job of vision>",
      "schedulingPriority": 90
    }
    """
    name = share.name or "no share"
    return json.dumps({"jobId": f"<job of {name}>", "schedulingPriority": share.priority}, indent=2)
