"""A dashboard for the tests of one file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.dashboard import Dashboard, running_dashboard


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard on an empty home."""
    home: Path = tmp_path_factory.mktemp("dashboard") / "home"
    with running_dashboard(home) as running:
        yield running
