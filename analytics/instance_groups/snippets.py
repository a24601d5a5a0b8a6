"""An advised cluster in the forms that people ask for it in, and what else they must do."""

import json

from analytics.instance_groups.candidates import Candidate
from analytics.instance_groups.texts import CPU_GROUP, HOST_GROUP, named_groups, resources

TO_DO = f"""\
1. Read current_group_name in /opt/ml/input/config/resourceconfig.json, and start by group:
   the training code on {HOST_GROUP}, the data service on {CPU_GROUP}.
2. Serve preprocessed batches from {CPU_GROUP}: tf.data service for TensorFlow, a data loader
   over gRPC for PyTorch. Host names of the groups are in the same file.
3. End the data service when training ends: the job, and its bill, go on until every host exits.
4. Give settings of distributed training to {HOST_GROUP} only.
5. Remove the keep-alive period and managed spot: heterogeneous clusters accept neither.
6. Run it once, import the step times, and compare before you switch."""


def snippets(candidate: Candidate) -> dict[str, str]:
    """Return every form, by what it is for."""
    found = {"sdk": _sdk(candidate), "api": json.dumps(resources(candidate), indent=2)}
    if candidate.cpu.groups:
        found["to_do"] = TO_DO
    return found


def _sdk(candidate: Candidate) -> str:
    if len(candidate.host.groups) == 1 and not candidate.cpu.groups:
        name, count = candidate.host.groups[0]
        arguments = f"    instance_type={name!r},\n    instance_count={count},\n"
        return f"estimator = Estimator(\n{arguments}    ...,\n)"
    groups = "".join(
        f"        InstanceGroup({group!r}, {name!r}, {count}),\n"
        for group, name, count in named_groups(candidate)
    )
    return (
        "from sagemaker.instance_group import InstanceGroup\n\n"
        f"estimator = Estimator(\n    instance_groups=[\n{groups}    ],\n    ...,\n)"
    )
