"""The answers of the share replay's queries: settings, replay, and rows."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.query import Filters
from analytics.share_replay.bands import usage_bands
from analytics.share_replay.history import load_requests, queue_names
from analytics.share_replay.no_jobs import empty_without_jobs
from analytics.share_replay.replay import WAIT_CAUSES, Replay, replay
from analytics.share_replay.requests import UNKNOWN, Int64s
from analytics.share_replay.scenario import CapacityStep, Scenario
from analytics.share_replay.scenario_files import parse_capacities, parse_scenario
from analytics.share_replay.settings_in_force import scenario_in_force
from analytics.share_replay.summary import calibration, share_summary, wait_causes
from data.errors import WrongUseError
from data.store.reader import Reader


def scenario_of(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> Scenario:
    """Return the settings that a query gives: a scenario file, else those in force, then its own.

    Raises:
        WrongUseError: a capacity is needed that nothing says, or a file is wrong.
    """
    text = values["scenario"]
    unit = values["capacity_unit"] or "instances"
    scenario = parse_scenario(text) if text else Scenario()
    if not values["capacity_unit"] and text:
        unit = scenario.capacity_unit
    in_force = scenario_in_force(reader, filters, unit)
    if not text:
        scenario = in_force
    elif not scenario.capacity:
        scenario = replace(scenario, capacity=in_force.capacity)
    changes: dict[str, Any] = {
        name: values[name] for name in ("policy", "scope", "backfill") if values[name]
    }
    if values["capacity"] is not None:
        changes["capacity"] = (CapacityStep(None, float(values["capacity"])),)
    if values["capacities"]:
        changes["share_capacities"] = parse_capacities(values["capacities"])
        changes.setdefault("scope", "share")
    scenario = replace(scenario, capacity_unit=unit, **changes)
    if scenario.scope == "queue" and not scenario.capacity:
        names = queue_names(reader, filters)
        if len(names) > 1:
            raise WrongUseError(
                f"The jobs are of several queues ({', '.join(names[:5])}).",
                next_action="Choose one, as in --where queue_name=NAME, or give --set capacity=.",
            )
        raise WrongUseError(
            "No record says how much capacity the queue has.",
            next_action="Give it, as in --set capacity=128, or import a capacity file.",
        )
    return scenario


def replay_of(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> Replay:
    """Return the replay that a query asks for."""
    scenario = scenario_of(reader, filters, values)
    return replay(load_requests(reader, filters, scenario.capacity_unit), scenario)


@empty_without_jobs("share_replay")
def share_replay(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a job, in the order of requests."""
    return job_rows(replay_of(reader, filters, values))


def job_rows(found: Replay) -> pd.DataFrame:
    """Return a replay as rows, a job each."""
    requests = found.requests
    is_replayed = found.is_replayed
    names = np.array([name or None for name in requests.share_names], dtype=object)
    frame = pd.DataFrame(
        {
            "job_name": pd.Series(requests.job_name, dtype="str"),
            "share_name": pd.Series(names[requests.share] if len(names) else [], dtype="str"),
            "scheduling_priority": requests.priority,
            "requested_capacity": requests.size,
            "created_at": _instants(requests.created_us),
            "started_at": _instants(found.start_us),
            "ended_at": _instants(found.end_us),
            "queue_wait_s": found.wait_s,
            "preempted_count": found.preempted_count,
            "lost_s": found.lost_s,
            "observed_wait_s": requests.observed_wait_s,
        }
    )
    for column, cause in enumerate(WAIT_CAUSES):
        frame[f"{cause}_s"] = np.where(is_replayed, found.cause_s[:, column], np.nan)
    frame["replay_note"] = pd.Series([note or None for note in found.note.tolist()], dtype="str")
    return frame


@empty_without_jobs("share_replay_summary")
def share_replay_summary(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row a share."""
    return share_summary(replay_of(reader, filters, values))


@empty_without_jobs("share_replay_causes")
def share_replay_causes(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row a share and cause of waiting."""
    return wait_causes(replay_of(reader, filters, values))


@empty_without_jobs("share_replay_bands")
def share_replay_bands(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a share and step of time."""
    return usage_bands(replay_of(reader, filters, values), float(values["step_s"] or 3600))


@empty_without_jobs("share_replay_calibration")
def share_replay_calibration(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row: a replay beside what happened."""
    return pd.DataFrame([asdict(calibration(replay_of(reader, filters, values)))])


def _instants(at_us: Int64s) -> pd.Series:
    times = np.where(at_us == UNKNOWN, np.datetime64("NaT"), at_us.astype("datetime64[us]"))
    return pd.Series(pd.to_datetime(times, utc=True))
