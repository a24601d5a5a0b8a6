"""The advised keep-alive period in the forms that people set it in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Self

import pandas as pd

# An estimator of version 2 of the SDK and Compute of version 3 take the same argument.
ARGUMENT = "keep_alive_period_in_seconds"


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a snippet needs to know of a pool; None is unknown."""

    instance_type: str | None
    instance_count: int | None
    volume_size_gib: int | None
    region: str | None
    newest_job_name: str | None

    @classmethod
    def of(cls, advice: Mapping[Any, Any]) -> Self:
        """Return the cluster of a row of `keep_alive_advice`."""

        def whole(name: str) -> int | None:
            return None if pd.isna(advice[name]) else int(advice[name])

        def text(name: str) -> str | None:
            return None if pd.isna(advice[name]) or advice[name] == "" else str(advice[name])

        return cls(
            text("instance_type"),
            whole("instance_count"),
            whole("volume_size_gib"),
            text("region"),
            text("newest_job_name"),
        )


def setting(period_s: int) -> str:
    """Return the part of CreateTrainingJob's request that sets a period, as JSON.

    >>> setting(900)
    '{"ResourceConfig": {"KeepAlivePeriodInSeconds": 900}}'
    """
    return json.dumps({"ResourceConfig": {"KeepAlivePeriodInSeconds": period_s}})


def snippets(period_s: int, cluster: Cluster) -> dict[str, str]:
    """Return every form, by what it is for."""
    instance_type = cluster.instance_type or "<instance type>"
    count = cluster.instance_count or "<instances>"
    size = cluster.volume_size_gib
    resources = {
        "InstanceType": instance_type,
        "InstanceCount": count,
        **({"VolumeSizeInGB": size} if size else {}),
        "KeepAlivePeriodInSeconds": period_s,
    }
    # names come from files: in a command they are quoted
    is_known = cluster.region not in (None, "", "unknown")
    region = f" --region {quote(str(cluster.region))}" if is_known else ""
    in_short = ",".join(f"{name}={value}" for name, value in resources.items())
    newest = quote(cluster.newest_job_name or "<newest job>")
    return {
        "sdk_estimator": f"Estimator(..., {ARGUMENT}={period_s})",
        "sdk_compute": (
            "from sagemaker.train.configs import Compute\n\n"
            f"Compute(instance_type={instance_type!r}, instance_count={count},"
            f" {ARGUMENT}={period_s})"
        ),
        "create_training_job": json.dumps({"ResourceConfig": resources}, indent=2),
        "cli": (
            f"aws sagemaker create-training-job{region} ... \\\n"
            f"  --resource-config {quote(in_short)}"
        ),
        "update_training_job": (
            f"aws sagemaker update-training-job{region} \\\n"
            f"  --training-job-name {newest} \\\n"
            f"  --resource-config KeepAlivePeriodInSeconds={period_s}"
        ),
        "iam_policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "KeepAliveCeiling",
                        "Effect": "Deny",
                        "Action": ["sagemaker:CreateTrainingJob", "sagemaker:UpdateTrainingJob"],
                        "Resource": "*",
                        "Condition": {
                            "NumericGreaterThan": {"sagemaker:KeepAlivePeriod": str(period_s)}
                        },
                    }
                ],
            },
            indent=2,
        ),
    }
