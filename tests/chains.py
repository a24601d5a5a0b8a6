"""Made-up history: a chain of jobs a day, each asking some seconds after the one before ended."""

import random
from typing import Any

from tests.conftest import describe_job

DAY_S = 86_400
# provisioning and download, and run of each job, s
STARTUP_S, RUN_S = 90, 600


def history(
    *, days: int = 20, a_day: int = 3, keep_alive_s: int | None = 60, seed: int = 1, **fields: Any
) -> list[dict[str, Any]]:
    """Return chains of jobs, one a day; each job asks some seconds after the one before ended."""
    chance = random.Random(seed)
    resources = fields.pop("ResourceConfig", {})
    if keep_alive_s is not None:
        resources = {"KeepAlivePeriodInSeconds": keep_alive_s, **resources}
    jobs = []
    for day in range(days):
        created = day * DAY_S
        for place in range(a_day):
            jobs.append(
                describe_job(
                    f"j-{day:03}-{place}", created=created, ResourceConfig=resources, **fields
                )
            )
            created += STARTUP_S + RUN_S + chance.randint(5, 700)
    return jobs
