"""Nothing heavy is imported where the command line answers without any job."""

import json
import subprocess
import sys

import pytest

from app.cli.main import COMMANDS

HEAVY = ("pandas", "numpy", "numba", "duckdb", "pyarrow", "streamlit", "scipy", "plotly")
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
