"""The scenarios of the page in its URL: short texts, so that a link shows the same comparison."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from analytics.share_replay.scenario import Scenario
from analytics.share_replay.scenario_files import format_scenario, parse_scenario
from data.errors import StokerError
from pages.kit.canvas import Canvas

WHAT_IF = "what_if"
MOST = 3
_LONGEST_BYTES = 200_000


def written(scenario: Scenario) -> str:
    """Return a scenario as a text for the URL."""
    packed = zlib.compress(format_scenario(scenario).encode(), 9)
    return urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str) -> Scenario | None:
    """Return the scenario of a text of the URL; None where it is none."""
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        document = zlib.decompressobj().decompress(packed, _LONGEST_BYTES)
        return parse_scenario(document.decode())
    except (ValueError, zlib.error, StokerError):
        return None


def what_ifs(canvas: Canvas) -> tuple[list[Scenario], int]:
    """Return the scenarios of the URL, and how many of its texts are none."""
    texts = canvas.params.get(WHAT_IF, [])[:MOST]
    found = [read(text) for text in texts]
    known = [scenario for scenario in found if scenario is not None]
    return known, len(found) - len(known)


def keep(canvas: Canvas, scenarios: Sequence[Scenario]) -> None:
    """Make these the scenarios of the URL."""
    if scenarios:
        canvas.params[WHAT_IF] = [written(scenario) for scenario in scenarios[:MOST]]
    else:
        canvas.write(WHAT_IF, None)
