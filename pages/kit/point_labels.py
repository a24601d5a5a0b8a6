"""Names beside points of a chart, moved apart where they would lie on each other."""

from collections.abc import Iterable, Sequence

from pages.kit.drawing import Drawing

LINE_PX = 18
CHARACTER_PX = 7
GAP_PX = 12
# what a chart is wide at least: on a wider one names only stand further apart
WIDTH_PX = 560
MOST_LABELS = 12


def add_labels(
    drawn: Drawing,
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[str],
    *,
    height: int,
    around: tuple[Iterable[float], Iterable[float]] | None = None,
    lift_px: float = 0,
) -> None:
    """Add a name to each point, to its right, with a line to the point where it is moved.

    Axes are given room for the names. Of many points none gets a name: the pointer tells it.
    `around` are the values of all points, where only some have names; `lift_px` is how far above
    its point a name stands.
    """
    if not names or len(names) > MOST_LABELS:
        return
    every_x, every_y = around or (x, y)
    x_low, x_high = _bounds(list(every_x))
    y_low, y_high = _bounds(list(every_y))
    longest_px = CHARACTER_PX * max(map(len, names))
    plot_px = height - 110
    taken: list[tuple[float, float, float]] = []
    for place in sorted(range(len(names)), key=lambda place: -y[place]):
        left_px = WIDTH_PX * (x[place] - x_low) / (x_high - x_low) + GAP_PX
        right_px = left_px + CHARACTER_PX * len(names[place])
        at_px = plot_px * (y_high - y[place]) / (y_high - y_low)
        moved_px = _free(at_px, left_px, right_px, taken)
        taken.append((left_px, right_px, moved_px))
        drawn.add_annotation(
            x=x[place], y=y[place], text=names[place], xanchor="left", yanchor="middle",
            ax=GAP_PX, ay=moved_px - at_px - lift_px, showarrow=True, arrowhead=0, arrowwidth=1,
            arrowcolor="#8C857D",
        )  # fmt: skip
    room = (x_high - x_low) * (longest_px + GAP_PX) / WIDTH_PX
    drawn.update_xaxes(range=[x_low, x_high + room])
    drawn.update_yaxes(range=[y_low, y_high])


def _free(
    at_px: float, left_px: float, right_px: float, taken: Sequence[tuple[float, float, float]]
) -> float:
    """Return the nearest height at or below a point at which a name covers no other."""
    for low, high, other_px in sorted(taken, key=lambda one: one[2]):
        if low < right_px and left_px < high and abs(other_px - at_px) < LINE_PX:
            at_px = other_px + LINE_PX
    return at_px


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return low - margin, high + margin
