"""`stoker advise`: the changes as a table, everything as JSON."""

import json
from pathlib import Path

import pytest

from analytics.share_replay.replay import replay
from analytics.share_replay.scenario_files import parse_scenario
from tests.analytics.merging.test_merges import process_twice
from tests.analytics.share_replay.recorded import requests_of
from tests.analytics.share_replay.test_calibrate import as_export
from tests.analytics.share_replay.test_search import SILOS, in_turns
from tests.app.conftest import Stoker
from tests.chains import history
from tests.conftest import lines
from tests.runs import P4D
from tests.runs import run as benchmark_run


@pytest.fixture
def advised(run: Stoker, tmp_path: Path) -> Stoker:
    path = tmp_path / "chains.jsonl"
    path.write_bytes(lines(*history(keep_alive_s=3600)))
    assert run("ingest", str(path)).status == 0
    return run


def test_the_table_has_the_changes_with_their_reason_and_setting(advised: Stoker) -> None:
    ran = advised("advise", "--value", "0")
    assert ran.status == 0
    assert "3600 s" in ran.out.splitlines()[2]
    assert "3600 s to 0 s. " in ran.out
    assert "less idle time" in " ".join(ran.out.split())
    assert '{"ResourceConfig": {"KeepAlivePeriodInSeconds": 0}}' in ran.out


def test_json_has_every_form_of_the_setting(advised: Stoker) -> None:
    row, *others = json.loads(advised("advise", "--value", "60", "--format", "json").out)
    # no job read its data otherwise: that is said, without a number
    (untried,) = (other for other in others if other["kind"] == "input_mode")
    assert untried["verdict"] == "not_tried"
    assert untried["net_gain_usd_per_month"] is None
    assert (row["rank"], row["kind"], row["verdict"]) == (1, "keep_alive", "lower")
    period = row["advised_keep_alive_s"]
    assert row["settings"]["sdk_estimator"] == (
        f"Estimator(..., keep_alive_period_in_seconds={period})"
    )
    assert f"KeepAlivePeriodInSeconds={period}" in row["settings"]["cli"]
    asked = json.loads(
        advised(
            "ask", "keep_alive_advice", "--set", "value_of_waiting_usd_per_h=60", "--format", "json"
        ).out
    )
    assert {name: row[name] for name in asked[0]} == asked[0]


def test_gains_are_those_of_the_list_in_every_form(run: Stoker, tmp_path: Path) -> None:
    """A merge's own gain is over its parts' best periods; what the list adds up is over today."""
    path = tmp_path / "jobs.csv"
    path.write_bytes(process_twice())
    assert run("ingest", str(path)).status == 0
    asked = json.loads(run("ask", "advice", "--format", "json").out)
    (listed,) = (row for row in asked if row["kind"] == "merge_pools")
    advised = json.loads(run("advise", "--format", "json").out)
    (row,) = (row for row in advised if row["kind"] == "merge_pools")
    (merge,) = json.loads(run("ask", "pool_merges", "--format", "json").out)
    gain = listed["net_gain_usd_per_month"]
    assert row["net_gain_usd_per_month"] == gain == merge["gain_over_today_usd_per_month"]
    assert merge["net_gain_usd_per_month"] < gain


def test_pools_without_a_change_are_counted(advised: Stoker) -> None:
    ran = advised("advise", "--least-gain", "1000000")
    assert ran.out == ""
    assert "No change for 1 of 1 pools (keep: 1)" in ran.err


def test_settings_of_the_home_are_the_defaults(advised: Stoker, tmp_path: Path) -> None:
    (tmp_path / "home" / "settings.toml").write_text("value_of_waiting_usd_per_h = 60.0")
    by_setting = advised("advise", "--format", "json").out
    assert "assumed" not in by_setting.replace("is_value_assumed", "")
    assert by_setting == advised("advise", "--value", "60", "--format", "json").out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--value", "-1"), "cannot be '-1'"),
        (("--p90-target", "soon"), "cannot be 'soon'"),
        (("--kind", "instance_groups", "--least-gain", "much"), "cannot be 'much'"),
        (("--where", "nothing=1"), "no column 'nothing'"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "--since must be before"),
    ],
)
def test_wrong_use_is_told(advised: Stoker, given: tuple[str, ...], said: str) -> None:
    ran = advised("advise", *given)
    assert ran.status in (1, 2)
    assert said in ran.err
    assert ran.out == ""


def test_nothing_to_advise_on(run: Stoker) -> None:
    ran = run("advise")
    assert (ran.status, ran.out) == (0, "")
    assert "nothing to advise on" in ran.err


def test_shares_are_advised_on_where_the_replay_explains_them(run: Stoker, tmp_path: Path) -> None:
    """Four shares, one busy a day, each with a quarter to itself: together they would wait less."""
    jobs, quotas = tmp_path / "jobs.csv", tmp_path / "capacity.csv"
    jobs.write_text(as_export(replay(requests_of(in_turns(12)), SILOS)))
    quotas.write_text(
        "queue_name,share_name,capacity\ntrain,,16\n"
        + "".join(f"train,{share},4\n" for share in "abcd")
    )
    assert run("ingest", str(jobs), str(quotas)).status == 0
    ran = run("advise", "--kind", "share_settings")
    said = " ".join(ran.out.split())
    assert ran.status == 0
    assert "1. train: One line (FIFO). One line for all uses whatever is free" in said
    assert "the rest confirms it" in said
    assert "off by 0% in the mean wait" in said
    assert "--format json" in ran.err
    rows = json.loads(
        run("advise", "--kind", "share_settings", "--value", "60", "--format", "json").out
    )
    first = rows[0]
    assert (first["rank"], first["kind"], first["verdict"]) == (1, "share_settings", "adopt")
    assert first["net_gain_usd_per_month"] == pytest.approx(60 * first["wait_saved_h_per_month"])
    assert parse_scenario(first["settings"]["scenario"]).name == first["scenario_name"]
    assert first["calibration_error_ratio"] == 0


def test_shares_without_a_queue_have_no_advice(run: Stoker) -> None:
    ran = run("advise", "--kind", "share_settings")
    assert (ran.status, ran.out) == (0, "")
    assert "there is nothing to advise on" in ran.err


@pytest.fixture
def measured(advised: Stoker, tmp_path: Path) -> Stoker:
    bound = {"cpu_utilization_ratio": 1.0, "gpu_utilization_ratio": 0.45, "workload": "tf"}
    path = tmp_path / "runs.jsonl"
    path.write_bytes(lines({**benchmark_run("now", P4D, 192), **bound}))
    assert advised("ingest", str(path)).status == 0
    return advised


def test_one_list_has_the_advice_of_every_kind(measured: Stoker) -> None:
    ran = measured("advise", "--value", "0")
    assert ran.status == 0
    head = ran.out.splitlines()[0].split()
    assert head[:3] == ["rank", "kind", "subject_label"]
    assert "3600 s to 0 s. " in ran.out
    said = " ".join(ran.out.split())
    assert "tf, now: ml.p4d.24xlarge x1 to ml.p4d.24xlarge x1 + ml." in said
    assert '"InstanceGroupName": "data_group"' in said
    rows = json.loads(measured("advise", "--value", "0", "--format", "json").out)
    # a known gain comes before an unknown one: no jobs of the workload say how much it runs
    assert [(row["rank"], row["kind"]) for row in rows] == [
        (1, "keep_alive"),
        (2, "instance_groups"),
        (3, "input_mode"),
    ]
    assert rows[1]["net_gain_usd_per_month"] is None
    assert rows[1]["evidence_page"] == "instance_groups"
    assert set(rows[1]["settings"]) == {"sdk", "api", "to_do"}
    for name in ("subject", "current", "advised", "verdict", "rationale", "setting"):
        assert all(row[name] for row in rows[:2]), name


def test_a_kind_or_a_filter_narrows_the_list(measured: Stoker) -> None:
    def kinds(*given: str) -> list[str]:
        ran = measured("advise", "--format", "json", *given)
        assert ran.status == 0
        return [row["kind"] for row in json.loads(ran.out)]

    assert kinds("--kind", "instance_groups") == ["instance_groups"]
    assert kinds("--kind", "keep_alive", "--kind", "instance_groups") == [
        "keep_alive", "instance_groups",
    ]  # fmt: skip
    assert kinds("--pool", "all") == ["keep_alive"]
    assert kinds("--where", "workload=tf") == ["instance_groups"]
    ran = measured("advise", "--where", "instance_type=ml.g5.2xlarge")
    assert "Without instance_groups: it cannot be filtered by instance_type." in ran.err
