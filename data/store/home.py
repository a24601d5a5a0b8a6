"""The home folder: where Stoker keeps its facts and what lies in it."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path


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
        """Create the folders, readable by this user only."""
        for folder in (self.root, self.landing, self.events, self.scratch):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def home_folder(given: str | os.PathLike[str] | None = None) -> Home:
    """Return the home that `--home`, `STOKER_HOME` or the platform names, in that order."""
    chosen = given or os.environ.get("STOKER_HOME") or user_data_path("stoker", appauthor=False)
    return Home(Path(chosen).expanduser().resolve())
