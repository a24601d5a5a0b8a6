"""How clusters are paid for: the choice of a price view, what it is told, what it costs."""

import pandas as pd

from analytics.vocabulary import PRICE_VIEWS
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.rows import records

VIEW = "price_view"
ON_DEMAND = "on_demand"
DISCOUNT, SAVING = "savings_plan_discount_pct", "spot_saving_pct"
PLAN_TYPE, FEE, HOURS = "training_plan_type", "training_plan_fee_usd", "training_plan_instance_h"
WIDTH = 170


def pick_price_view(canvas: Canvas) -> str:
    """Draw the choice of a price view, and return it."""
    return canvas.select(
        "Paid",
        {view: code.label for view, code in PRICE_VIEWS.items()},
        key=VIEW,
        width=230,
        help="The same configurations at the list price, with Savings Plans, as managed spot, or in"
        " a training plan. What is not known stays unknown.",
    )


def ask_for_terms(row: Canvas, reader: Reader, view: str, labels: pd.Series) -> dict[str, str]:
    """Draw what a price view needs to be told; return all that is told, as `--set` takes it.

    `labels` are the clusters of the workload.
    """
    percents = (
        ("savings_plan", "Discount (%)", DISCOUNT, "savings_plan_discount_ratio", "unknown"),
        ("spot", "Saved by spot (%)", SAVING, "spot_saving_ratio", "of your spot jobs"),
    )
    given = {}
    for of, text, key, name, usual in percents:
        percent = (
            row.number(text, key=key, lowest=0, highest=99, placeholder=usual, width=WIDTH)
            if view == of
            else _told(row, key)
        )
        if percent is not None:
            given[name] = f"{percent / 100:g}"
    types = _accelerated(reader, labels)
    plan = dict[str, str | int | None]()
    if view == "training_plan" and types:
        plan[PLAN_TYPE] = row.select("Reserved instances", types, key=PLAN_TYPE)
        plan[FEE] = row.number(
            "Upfront fee (USD)", key=FEE, lowest=1, placeholder="unknown", width=WIDTH
        )
        plan[HOURS] = row.number(
            "Instances x hours", key=HOURS, lowest=1, placeholder="unknown", width=WIDTH,
            help="What the fee buys: the reserved instances times the hours of the plan.",
        )  # fmt: skip
    elif types:
        chosen = row.param(PLAN_TYPE)
        plan[PLAN_TYPE] = chosen if chosen in types else types[0]
        plan |= {key: _told(row, key) for key in (FEE, HOURS)}
    return given | {name: str(value) for name, value in plan.items() if value is not None}


def _told(canvas: Canvas, key: str) -> int | None:
    """Return a number of the URL whose field is not drawn in this view."""
    text = canvas.param(key) or ""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _accelerated(reader: Reader, labels: pd.Series) -> list[str]:
    """Return the instance types of some clusters that have accelerators."""
    types = query_rows(reader, "instance_types")
    names = types[types["instance_accelerator_count"] > 0]["instance_type"]
    used = {part.rpartition(" x")[0] for text in labels for part in text.split(" + ")}
    return [name for name in names if name in used]


def say_what_view_is_based_on(canvas: Canvas, view: str, configurations: pd.DataFrame) -> None:
    """Say what the prices of a view are based on, and which are unknown and why."""
    if view == ON_DEMAND:
        return
    notes = configurations["price_view_note"].dropna()
    lines = []
    for note in dict.fromkeys(notes):
        rows = configurations[configurations["price_view_note"] == note]
        names = ", ".join(row.configuration for row in records(rows))
        is_known = rows["paid_usd_per_h"].notna().any()
        lines.append(f"{names}: {'' if is_known else 'unknown, '}{note}")
    text = f"{label(VIEW, view)}. {PRICE_VIEWS[view].meaning}"
    canvas.note(f"{text} {formats.plain('. '.join(lines))}.")
    if configurations["paid_usd_per_h"].isna().all():
        canvas.notice(
            f"What {label(VIEW, view).lower()} would cost is unknown."
            f" {PRICE_VIEWS[view].next_action}",
            icon=":material/info:",
        )


def draw_price_views(canvas: Canvas, views: pd.DataFrame) -> None:
    """Draw what each configuration costs however it is paid for."""
    canvas.header("However you pay")
    per_epoch = ["cost_per_epoch_usd"] if views["cost_per_epoch_usd"].notna().any() else []
    canvas.table(
        views,
        ["configuration", "price_view", "cost_per_100_steps_usd", *per_epoch,
         "cost_reduction_ratio", "price_view_note", "paid_usd_per_h"],
        key="price_views",
        alt="Cost of each configuration on demand, with Savings Plans, spot and a training plan",
        what="rows",
        file_name="price_views",
        placeholder=formats.UNKNOWN,
    )  # fmt: skip
    links.definition(canvas, "price_view", "What is each based on?")
