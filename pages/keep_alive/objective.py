"""What the user asks of the advice: cost of delay, longest period, P90 target and quota."""

from analytics.keep_alive.decide import Objective
from data.store.reader import Reader
from data.store.reference_tables import aws_limit, aws_limit_date
from data.store.settings import load_settings
from pages.kit import formats
from pages.kit.canvas import Canvas

HIGHEST_USD_PER_H = 500.0


def ask_objective(canvas: Canvas, reader: Reader) -> tuple[Objective, int | None]:
    """Draw the controls; return the objective and the warm-pool quota."""
    settings = load_settings(reader.home)
    delay, limit, target, quota = canvas.columns(4, 4, 2, 2)
    usd_per_h = delay.slider(
        "Cost of delay (USD per hour)", key="value_usd_per_h", step=5.0, shown=formats.usd,
        default=settings.cost_of_delay_usd_per_h,
        highest=max(HIGHEST_USD_PER_H, settings.cost_of_delay_usd_per_h),
        help="What it costs you when a job starts an hour later. At 0, only infrastructure cost"
        " counts. To keep yours, set value_of_waiting_usd_per_h in settings.toml.",
    )  # fmt: skip
    limits_s = _limits_s(reader, settings.keep_alive_limit_s)
    limit_s = limits_s[
        limit.segments(
            "Longest period allowed", list(limits_s), key="limit",
            default=next(
                name for name, seconds in limits_s.items() if seconds == settings.keep_alive_limit_s
            ),
            help="AWS's developer guide says 1 hour, its current API model 6 (as read on"
            f" {formats.day(aws_limit_date(reader, 'keep_alive_period_api'))})."
            " To use another limit, set keep_alive_limit_s in settings.toml.",
        )
    ]  # fmt: skip
    target_s = target.number(
        "P90 target (s)", key="p90_target_s", step=10, placeholder="none",
        help="Advises the cheapest period with which nine in ten jobs start within this time.",
    )  # fmt: skip
    instance_count = quota.number(
        "Quota", key="quota", placeholder="none",
        help="Your warm pool quota in instances: '<instance type> for training warm pool usage' in"
        " Service Quotas.",
    )  # fmt: skip
    is_assumed = settings.is_value_assumed and usd_per_h == settings.cost_of_delay_usd_per_h
    return Objective(usd_per_h, limit_s, target_s, is_value_assumed=is_assumed), instance_count


def _limits_s(reader: Reader, own_s: int) -> dict[str, int]:
    """Return the limits that can be chosen: AWS's two, and the user's setting if it is another."""
    limits_s = {
        f"{formats.duration(limit_s)} ({name})": limit_s
        for name, limit_s in (
            ("guide", aws_limit(reader, "keep_alive_period_guide")),
            ("API", aws_limit(reader, "keep_alive_period_api")),
        )
    }
    if own_s not in limits_s.values():
        limits_s[f"{formats.duration(own_s)} (your setting)"] = own_s
    return limits_s
