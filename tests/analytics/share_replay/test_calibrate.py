"""A replay that explains the past is trusted; one that does not says so, and why."""

import numpy as np
import pytest

from analytics.query import Filters
from analytics.share_replay.calibrate import Calibrated, calibrate, is_close
from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.scenario import Scenario
from analytics.share_replay.summary import Calibration
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from tests.analytics.share_replay.recorded import BASE_S, Job, random_jobs, requests_of
from tests.conftest import T0, ask

EXPORT = (
    "job_name,created_at,scheduled_at,training_started_at,training_ended_at,instance_count,"
    "queue_name,share_name,scheduling_priority\n"
)


def as_export(replayed: Replay) -> str:
    """Return an export of jobs of queue `train`, as if they had run as in a replay."""
    assert T0.timestamp() == BASE_S
    requests = replayed.requests
    lines = []
    for job in np.flatnonzero(replayed.is_replayed):
        created, start, end = (
            us[job] / 1e6 for us in (requests.created_us, replayed.start_us, replayed.end_us)
        )
        share = requests.share_names[requests.share[job]]
        lines.append(
            f"{requests.job_name[job]},{created},{start},{start},{end},{requests.size[job]:g},"
            f"train,{share},{requests.priority[job]}"
        )
    return EXPORT + "\n".join(lines) + "\n"


def put_history(store: Store, jobs: list[Job], capacity: float | None, at: Scenario) -> None:
    """Import jobs as if they had run under a scenario, and a capacity."""
    text = as_export(replay(requests_of(jobs), at))
    ingest(store, uploaded("jobs.csv", text.encode()))
    if capacity is not None:
        text = f"queue_name,capacity\ntrain,{capacity}\n"
        ingest(store, uploaded("capacity.csv", text.encode()))


def calibrated(store: Store) -> Calibrated:
    return calibrate(Reader(store), Filters())


def test_a_history_of_the_settings_in_force_is_explained_exactly(store: Store) -> None:
    put_history(store, random_jobs(1, 300), 6, Scenario.of("fifo", 6))
    found = calibrated(store)
    assert found.is_explained
    assert found.errors is not None
    assert found.errors.wait_mean_error_ratio == found.errors.wait_p90_error_ratio == 0
    assert found.contradictions == ()


def test_a_capacity_that_is_too_low_is_named(store: Store) -> None:
    put_history(store, random_jobs(1, 300), 4, Scenario.of("fifo", 8))
    found = calibrated(store)
    assert not found.is_explained
    assert found.worst is not None
    assert found.worst.assumption == "capacity_respected"


@pytest.mark.thorough
def test_backfill_is_named(store: Store) -> None:
    easy = Scenario(
        "fifo", Scenario.of("fifo", 5).capacity, backfill="easy"
    )  # sizes up to 4 of 5: the head often waits
    put_history(store, random_jobs(1, 400), 5, easy)
    found = calibrated(store)
    assert not found.is_explained
    assert found.worst is not None
    assert found.worst.assumption == "no_backfill"


def test_capacity_that_nobody_knows_cannot_be_replayed(store: Store) -> None:
    put_history(store, random_jobs(1, 50), None, Scenario.of("fifo", 8))
    found = calibrated(store)
    assert found.replayed is None
    assert not found.is_explained
    assert found.problem is not None
    assert found.worst is not None
    assert found.worst.assumption == "capacity_known"
    rows = ask(store, "share_replay_assumptions")
    assert rows["assumption"].tolist() == ["capacity_known"]
    assert "form" in rows["next_action"][0]


def test_calibration_as_a_row(store: Store) -> None:
    put_history(store, random_jobs(1, 300), 6, Scenario.of("fifo", 6))
    row = ask(store, "share_replay_explained").iloc[0]
    assert row["is_explained"]
    assert (row["calibration_error_ratio"], row["job_count"]) == (0, 300)
    settings = ask(store, "settings_in_force").iloc[0]
    assert (settings["share_policy"], settings["capacity"]) == ("fifo", 6)
    assert 'policy = "fifo"' in settings["scenario_text"]


def test_a_scenario_file_without_capacity_has_that_in_force(store: Store) -> None:
    put_history(store, random_jobs(1, 300), 6, Scenario.of("fifo", 6))
    rows = ask(store, "share_replay_comparison", scenario='policy = "fair_share"\nname = "Fair"')
    assert rows["scenario_name"].unique().tolist() == ["Settings in force", "Fair"]
    assert (rows["calibration_error_ratio"] == 0).all()


@pytest.mark.parametrize(
    ("mean", "p90", "replayed_s", "observed_s", "is_trusted"),
    [
        (0.06, 0.1, 106, 100, True),
        (0.26, 0.1, 126, 100, False),
        (0.1, 0.4, 110, 100, False),
        (None, None, 30, 0, True),
        (None, None, 300, 0, False),
        (None, None, None, None, False),
    ],
)
def test_trust_ends_at_a_quarter(
    mean: float | None,
    p90: float | None,
    replayed_s: float | None,
    observed_s: float | None,
    is_trusted: bool,
) -> None:
    errors = Calibration(10, replayed_s, observed_s, mean, None, None, p90, *[None] * 6)
    assert is_close(errors) is is_trusted
