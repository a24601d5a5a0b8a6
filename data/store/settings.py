"""The user's settings: few, all with defaults, in settings.toml of the home folder."""

import tomllib
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from data.errors import StokerError
from data.store.home import Home
from data.toml_document import MisfitError, parse_toml

USUAL_TAGS = ("user", "owner", "team")
# how to write what has no default
_EXAMPLES = {"savings_plan_discount_ratio": 0.3, "value_of_waiting_usd_per_h": 60.0}

ASSUMED_VALUE_USD_PER_H = 60.0
"""What an hour of waiting is taken to cost until the user says: 0 would be a choice."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may set. Every field is a key of settings.toml."""

    user_tags: list[str] = field(default_factory=lambda: list(USUAL_TAGS))
    """Resource tags that name a job's user, the first that is present wins."""

    image_pull_moved_date: date = date(2023, 12, 31)
    """First day with the image pull known to come before `Training`: earlier jobs are flagged."""

    use_estimated_prices: bool = True
    """Whether types without a listed price are costed by an estimate, which is flagged."""

    savings_plan_discount_ratio: Annotated[float, Meta(ge=0, lt=1)] | None = None
    """What your Savings Plans take off the list price, 0 to 1; without it, unknown."""

    keep_alive_limit_s: Annotated[int, Meta(ge=0)] = 3600
    """Longest keep-alive period that may be advised, s. The API model allows 21600."""

    value_of_waiting_usd_per_h: Annotated[float, Meta(ge=0)] | None = None
    """Cost of delay: what an hour of waiting for a job to start costs you, USD; 0 is nothing."""

    long_wait_p90_h: Annotated[float, Meta(ge=0)] = 4.0
    """Queue wait, P90 of a share, h, above which `stoker status` alarms; 0 is never."""

    underused_share_ratio: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """Used or lent part of a share's own, while others wait, below which it alarms; 0 is never."""

    failure_burst_job_count: Annotated[int, Meta(ge=0)] = 10
    """Failures of a queue within an hour of the last day from which it alarms; 0 is never."""

    watched_days: Annotated[float, Meta(gt=0)] = 7.0
    """Days up to the newest record of which waits and underuse are watched."""

    webhook_url: str = ""
    """Where the end of a job and of a pool is announced: https, or this machine; empty: nowhere."""

    pool_expiry_notice_s: Annotated[int, Meta(ge=0)] = 900
    """How long before a warm pool expires that is announced, s; 0 is never."""

    @property
    def is_value_assumed(self) -> bool:
        """Whether nobody has said what an hour of waiting costs."""
        return self.value_of_waiting_usd_per_h is None

    @property
    def cost_of_delay_usd_per_h(self) -> float:
        """What an hour of waiting costs: as set, else as assumed."""
        own = self.value_of_waiting_usd_per_h
        return ASSUMED_VALUE_USD_PER_H if own is None else own

    def valued(self, given_usd_per_h: float | None) -> tuple[float, bool]:
        """Return what an hour of waiting costs, as given, else as set, and whether it is assumed.

        >>> Settings().valued(None), Settings().valued(0.0)
        ((60.0, True), (0.0, False))
        """
        if given_usd_per_h is not None:
            return float(given_usd_per_h), False
        return self.cost_of_delay_usd_per_h, self.is_value_assumed


def load_settings(home: Home) -> Settings:
    """Read `home`'s settings.toml; without one, the defaults.

    Raises:
        StokerError: the file is no TOML, or a key or a value is not one of ours.
    """
    if not home.settings.exists():
        return Settings()
    try:
        return parse_toml(home.settings.read_text(encoding="utf-8"), Settings)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StokerError(
            f"{home.settings} is not TOML: {error}.", next_action="Correct it, or remove it."
        ) from error
    except MisfitError as error:
        if error.is_unknown:
            raise StokerError(
                f"{home.settings} has an unknown setting '{error.key}'.",
                next_action=f"Use one of: {', '.join(Settings.__struct_fields__)}.",
            ) from error
        name = error.key.partition("[")[0]
        usual = getattr(Settings(), name)
        example = _EXAMPLES[name] if usual is None else usual
        raise StokerError(
            f"{home.settings} gives '{error.key}' as {error.value!r}: {error.problem}.",
            next_action=f"Write it like {_as_toml(example)}.",
        ) from error


def _as_toml(value: object) -> str:
    """Return a setting's value as one writes it in the file.

    >>> _as_toml(True), _as_toml(date(2023, 12, 31)), _as_toml(["user"])
    ('true', '2023-12-31', "['user']")
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
