"""Errors that a user can put right."""


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


def _rebuilt(kind: type[StokerError], what: str, next_action: str) -> StokerError:
    error = kind.__new__(kind)
    StokerError.__init__(error, what, next_action=next_action)
    return error
