"""Which cells lead where: jobs and users to the Jobs page, pools to the Keep-alive page."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from pages.kit.formats import is_unknown
from pages.kit.pool_picker import POOL
from pages.kit.visit import Params

JOBS_PAGE, POOL_PAGE = "jobs", "keep_alive"
JOB, JOB_ACCOUNT, JOB_REGION = "job", "job_account", "job_region"
USER = "user"
JOB_COLUMNS = (
    "job_name",
    "donor_job_name",
    "missed_donor_job_name",
    "helpful_donor_job_name",
    "reusing_job_name",
    "example_job_name",
)
POOL_COLUMNS = ("pool_name", "pool_label", "pool_key")
SUBJECT = "subject_label"
LINKED = frozenset((*JOB_COLUMNS, *POOL_COLUMNS, "user_name", SUBJECT))

# page and parameter of what advice of each kind is on; of several pools it is the first
SUBJECTS = {
    "keep_alive": (POOL_PAGE, POOL),
    "merge_pools": (POOL_PAGE, POOL),
    "input_mode": (POOL_PAGE, POOL),
    "startup": (POOL_PAGE, POOL),
    "share_settings": ("share_replay", "queue"),
    "instance_groups": ("instance_groups", "workload"),
    "quota": ("warm_pools", None),
}

# what a cell says stands behind the address, where no server sees it; Streamlit decodes it
SAYS = "#(.*)$"


def job_params(name: str, account_id: Any = None, region: Any = None) -> dict[str, str]:
    """Return the URL parameters of a job; account and region tell jobs of one name apart."""
    further = {JOB_ACCOUNT: account_id, JOB_REGION: region}
    return {JOB: name} | {
        key: str(value) for key, value in further.items() if not is_unknown(value) and value != ""
    }


def address(page: str, params: Mapping[str, Any], says: str) -> str:
    """Return the address of a page as a cell has it, with what the cell says behind it.

    >>> address("keep_alive", {"pool": "a&b"}, "x (1) <b>")
    'keep-alive?pool=a%26b#x%20%281%29%20%3Cb%3E'
    """
    return f"{page.replace('_', '-')}?{urlencode(params, doseq=True)}#{quote(says, safe='')}"


def addresses(name: str, rows: pd.DataFrame, in_force: Params) -> list[str | None]:
    """Return where each cell of a column leads, filters in force kept; None where it is empty."""
    texts = rows[name]
    if name in JOB_COLUMNS:
        others = (_column(rows, "account_id"), _column(rows, "region"))
        return [
            None
            if is_unknown(text) or text == ""
            else address(JOBS_PAGE, {**in_force, **job_params(str(text), *where)}, str(text))
            for text, *where in zip(texts, *others, strict=True)
        ]
    if name in POOL_COLUMNS:
        return [
            None
            if is_unknown(text) or is_unknown(key)
            else address(POOL_PAGE, {**in_force, POOL: key}, str(text))
            for text, key in zip(texts, _column(rows, "pool_key"), strict=True)
        ]
    if name == SUBJECT:
        return [
            None
            if is_unknown(text) or is_unknown(subject)
            else address(*_place(in_force, str(kind), str(subject)), str(text))
            for text, kind, subject in zip(texts, rows["advice_kind"], rows["subject"], strict=True)
        ]
    return [
        None
        if is_unknown(text) or text == ""
        else address(JOBS_PAGE, {**in_force, USER: text}, str(text))
        for text in texts
    ]


def _place(in_force: Params, kind: str, subject: str) -> tuple[str, dict[str, Any]]:
    """Return page and parameters of what advice of a kind is on."""
    page, parameter = SUBJECTS[kind]
    first = subject.split(" + ")[0] if kind == "merge_pools" else subject
    return page, {**in_force, parameter: first} if parameter else dict(in_force)


def is_linked(name: str, rows: pd.DataFrame) -> bool:
    """Whether the cells of a column lead somewhere."""
    return name in LINKED and (name not in POOL_COLUMNS or "pool_key" in rows.columns)


def _column(rows: pd.DataFrame, name: str) -> Iterable[Any]:
    return rows[name] if name in rows.columns else [None] * len(rows)
