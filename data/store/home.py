"""The home folder: where Stoker keeps its facts and what lies in it."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from data.errors import StokerError

FOLDER_MODE, FILE_MODE = 0o700, 0o600
# DuckDB takes them for a separator, or for a pattern
UNUSABLE = frozenset("\\*?[")
OTHERS = 0o077  # what group and others may do


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one home folder. Making one creates nothing."""

    root: Path

    @property
    def database(self) -> Path:
        """The DuckDB file: a cache of the landed facts."""
        return self.root / "stoker.duckdb"

    @property
    def landing(self) -> Path:
        """Payloads, named by their content hash."""
        return self.root / "landing"

    @property
    def failed(self) -> Path:
        """One small file for each import that failed, with the reason."""
        return self.root / "landing" / "failed"

    @property
    def forgotten(self) -> Path:
        """One small file for each import that was taken back."""
        return self.root / "landing" / "forgotten"

    @property
    def parts(self) -> Path:
        """Content-addressed Parquet parts of datasets that append, read in place."""
        return self.root / "parts"

    @property
    def events(self) -> Path:
        """One small file for each thing that was landed."""
        return self.root / "landing" / "events"

    @property
    def scratch(self) -> Path:
        """Files that may vanish: spill, half-written payloads, piped input."""
        return self.root / "scratch"

    @property
    def owner(self) -> Path:
        """Where the process that owns the database says how to reach it."""
        return self.root / "owner.json"

    @property
    def settings(self) -> Path:
        """The user's settings, if any."""
        return self.root / "settings.toml"

    @property
    def demo(self) -> "Home":
        """The home of the demo history."""
        return Home(self.root / "demo")

    @property
    def is_demo(self) -> bool:
        """Whether this home holds the demo history."""
        return (self.root / "DEMO").exists()

    def create(self) -> "Home":
        """Create the folders, and let this user alone read the home, whoever made it.

        Raises:
            StokerError: the folder, or the one that it lies in, belongs to another user.
        """
        make_private()
        if UNUSABLE & set(str(self.root)):
            raise StokerError(
                f"{self.root} cannot be used as a home: DuckDB does not take \\ * ? [ in a path.",
                next_action="Name another folder with --home or STOKER_HOME.",
            )
        folders = (
            self.root,
            self.landing,
            self.events,
            self.failed,
            self.forgotten,
            self.parts,
            self.scratch,
        )
        try:
            was_open = self.root.exists() and bool(self.root.stat().st_mode & OTHERS)
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
                folder.chmod(FOLDER_MODE)
            if was_open:
                # nothing above these files has kept others out so far
                for folder_name, _, names in os.walk(self.root):
                    _shut(Path(folder_name), FOLDER_MODE)
                    for name in names:
                        _shut(Path(folder_name) / name, FILE_MODE)
        except PermissionError as error:
            raise StokerError(
                f"{self.root} belongs to another user.",
                next_action="Name a folder of your own with --home or STOKER_HOME.",
            ) from error
        except OSError as error:  # read-only, full, or a file where a folder is to be
            raise StokerError(
                f"{self.root} cannot be used as a home: {error.strerror or error}.",
                next_action="Name another folder with --home or STOKER_HOME, or free some space.",
            ) from error
        return self


def make_private() -> None:
    """Let only this user read the files that the process makes from now on.

    DuckDB makes its files (the log of writes, what it spills) whenever it needs them, with the mode
    that the process allows.
    """
    os.umask(OTHERS)


def private(path: str, flags: int) -> int:
    """Open a file for this user only: `open(path, "wb", opener=private)`, whatever the umask."""
    descriptor = os.open(path, flags, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)
    return descriptor


def _shut(path: Path, mode: int) -> None:
    # a link's target is not ours to change; another process may have removed the file
    if not path.is_symlink():
        with suppress(FileNotFoundError):
            path.chmod(mode)


def is_in_a_home(path: Path) -> bool:
    """Whether a path lies below a home folder, whichever."""
    parents = Path(os.path.realpath(path)).parents  # also of links that lead to each other
    return any(Home(folder).events.is_dir() for folder in parents)


def home_folder(option: str | os.PathLike[str] | None = None) -> Home:
    """Return the home that `--home`, `STOKER_HOME` or the platform names, in that order."""
    folder = option or os.environ.get("STOKER_HOME") or user_data_path("stoker", appauthor=False)
    return Home(Path(folder).expanduser().resolve())
