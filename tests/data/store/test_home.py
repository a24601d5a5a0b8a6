"""The home folder: its user's only, whatever the umask and whoever made the folder."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store.home import Home, private
from data.store.store import Store

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run a test under a umask."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of a folder and of everything below it."""
    below = [path for path in (folder, *folder.rglob("*")) if path.exists()]
    return {str(path): stat.S_IMODE(path.stat().st_mode) for path in below}


def opened_to_others(folder: Path) -> dict[str, str]:
    return {path: oct(mode) for path, mode in modes(folder).items() if mode & 0o077}


def test_a_new_home_is_its_users_only(tmp_path: Path, umask: int) -> None:
    home = Home(tmp_path / "a" / "home").create()
    assert opened_to_others(home.root) == {}
    for folder in (home.root, home.landing, home.events, home.parts, home.scratch):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_home_that_was_made_open_with_files_in_it_is_shut(tmp_path: Path) -> None:
    root = tmp_path / "home"
    home = Home(root)
    os.umask(0o022)
    subprocess.run(["mkdir", "-m", "0755", root], check=True)
    for folder in (home.landing, home.events, root / "demo" / "landing"):
        folder.mkdir(parents=True)
    for file in (home.database, home.landing / "x.jsonl", home.owner, root / "demo" / "DEMO"):
        file.write_text("")
        file.chmod(0o644)
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    (root / "link").symlink_to(outside)
    (root / "dangling").symlink_to(tmp_path / "nothing")
    assert len(opened_to_others(root)) == 10
    home.create()
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    (root / "link").unlink()
    assert opened_to_others(root) == {}


def test_everything_that_a_store_writes_is_its_users_only(tmp_path: Path, umask: int) -> None:
    root = tmp_path / "home"
    root.mkdir(0o700)
    root.chmod(0o755)
    store = Store.open(Home(root))
    with store.transaction() as cursor:
        cursor.execute("insert into stale_jobs select range from range(1000)")
        assert opened_to_others(root) == {}
    assert Path(f"{store.home.database}.wal").exists()
    assert opened_to_others(root) == {}
    store.close()
    assert opened_to_others(root) == {}


def test_a_file_opened_as_private_is_its_users_only(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "token"
    with open(path, "w", opener=private) as file:
        file.write("secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with open(path, "a", opener=private) as file:
        file.write("more")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="needs a second user")
def test_a_folder_of_another_user_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    for path in (folder, *list(folder.parents)[:3]):
        path.chmod(0o777)
    code = (
        "import os, sys; from pathlib import Path; from data.store.home import Home;"
        "from data.errors import StokerError\n"
        "os.setuid(65534)\n"
        "try: Home(Path(sys.argv[1])).create()\n"
        "except StokerError as error: print(error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "belongs to another user. Name a folder" in told.stdout
