"""What measured configurations say of remote preprocessing and of saturation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from analytics.instance_groups.model import Clusters, StepModel, measured_model

Floats = NDArray[np.float64]

# without a second configuration: of two published ones, one fits 1.22, the other at least 0.82
USUAL_LOW, USUAL, USUAL_HIGH = 0.75, 1.0, 1.25
LEAST, MOST = 0.25, 4.0
SATURATIONS = np.linspace(0.0, 0.5, 11)
FOR_SATURATION = 3  # configurations
# pulls what the measured ones leave open to the usual values, and is too weak for anything else
PULL = 1e-4
# an efficiency is possible if it predicts what was measured as well as this, or as the best one
TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured configuration, a cluster of one entry; utilization NaN is unknown."""

    step_ms: float
    cpu: float
    accelerator: float
    cluster: Clusters


@dataclass(frozen=True, slots=True)
class Fit:
    """The model of a workload, and how far it may be off.

    Args:
        low, high: the efficiencies of remote preprocessing that are possible.
        error: mean error of predictions of one configuration from the others; NaN below three.
        others: how many configurations besides the base it is fitted to.
    """

    model: StepModel
    low: float
    high: float
    error: float
    others: int


def fit(base: Measured, others: list[Measured], mb_per_step: float = float("nan")) -> Fit:
    """Return the model of the base, fitted to the other measured configurations."""
    model, low, high = _fitted(base, others, mb_per_step)
    errors = []
    if len(others) + 1 >= FOR_SATURATION:
        for place, left_out in enumerate(others):
            rest = others[:place] + others[place + 1 :]
            predicted, _, _ = _fitted(base, rest, mb_per_step)
            errors.append(abs(predicted.step_ms(left_out.cluster)[0] / left_out.step_ms - 1))
    return Fit(model, low, high, float(np.mean(errors)) if errors else float("nan"), len(others))


def _fitted(
    base: Measured, others: list[Measured], mb_per_step: float
) -> tuple[StepModel, float, float]:
    def model(log_efficiency: float, saturation: float) -> StepModel:
        return measured_model(
            base.step_ms,
            base.cpu,
            base.accelerator,
            base.cluster,
            efficiency=float(np.exp(log_efficiency)),
            saturation=saturation,
            mb_per_step=mb_per_step,
        )

    has_remote = any(one.cluster.remote_vcpu[0] > 0 for one in others)
    if not others or np.isnan(base.cpu) or not has_remote:
        return model(0.0, 0.0), USUAL_LOW, USUAL_HIGH

    def loss(log_efficiency: float, saturation: float) -> float:
        fitted = model(log_efficiency, saturation)
        errors = [np.log(fitted.step_ms(one.cluster)[0] / one.step_ms) for one in others]
        return float(np.mean(np.square(errors)))

    def pulled(log_efficiency: float, saturation: float) -> float:
        pull = PULL * (log_efficiency**2 + saturation**2)
        return loss(log_efficiency, saturation) + pull

    bounds = (np.log(LEAST), np.log(MOST))
    choices = SATURATIONS if len(others) + 1 >= FOR_SATURATION else SATURATIONS[:1]
    best = min(
        (
            (found.fun, float(found.x), float(saturation))
            for saturation in choices
            for found in [minimize_scalar(pulled, bounds=bounds, args=(saturation,))]
        ),
        key=lambda entry: entry[0],
    )
    _, log_efficiency, saturation = best
    grid = np.linspace(*bounds, 161)
    most = max(TOLERANCE**2, 2 * loss(log_efficiency, saturation))
    possible = [one for one in grid if loss(one, saturation) <= most] + [log_efficiency]
    low, high = float(np.exp(min(possible))), float(np.exp(max(possible)))
    efficiency = float(np.exp(log_efficiency))
    # what was measured may leave one side open: there the usual range is taken
    low = max(low, min(USUAL_LOW, efficiency))
    high = min(high, max(USUAL_HIGH, efficiency * (1 + TOLERANCE)))
    return model(log_efficiency, saturation), low, high
