"""What time it is for a home: now, or in the demo the moment at which its history ends."""

from datetime import UTC, datetime

from data.store.home import Home


def now_of(home: Home) -> datetime:
    """Return the instant that counts as now."""
    if home.is_demo:
        from data.demo.pools import AS_OF_MS  # draws with NumPy, which else need not be loaded

        return datetime.fromtimestamp(AS_OF_MS / 1000, UTC)
    return datetime.now(UTC)
