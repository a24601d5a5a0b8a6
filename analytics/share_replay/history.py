"""The history that a replay starts from: the jobs of a queue, and the settings in force."""

from analytics.query import Filters
from analytics.share_replay.requests import Requests
from analytics.share_replay.scenario import Scenario
from data.store.reader import Reader


def load_requests(reader: Reader, filters: Filters, capacity_unit: str = "instances") -> Requests:
    """Return the jobs that pass the filters (of view queue_jobs), in the order of requests."""
    raise NotImplementedError


def scenario_in_force(reader: Reader, filters: Filters) -> Scenario:
    """Return the settings in force as far as they are known: policy, capacity, shares.

    Its `capacity` is empty where nothing says it.
    """
    raise NotImplementedError
