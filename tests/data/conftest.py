"""What differs in tests of the data floor: imports are merged, and not derived."""

import pytest

from analytics.derived.derive import derive
from data.ingest.home_store import Derivation


@pytest.fixture
def derivation(request: pytest.FixtureRequest) -> Derivation | None:
    """Nothing is derived but for tests marked `derived`: they read facts."""
    return derive if request.node.get_closest_marker("derived") else None
