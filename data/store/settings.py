"""The user's settings: few, all with defaults, in settings.toml of the home folder."""

import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from data.errors import StokerError
from data.store.home import Home


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may set. Every field is a key of settings.toml."""

    user_tags: list[str] = field(default_factory=lambda: ["user", "owner", "team"])
    """Resource tags that name a job's user, the first that is present wins."""

    image_pull_moved_date: date = date(2023, 12, 31)
    """First day with the image pull known to come before `Training`: earlier jobs are flagged."""

    use_estimated_prices: bool = True
    """Whether types without a listed price are costed by an estimate, which is flagged."""

    keep_alive_limit_s: int = 3600
    """Longest keep-alive period that may be advised, s. The API model allows 21600."""

    value_of_waiting_usd_per_h: float = 0.0
    """What an hour of waiting for a job to start is worth to you, USD."""


def load_settings(home: Home) -> Settings:
    """Read `home`'s settings.toml; without one, the defaults.

    Raises:
        StokerError: the file is no TOML, or a key or a value is not one of ours.
    """
    if not home.settings.exists():
        return Settings()
    try:
        given: dict[str, Any] = tomllib.loads(home.settings.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StokerError(
            f"{home.settings} is not TOML: {error}.", next_action="Correct it, or remove it."
        ) from error
    known = {item.name: getattr(Settings(), item.name) for item in fields(Settings)}
    for key, value in given.items():
        if key not in known:
            raise StokerError(
                f"{home.settings} has an unknown setting '{key}'.",
                next_action=f"Use one of: {', '.join(known)}.",
            )
        wanted = type(known[key])
        is_number = wanted is float and isinstance(value, int) and not isinstance(value, bool)
        if type(value) is not wanted and not is_number:
            raise StokerError(
                f"{home.settings} gives '{key}' as {value!r}.",
                next_action=f"Write it like {known[key]!r}.",
            )
    return Settings(**given)
