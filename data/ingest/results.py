"""What becomes of a file: imported, or failed for a reason."""

from dataclasses import dataclass

from data.errors import StokerError


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one imported file."""

    file_name: str
    kind: str
    file_format: str
    row_count: int
    accepted_count: int
    unchanged_count: int
    rejected_count: int
    import_id: int
    is_known_file: bool = False
    left_out_count: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """A file of which nothing was imported, why, and what to do."""

    file_name: str
    kind: str
    reason: str
    next_action: str
    error: BaseException | None = None

    def as_error(self) -> StokerError:
        """Return the error that says so."""
        return StokerError(self.reason, next_action=self.next_action)


Outcome = ImportResult | ImportFailure


def failure(file_name: str, kind: str, error: Exception) -> ImportFailure:
    """Return what to say of a file that raised an error, whatever it is."""
    if isinstance(error, StokerError):
        reason = error.what if file_name in error.what else f"{file_name}: {error.what}"
        return ImportFailure(file_name, kind, reason, error.next_action, error)
    detail = (str(error).strip().splitlines() or [""])[0]
    reason = f"{file_name} could not be imported ({type(error).__name__}: {detail})."
    return ImportFailure(
        file_name,
        kind,
        reason,
        "Export it again, and check that all of it was copied; if that does not help, report it.",
        error,
    )
