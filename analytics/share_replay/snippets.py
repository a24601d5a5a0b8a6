"""A scenario's settings in the forms to copy."""

from analytics.share_replay.aws_requests import notes, quota_share, scheduling_policy, service_job
from analytics.share_replay.scenario import Scenario


def setting(scenario: Scenario) -> str:
    """Return the requests to AWS Batch that these settings take; none for one plain line."""
    return (
        "\n".join([*notes(scenario), *snippets(scenario).values()])
        or "A job queue without a scheduling policy."
    )


def snippets(scenario: Scenario) -> dict[str, str]:
    """Return the request of each thing to set, by what it is."""
    if scenario.policy not in ("fair_share", "quota"):
        return {}
    found = {"create_scheduling_policy": scheduling_policy(scenario)}
    if scenario.policy == "quota":
        found |= {
            f"update_quota_share {share.name}": quota_share(share)
            for share in scenario.shares
            if share.name
        }
    return found | {
        f"update_service_job {share.name or 'no share'}": service_job(share)
        for share in scenario.shares
        if share.priority is not None
    }
