"""What tests of the data floor may use: a store whose imports are merged, and not derived."""

from collections.abc import Iterator

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store


@pytest.fixture
def store(home: Home, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An open, empty store. Nothing is derived, but for tests marked `derived`: they read facts."""
    is_derived = request.node.get_closest_marker("derived") is not None
    opened = open_home(home, derivation=derive if is_derived else None)
    yield opened
    opened.close()
