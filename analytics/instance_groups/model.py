"""How long a step takes on a cluster that was never measured: operational laws on one that was.

A resource is busy for utilization x step time x its size in each step: its demand. However well
work overlaps, a step is no shorter than the demand of any resource over the size of it (Denning
and Buzen 1978). What a measured step took beyond that is a rest that no candidate shortens.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MB_PER_GBIT_MS = 0.125
"""What 1 Gbit/s moves in a millisecond, MB."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of one workload, an entry each: local are the vCPUs of the training hosts."""

    local_vcpu: Floats
    remote_vcpu: Floats
    accelerators: Floats
    network_gbit_per_s: Floats
    """What the training hosts can receive; NaN is unknown."""

    @property
    def vcpu(self) -> Floats:
        """All vCPUs."""
        return self.local_vcpu + self.remote_vcpu


@dataclass(frozen=True, slots=True)
class Parts:
    """The least time that each side of a step takes."""

    cpu_ms: Floats
    accelerator_ms: Floats

    @property
    def bound_ms(self) -> Floats:
        """No step is shorter."""
        return np.maximum(self.cpu_ms, self.accelerator_ms)


@dataclass(frozen=True, slots=True)
class StepModel:
    """What a step asks of its cluster; a demand of NaN is unknown, and bounds nothing.

    Args:
        cpu_demand_ms: vCPU-milliseconds.
        accelerator_demand_ms: accelerator-milliseconds.
        rest_ms: time that neither explains.
        efficiency: what a remote vCPU does, of what a local one does.
        saturation: 0: the longer side alone counts; towards 1: both add up.
        scale: so that the measured step comes out.
        mb_per_step: what remote preprocessing sends to the training hosts; NaN is unknown.
    """

    cpu_demand_ms: float
    accelerator_demand_ms: float
    rest_ms: float = 0.0
    efficiency: float = 1.0
    saturation: float = 0.0
    scale: float = 1.0
    mb_per_step: float = float("nan")

    def parts(self, clusters: Clusters) -> Parts:
        """Return the least time of each side."""
        demand_ms = np.nan_to_num(self.cpu_demand_ms)
        if demand_ms == 0:
            cpu_ms = np.zeros(len(clusters.accelerators))
        else:
            # parts of a step that each side preprocesses in a millisecond
            local = clusters.local_vcpu / demand_ms
            remote = self.efficiency * clusters.remote_vcpu / demand_ms
            if not np.isnan(self.mb_per_step) and self.mb_per_step > 0:
                most = clusters.network_gbit_per_s * MB_PER_GBIT_MS / self.mb_per_step
                remote = np.fmin(remote, most)
            cpu_ms = 1 / (local + remote)
        accelerator_demand_ms = np.nan_to_num(self.accelerator_demand_ms)
        accelerator_ms = np.divide(
            accelerator_demand_ms,
            clusters.accelerators,
            out=np.zeros(len(clusters.accelerators)),
            where=clusters.accelerators > 0,
        )
        return Parts(cpu_ms, accelerator_ms)

    def step_ms(self, clusters: Clusters) -> Floats:
        """Return the step time on each cluster."""
        parts = self.parts(clusters)
        smooth = _smooth(parts, self.saturation)
        return np.maximum(parts.bound_ms, self.scale * smooth) + self.rest_ms

    def network_needed_gbit_per_s(self, clusters: Clusters, step_ms: Floats) -> Floats:
        """Return what the training hosts receive of remote preprocessing; NaN if unknown."""
        remote_vcpu = self.efficiency * clusters.remote_vcpu
        part = remote_vcpu / (clusters.local_vcpu + remote_vcpu)
        return np.asarray(part * self.mb_per_step / step_ms / MB_PER_GBIT_MS)

    def needed_vcpu(self, accelerators: Floats) -> Floats:
        """Return the local vCPUs that keep accelerators busy all the time; NaN if unknown."""
        if not self.accelerator_demand_ms > 0:
            return np.full(len(accelerators), np.nan)
        return self.cpu_demand_ms / self.accelerator_demand_ms * accelerators


def measured_model(
    step_ms: float,
    cpu: float,
    accelerator: float,
    cluster: Clusters,
    *,
    efficiency: float = 1.0,
    saturation: float = 0.0,
    mb_per_step: float = float("nan"),
) -> StepModel:
    """Return the model of a measured step; utilizations are 0 to 1, NaN is unknown.

    `cluster` has one entry: where it was measured.
    """
    vcpu = float(cluster.local_vcpu[0] + efficiency * cluster.remote_vcpu[0])
    accelerators = float(cluster.accelerators[0])
    model = StepModel(
        cpu_demand_ms=cpu * step_ms * vcpu,
        accelerator_demand_ms=accelerator * step_ms * accelerators if accelerators else 0.0,
        efficiency=efficiency,
        saturation=saturation,
    )
    parts = model.parts(cluster)
    smooth_ms = float(_smooth(parts, saturation)[0])
    scale = min(1.0, step_ms / smooth_ms) if smooth_ms else 1.0
    explained_ms = max(float(parts.bound_ms[0]), scale * smooth_ms)
    return replace(
        model, scale=scale, rest_ms=max(step_ms - explained_ms, 0.0), mb_per_step=mb_per_step
    )


def _smooth(parts: Parts, saturation: float) -> Floats:
    """Return the p-norm of both sides, with p = 1 / saturation: their maximum where it is 0."""
    if saturation == 0:
        return parts.bound_ms
    longer = parts.bound_ms
    shorter = np.minimum(parts.cpu_ms, parts.accelerator_ms)
    share = np.divide(shorter, longer, out=np.zeros(len(longer)), where=longer > 0)
    return np.asarray(longer * (1 + share ** (1 / saturation)) ** saturation)
