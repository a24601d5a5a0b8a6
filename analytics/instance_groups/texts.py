"""Why a candidate is predicted to be as fast as it is, and the setting that asks for it."""

import json
from collections.abc import Mapping

import numpy as np

from analytics.instance_groups.advice import Advice
from analytics.instance_groups.candidates import HETEROGENEOUS, SCALE_UP, Candidate
from analytics.instance_groups.diagnosis import per_cent, per_cent_of

HOST_GROUP, CPU_GROUP = "dnn_group", "data_group"  # as AWS's own samples call them


def rationale(advice: Advice, place: int) -> str:
    """Return why a candidate is where it is, in sentences."""
    candidate = advice.candidates[place]
    if place == 0:
        return _of_unchanged(advice)
    host, cpu = candidate.host, candidate.cpu
    sentences = []
    if "CPU utilization" not in advice.missing:
        sentences.append(
            f"The CPU work of a step takes {advice.cpu_ms[place]:,.0f} ms on"
            f" {host.vcpu + cpu.vcpu:,.0f} vCPUs"
        )
    if "GPU utilization" not in advice.missing and host.accelerators > 0:
        sentences.append(
            f"the accelerator work {advice.accelerator_ms[place]:,.0f} ms on"
            f" {host.accelerators:,.0f}"
        )
    text = (", ".join(sentences) or "Nothing is known of the step") + "."
    text = text[0].upper() + text[1:]
    if advice.missing:
        return f"{text} A bound, not ranked: {_unknown(advice)}"
    if candidate.kind == HETEROGENEOUS:
        text += " " + _efficiency(advice)
    if candidate.kind == SCALE_UP and host.accelerators > advice.own.host.accelerators:
        text += " More accelerators are taken to share the work evenly."
    if np.isnan(advice.cost_usd[place]):
        text += " Not ranked: an instance type has no price."
    return text


def _of_unchanged(advice: Advice) -> str:
    base = advice.base
    text = f"As measured: {base.step_ms:,.0f} ms, {per_cent(base.cpu, 'CPU')}"
    if advice.own.host.accelerators > 0:
        text += f", {per_cent(base.accelerator, 'GPU')}"
        needed = advice.needed_vcpu[0]
        if needed > advice.own.host.vcpu + advice.own.cpu.vcpu:
            text += (
                f". To keep {advice.own.host.accelerators:,.0f} accelerators busy takes"
                f" {needed:,.0f} vCPUs; there are"
                f" {advice.own.host.vcpu + advice.own.cpu.vcpu:,.0f}"
            )
    return f"{text}. {_unknown(advice)}" if advice.missing else f"{text}."


def _unknown(advice: Advice) -> str:
    names = " and ".join(advice.missing)
    if advice.missing == ("GPU utilization",):
        return (
            f"{names} is unknown, so the accelerators may turn out to be the limit at any step"
            " time from there up to the measured one. Measure GPUUtilization first."
        )
    return f"{names} unknown, so what limits the step is too. Measure utilization first."


def _efficiency(advice: Advice) -> str:
    fitted = advice.fit
    share = f"{fitted.model.efficiency:.2f}"
    if not fitted.others:
        return (
            f"A vCPU of an added host is taken to do as much as one of the training host, or"
            f" {fitted.low:.2f} to {fitted.high:.2f} of it: one configuration does not tell."
        )
    text = f"A vCPU of an added host does {share} of the work of one of the training host"
    text += (
        f" ({fitted.low:.2f} to {fitted.high:.2f}), fitted to {fitted.others + 1} configurations."
    )
    if not np.isnan(fitted.error):
        text += (
            f" Left out in turn, they were predicted with an error of {per_cent_of(fitted.error)}."
        )
    return text


def setting(candidate: Candidate) -> str:
    """Return the part of CreateTrainingJob's request that asks for a cluster, as JSON."""
    return json.dumps({"ResourceConfig": resources(candidate)})


def resources(candidate: Candidate) -> Mapping[str, object]:
    """Return the instances of a request: one type, or groups."""
    if len(candidate.host.groups) == 1 and not candidate.cpu.groups:
        name, count = candidate.host.groups[0]
        return {"InstanceType": name, "InstanceCount": count}
    return {
        "InstanceGroups": [
            {"InstanceGroupName": group, "InstanceType": name, "InstanceCount": count}
            for group, name, count in named_groups(candidate)
        ]
    }


def named_groups(candidate: Candidate) -> list[tuple[str, str, int]]:
    """Return the groups of a cluster, each with a name of its own; CPU hosts first."""
    named = []
    for usual, groups in ((CPU_GROUP, candidate.cpu.groups), (HOST_GROUP, candidate.host.groups)):
        for number, (name, count) in enumerate(groups, start=1):
            named.append((usual if len(groups) == 1 else f"{usual}_{number}", name, count))
    return named
