"""A dataset of observations: an AWS answer each row of which holds at the time of the answer."""

from collections.abc import Callable

from data.datasets.answers import Answer
from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.stale_queues import mark_all, mark_queues
from data.files.target import target
from data.tables import TABLES


def observation(
    kind: str,
    label: str,
    answer: Answer,
    *,
    table: str,
    required: tuple[str, ...],
    own_keys: tuple[str, ...] = (),
    is_own: Callable[[Head], bool] | None = None,
    is_of_queues: bool = True,
) -> Dataset:
    """Return the dataset of an answer; `own_keys`, in lower case, are in no other answer.

    What has no time of its own was observed when its file was imported first.
    """

    def is_recognised(head: Head) -> bool:
        if head.file_format != "json":
            return False
        return is_own(head) if is_own else not head.names.isdisjoint(own_keys)

    on_change = mark_queues if "queue_name" in TABLES[table].names else mark_all
    return Dataset(
        kind=kind,
        label=label,
        target=target(TABLES[table], required=required),
        policy=WritePolicy.REPLACE,
        forms=(answer.form,),
        is_recognised=is_recognised,
        time_column="observed_at",
        read_column="observed_at",
        # not the clock: a rebuild must find the same time
        constants={"observed_at": "coalesce(observed_at, fetched_at)"},
        on_change=on_change if is_of_queues else None,
    )
