"""How fast the command line answers what needs no job: nothing heavy is even imported."""

import json
import os
import resource
import subprocess
import sys

import pytest

from app.cli.main import COMMANDS

HEAVY = ("pandas", "numpy", "numba", "duckdb", "pyarrow", "streamlit", "scipy", "plotly")
PROCESSOR_S = 0.5  # 0.14 on a calm machine for the list; neighbours cost processor time too
LINES = [
    ("--version",),
    ("--help",),
    *[(command.name, "--help") for command in COMMANDS],
    ("ask",),
    ("ask", "costs", "--columns"),
]

_RUN = """
import json, sys
from app.cli.main import main
assert main({argv!r}) == 0
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("argv", LINES, ids=" ".join)
def test_lists_and_help_import_nothing_heavy(argv: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _RUN.format(argv=list(argv))],
        capture_output=True,
        check=True,
        text=True,
    )
    assert ran.stdout
    assert not set(HEAVY) & set(json.loads(ran.stderr))


@pytest.mark.parametrize("argv", LINES, ids=" ".join)
def test_lists_and_help_take_little_processor_time(argv: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "app.cli", *argv]
    seconds = []
    for _ in range(3):  # the first may have to compile modules
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(line, stdout=subprocess.DEVNULL, check=True, env=os.environ)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < PROCESSOR_S
