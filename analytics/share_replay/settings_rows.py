"""The settings in force, their calibration and what contradicts them, comparisons: as rows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.query import Filters
from analytics.share_replay.calibrate import Calibrated, calibrate
from analytics.share_replay.comparison import comparison
from analytics.share_replay.complete import completed
from analytics.share_replay.history import load_requests
from analytics.share_replay.no_jobs import empty_without_jobs
from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.scenario_files import format_scenario, parse_scenario
from analytics.share_replay.settings_in_force import settings_in_force
from analytics.vocabulary import CODES
from data.errors import WrongUseError
from data.store.reader import Reader

SCENARIOS = ("scenario", "scenario_2", "scenario_3", "scenario_4")


@empty_without_jobs("settings_in_force")
def settings_rows(reader: Reader, filters: Filters, _values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row: the settings in force of the queue, and what says them."""
    settings = settings_in_force(reader, filters)
    scenario = settings.scenario
    return pd.DataFrame(
        [
            {
                "queue_name": settings.queue_name,
                "share_policy": scenario.policy,
                "policy_source": settings.policy_source,
                "capacity": scenario.capacity[-1].capacity if scenario.capacity else None,
                "capacity_unit": scenario.capacity_unit,
                "capacity_source": settings.capacity_source,
                "capacity_change_count": max(len(scenario.capacity) - 1, 0),
                "scenario_text": format_scenario(scenario),
            }
        ]
    )


@empty_without_jobs("share_replay_explained")
def explained_rows(reader: Reader, filters: Filters, _values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row: how far the replay of the settings in force is from what happened."""
    found = calibrate(reader, filters)
    errors = found.errors
    return pd.DataFrame(
        [
            {
                "queue_name": found.settings.queue_name,
                "job_count": errors.job_count if errors else 0,
                "calibration_error_ratio": errors and errors.wait_mean_error_ratio,
                "wait_p90_error_ratio": errors and errors.wait_p90_error_ratio,
                "makespan_error_ratio": errors and errors.makespan_error_ratio,
                "allocation_error_ratio": errors and errors.allocation_error_ratio,
                "is_explained": found.is_explained,
                "assumption": found.worst and found.worst.assumption,
            }
        ]
    )


@empty_without_jobs("share_replay_assumptions")
def assumption_rows(reader: Reader, filters: Filters, _values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row an assumption that the history contradicts, that of most jobs first."""
    return contradiction_frame(calibrate(reader, filters))


def contradiction_frame(found: Calibrated) -> pd.DataFrame:
    """Return what contradicts the settings in force, with what each means and what to do."""
    rows = [
        {
            "assumption": one.assumption,
            "job_count": one.job_count,
            "job_ratio": one.job_ratio,
            "example_job_name": one.example_job_name,
            "explanation": CODES["assumption"][one.assumption].meaning,
            "next_action": CODES["assumption"][one.assumption].next_action,
        }
        for one in found.contradictions
    ]
    names = [
        "assumption",
        "job_count",
        "job_ratio",
        "example_job_name",
        "explanation",
        "next_action",
    ]
    return pd.DataFrame(rows, columns=names)


@empty_without_jobs("share_replay_comparison")
def comparison_rows(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return shares under the settings in force and under up to four scenarios."""
    found = calibrate(reader, filters)
    texts = [values[name] for name in SCENARIOS if values[name]]
    if not texts:
        raise WrongUseError(
            "There is no scenario to compare with the settings in force.",
            next_action="Give a scenario file: --set scenario=FILE.toml.",
        )
    replays = [found.replayed] if found.replayed else []
    for number, text in enumerate(texts, start=1):
        scenario = completed(parse_scenario(text), found.settings.scenario, f"Scenario {number}")
        replays.append(replayed_as(reader, found, scenario))
    rows = comparison(replays)
    error = found.errors.wait_mean_error_ratio if found.errors else None
    return rows.assign(calibration_error_ratio=error)


def replayed_as(reader: Reader, found: Calibrated, scenario: Scenario) -> Replay:
    """Return the replay of a scenario, on the same jobs, in its own unit of capacity."""
    requests = found.requests
    if scenario.capacity_unit != found.settings.scenario.capacity_unit:
        requests = load_requests(reader, found.filters, scenario.capacity_unit)
    return replay(requests, scenario)
