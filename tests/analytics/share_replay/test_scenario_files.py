"""Scenarios as files and as AWS's JSON: what is written is read back, what is wrong is named."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given, settings

from analytics.share_replay.aws_requests import quota_share, scheduling_policy
from analytics.share_replay.scenario import CapacityStep, Scenario, Share
from analytics.share_replay.scenario_files import format_scenario, parse_capacities, parse_scenario
from analytics.share_replay.snippets import setting
from data.errors import WrongUseError
from tests.analytics.share_replay.test_laws import scenarios, steps


@settings(deadline=None)
@given(scenarios, steps)
def test_a_scenario_is_read_back_as_it_was_written(
    scenario: Scenario, capacity: tuple[CapacityStep, ...]
) -> None:
    assert parse_scenario(format_scenario(scenario)) == scenario
    stepped = replace(scenario, capacity=capacity)
    assert parse_scenario(format_scenario(stepped)) == stepped


def test_capacity_can_change_over_time() -> None:
    text = "capacity = [{ capacity = 10 }, { from = 2026-01-02T00:00:00Z, capacity = 20 }]"
    assert parse_scenario(text).capacity == (
        CapacityStep(None, 10),
        CapacityStep(datetime(2026, 1, 2, tzinfo=UTC), 20),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("capacity = -1", "capacity"),
        ("decay_s = 700000", "604800"),
        ("reservation_ratio = 1", "less than 1"),
        ("[[share]]\nname = 'a'\nweight = 0", "0.0001"),
        ("[[share]]\nname = 'a'\n[[share]]\nname = 'a'", "twice"),
        ("[[share]]\nweight = 1", "name"),
        ("policy = ", "not TOML"),
        ("polcy = 'fifo'", "capacity_unit"),
    ],
)
def test_what_is_wrong_in_a_scenario_is_named(text: str, said: str) -> None:
    with pytest.raises(WrongUseError, match=said):
        parse_scenario(text)


@pytest.mark.parametrize("text", ["share_name,capacity\n", "", "share_name,capacity\na,1\na,2\n"])
def test_a_capacities_file_has_each_share_once(text: str) -> None:
    with pytest.raises(WrongUseError):
        parse_capacities(text)


def test_a_star_stands_for_all_shares_that_begin_so() -> None:
    scenario = Scenario(shares=(Share("team*", weight=0.5), Share("team-a", weight=2)))
    assert scenario.share("team-a").weight == 2
    assert scenario.share("team-b") == Share("team-b", weight=0.5)
    assert scenario.share("other").weight == 1


def test_aws_takes_the_weights_as_json() -> None:
    scenario = Scenario(
        "fair_share", decay_s=3600, reservation_ratio=0.25, shares=(Share("a", 0.5), Share("b"))
    )
    assert json.loads(scheduling_policy(scenario, "mine")) == {
        "name": "mine",
        "fairsharePolicy": {
            "shareDecaySeconds": 3600,
            "computeReservation": 25,
            "shareDistribution": [
                {"shareIdentifier": "a", "weightFactor": 0.5},
                {"shareIdentifier": "b", "weightFactor": 1.0},
            ],
        },
    }


def test_aws_takes_a_quota_as_json() -> None:
    share = Share("a", quota=60, borrow_limit_pct=25, has_in_share_preemption=True)
    assert json.loads(quota_share(share, "ml.p4d.24xlarge")) == {
        "quotaShareArn": "<ARN of a>",
        "capacityLimits": [{"maxCapacity": 60, "capacityUnit": "ml.p4d.24xlarge"}],
        "resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW", "borrowLimit": 25},
        "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
    }
    assert "borrowLimit" not in quota_share(Share("a", quota=1, strategy="LEND"))


def test_a_quota_of_0_is_written_as_aws_takes_it_and_said() -> None:
    """AWS: maxCapacity has a minimum of 1."""
    scenario = Scenario("quota", shares=(Share("a", quota=0), Share("b", quota=4)))
    assert '"maxCapacity": 1' in setting(scenario)
    assert "a was replayed with 0 and has 1 here" in setting(scenario)
    assert "AWS takes no quota" not in setting(Scenario("quota", shares=(Share("a", quota=1),)))


@pytest.mark.parametrize(
    ("operation", "request_json"),
    [
        ("CreateSchedulingPolicy", scheduling_policy(Scenario("quota"), "mine")),
        (
            "CreateSchedulingPolicy",
            scheduling_policy(Scenario("fair_share", shares=(Share("a", 0.5),)), "mine"),
        ),
        ("UpdateQuotaShare", quota_share(Share("a", quota=60), "ml.p4d.24xlarge")),
        ("UpdateQuotaShare", quota_share(Share("a", quota=6, strategy="LEND"), "ml.g5.xlarge")),
        ("UpdateQuotaShare", quota_share(Share("a", quota=0), "ml.g5.xlarge")),
    ],
)
def test_the_json_fits_the_service_model_of_aws(operation: str, request_json: str) -> None:
    shape = get_session().get_service_model("batch").operation_model(operation).input_shape
    assert ParamValidator().validate(json.loads(request_json), shape).generate_report() == ""
