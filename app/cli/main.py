"""The `stoker` command: the group of its commands, and how a command line is run."""

import os
import sys
from contextlib import suppress
from importlib.metadata import version

import click
from click.shell_completion import shell_complete

from app.cli import (
    advise,
    ask,
    completion,
    demo,
    forget,
    ingest,
    rebuild,
    report,
    serve,
    sql,
    status,
    sync,
)
from app.cli.invocation import (
    DONE,
    FAILED,
    INTERRUPTED,
    WRONG_USE,
    Invocation,
    terminal_invocation,
    write_error,
)
from app.cli.options import HELP_WIDTH, Help
from data.errors import DISK_ERRORS, StokerError

COMMANDS = (
    serve.serve,
    demo.demo,
    ingest.ingest,
    forget.forget,
    sync.sync,
    ask.ask,
    advise.advise,
    report.report,
    sql.sql,
    rebuild.rebuild,
    status.status,
    completion.completion,
)
EXAMPLES = """\
Examples:
  stoker serve --demo                        the dashboard, with a made-up history to explore
  stoker ingest jobs/                        import every file of a folder
  stoker sync                                read what is new in AWS
  stoker ask                                 which questions there are
  stoker ask warm_pool_hit_rate --set by=day --format csv
  stoker sql "select status, count(*) from job_facts group by all"

Exit status: 0 done, 1 failed, 2 wrong use, 3 done, but some rows were rejected, 4 (`stoker status`)
a threshold of settings.toml is crossed.
Data goes to standard output; progress and messages go to standard error.
"""

INTERRUPTED_QUERY = "Query interrupted"  # what DuckDB makes of Ctrl-C


class Group(click.Group):
    """The commands in the order of their use, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as the commands were added."""
        return list(self.commands)

    format_epilog = Help.format_epilog


def _version(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not ctx.resilient_parsing:
        click.echo(f"stoker {version('stoker')}")
        ctx.exit()


@click.group(
    "stoker",
    cls=Group,
    epilog=EXAMPLES,
    subcommand_metavar="COMMAND ...",
    no_args_is_help=False,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": HELP_WIDTH,
    },
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version and exit.",
)
def stoker() -> None:
    """Shows what Amazon SageMaker training jobs cost while they run, while their capacity waits
    and while people wait for it, and which settings to change. Reads job history from AWS
    and from files, keeps it on this machine, and never writes to AWS.
    """


for member in COMMANDS:
    stoker.add_command(member)


def main(argv: list[str] | None = None) -> int:
    """Run a command line; return its exit status."""
    if asked := os.environ.get(completion.VARIABLE):
        return shell_complete(stoker, {}, "stoker", completion.VARIABLE, asked)
    invocation = terminal_invocation(sys.argv[1:] if argv is None else argv)
    try:
        exit_status = run(invocation)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has what it wanted
        _give_up_output()
        return DONE
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        _give_up_output()
        invocation.err.write(f"stoker: Standard output cannot be written: {error.strerror}.\n")
        return FAILED
    except KeyboardInterrupt:
        return _stopped(invocation)
    except RuntimeError as error:
        if str(error) != INTERRUPTED_QUERY:
            raise
        return _stopped(invocation)
    return exit_status


def _stopped(invocation: Invocation) -> int:
    invocation.err.write("\nStopped.\n")
    return INTERRUPTED


def _give_up_output() -> None:
    """Let nothing be written any more: Python would complain at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(invocation: Invocation) -> int:
    """Run an invocation and return its exit status; an error is written, not raised."""
    try:
        words = list(invocation.argv) or ["--help"]
        with stoker.make_context("stoker", words, obj=invocation) as context:
            return int(stoker.invoke(context))
    except StokerError as error:
        return write_error(error, invocation.err)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "stoker"
        invocation.err.write(f"stoker: {error.format_message()}\nSee: {path} --help\n")
        return WRONG_USE
    except click.exceptions.Exit as end:
        return end.exit_code


if __name__ == "__main__":
    sys.exit(main())
