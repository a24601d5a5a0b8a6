"""A scenario completed by the settings in force: what it leaves out stays as it is."""

from dataclasses import replace

from analytics.share_replay.scenario import Scenario


def completed(scenario: Scenario, in_force: Scenario, name: str) -> Scenario:
    """Return a scenario with the capacity in force where it has none of its own, and a name."""
    named = replace(scenario, name=scenario.name or name)
    if scenario.capacity or scenario.scope == "share":
        return named
    return replace(named, capacity=in_force.capacity, capacity_unit=in_force.capacity_unit)
