"""The dataset of capacity: a small file that says how much there is, and from when on."""

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.stale_queues import mark_queues
from data.files.target import Check, Given, target
from data.tables import TABLES

UNITS = ("instances", "accelerators")
SYNONYMS = {
    "capacity": ("maxcapacity", "quota", "limit", "size"),
    "queue_name": ("queue", "jobqueue", "partition"),
    "share_name": ("share", "shareidentifier", "quotasharename", "team", "group"),
    "instance_type": ("instancetype", "type", "machinetype", "nodetype"),
    "observed_at": (
        "effectivefrom",
        "from",
        "at",
        "time",
        "date",
        "timestamp",
        "since",
        "start",
        "validfrom",
    ),
    "capacity_unit": ("unit", "capacityunit"),
}
_COLUMNS = frozenset({*SYNONYMS, "effective_from", "valid_from"})


def _is_recognised(head: Head) -> bool:
    spellings = {name for names in SYNONYMS.values() for name in names}
    is_of_ours = all(name in _COLUMNS or name.replace("_", "") in spellings for name in head.names)
    return "capacity" in head.names and is_of_ours


def _made(given: Given) -> dict[str, str]:
    return {"capacity_unit": f"coalesce(lower({given.sql('capacity_unit')}), 'instances')"}


DATASET = Dataset(
    kind="capacity",
    label="capacity",
    target=target(
        TABLES["capacity_records"],
        required=("capacity",),
        synonyms=SYNONYMS,
        reads_synonyms=True,
        advice={"capacity": "Say how many instances or accelerators there are."},
        meanings={"capacity": "say how much capacity there is"},
        checks=(
            Check(
                f"lower(capacity_unit) not in {UNITS}",
                "'capacity_unit ''' || left(capacity_unit, 80)"
                " || ''' is neither instances nor accelerators.'",
                "Write instances or accelerators, or leave the column out for instances.",
                about=("capacity_unit",),
            ),
        ),
        made=_made,
    ),
    policy=WritePolicy.REPLACE,
    is_recognised=_is_recognised,
    time_column="observed_at",
    on_change=mark_queues,
)
