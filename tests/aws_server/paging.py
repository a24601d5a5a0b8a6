"""Pages and tokens: in order, or moving, repeating, empty, as the knobs have it."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.aws_server.errors import AwsError
from tests.aws_server.knobs import Knobs

T = TypeVar("T")


def page(
    records: Sequence[T],
    *,
    key: Callable[[T], Any],
    token: str | None,
    size: int,
    request: Any,
    knobs: Knobs,
) -> tuple[list[T], str | None]:
    """Return one page of sorted records and the token of the next.

    A token belongs to the request that it was given to; its place is the key of the last record,
    or with `moving_pages` a count. Keys are found by equality: a record that is gone is passed
    over by its order.
    """
    asked = json.dumps(request, sort_keys=True, default=str)
    state: dict[str, Any] = {"asked": asked, "at": 0, "key": None, "number": 1, "skip": False}
    if token is not None:
        state = _read(token)
        if state["asked"] != asked:
            raise AwsError("ValidationException", "The token belongs to another request")
    size = min(size, knobs.largest_page or size)
    number = state["number"]
    if knobs.empty_page_every and number % knobs.empty_page_every == 0 and not state["skip"]:
        return [], _write({**state, "number": number + 1, "skip": True})
    start = state["at"] if knobs.moving_pages else _after(records, key, state)
    if knobs.duplicates and start and size > 1:
        start -= 1
    stop = start + size
    found = list(records[start:stop])
    if stop >= len(records):
        return found, None
    last = key(records[stop - 1])
    following = {**state, "at": stop, "key": last, "number": number + 1, "skip": False}
    return found, _write(following)


def _after(records: Sequence[T], key: Callable[[T], Any], state: dict[str, Any]) -> int:
    last, at = state["key"], int(state["at"])
    if last is None:
        return 0
    if 0 < at <= len(records) and key(records[at - 1]) == last:
        return at  # nothing has moved
    for position, record in enumerate(records):
        if key(record) == last:
            return position + 1
    return min(at, len(records))


def _write(state: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode()


def _read(token: str) -> dict[str, Any]:
    try:
        state = json.loads(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise AwsError("ValidationException", "Invalid token") from error
    if not isinstance(state, dict):
        raise AwsError("ValidationException", "Invalid token")
    return state
