"""Errors that a user can put right."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches

DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors that are not about the file that is read, but about the disk that is written to."""


def near_hint(name: str, known: Iterable[str]) -> str:
    """Return the sentence that names what was probably meant, after a space; or nothing.

    >>> near_hint("cots", ["costs", "jobs"]), near_hint("cots", [])
    (" Did you mean 'costs'?", '')
    """
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


class StokerError(Exception):
    """Something the user can put right; `next_action` says how."""

    def __init__(self, what: str, *, next_action: str) -> None:
        super().__init__(f"{what} {next_action}")
        self.what = what
        self.next_action = next_action

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (type(self), self.what, self.next_action))


class WrongUseError(StokerError):
    """A question, a setting or an option that does not exist, or a value that it cannot have."""


class LockedError(StokerError):
    """A database that another process has open: it will let go of it."""


def _rebuilt(kind: type[StokerError], what: str, next_action: str) -> StokerError:
    error = kind.__new__(kind)
    StokerError.__init__(error, what, next_action=next_action)
    return error
