"""How a command line is run: wrong use, exit statuses."""

import click
import pytest

from app.cli import main as main_module
from app.cli.invocation import INTERRUPTED, WRONG_USE
from app.cli.main import COMMANDS, main
from app.cli.options import HELP_WIDTH
from tests.app.conftest import Stoker


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "nonsense"),
        ("ask", "jobs", "--where", "nonsense=1"),
        ("ask", "jobs", "--where", "nonsense"),
        ("ask", "jobs", "--set", "nonsense=1"),
        ("ask", "costs", "--set", "by=nonsense"),
        ("ask", "jobs", "--since", "yesterday"),
        ("ask", "jobs", "--since", "2026-02-01", "--until", "2026-01-01"),
        ("ask", "jobs", "--format", "parquet"),
        ("ask", "jobs", "--format", "xml"),
        ("ask", "--columns"),
        ("ingest",),
        ("ingest", "x", "--kind", "nonsense"),
        ("serve", "--port", "70000"),
        ("nonsense",),
    ],
)
def test_wrong_use_exits_2_and_says_why(run: Stoker, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("aks",), "Did you mean 'ask'?"),
        (("ask", "warm_pool_mises"), "Did you mean 'warm_pool_misses'?"),
        (("ask", "jobs", "--fromat", "csv"), "Did you mean one of: '--format'"),
    ],
)
def test_a_slip_of_the_keyboard_is_recognised(
    arguments: tuple[str, ...], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(arguments)) == WRONG_USE
    err = capsys.readouterr().err
    assert hint in err
    assert err.startswith("stoker: ")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_says_what_it_does_with_examples(
    command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(command.name), "--help"]) == 0
    help_text = capsys.readouterr().out
    examples = help_text.partition("\nExamples:\n")[2]
    assert f"stoker {command.name}" in examples
    assert command.short_help
    for parameter in command.params:
        assert getattr(parameter, "help", ""), parameter.name
    assert all(len(line) <= HELP_WIDTH for line in help_text.splitlines())


def test_ctrl_c_in_a_query_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise RuntimeError("Query interrupted")  # noqa: EM101, TRY003  # as DuckDB does

    monkeypatch.setattr(main_module, "run", interrupted)
    assert main(["ask"]) == INTERRUPTED
