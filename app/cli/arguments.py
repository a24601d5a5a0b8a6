"""The command line: its commands, their options and what help says about them."""

import argparse
from datetime import UTC, datetime
from importlib.metadata import version

FORMATS = ("table", "csv", "json", "parquet")
KINDS = ("jobs", "prices")
FIRST_PORT = 8501
FIRST_ROWS = 10_000

ABOUT = """\
Stoker tells what Amazon SageMaker training jobs cost while they work, while capacity waits and
while people wait for it. It reads job history from files, keeps it on this machine, and never
writes to AWS.
"""
EXAMPLES = """\
examples:
  stoker serve --demo                        the dashboard, with a made-up history to look around in
  stoker ingest jobs/                        take in every file of a folder
  stoker ask                                 which questions there are
  stoker ask warm_pool_hit_rate --set by=day --format csv
  stoker sql "select status, count(*) from job_facts group by all"

exit status: 0 done, 1 failed, 2 wrong use, 3 done, but some rows were rejected
Data goes to standard output; progress and messages go to standard error.
"""
SERVE = """\
Opens the dashboard on this machine's own address, 127.0.0.1: no other machine can reach it. While
it runs, `stoker ask` and `stoker ingest` work through it. Ctrl-C stops it.
"""
DEMO = """\
Fills the home folder with the demo history: made-up jobs, marked as such on every page. Refuses a
home that holds real data. `stoker serve --demo` does the same in a folder of its own.
"""
INGEST = """\
Takes files in: answers of describe-training-job, list-training-jobs or search (JSON, JSON lines),
exports as delimited text, JSON lines or Parquet, and price lists; gzip, zip and whole folders too.
The same file twice changes nothing. Values of HyperParameters and Environment may hold secrets:
they are removed before anything is kept.
"""
INGEST_EXAMPLES = """\
examples:
  stoker ingest jobs.jsonl more-jobs.csv.gz
  stoker ingest exports/ --mapping sacct.toml
  aws sagemaker search --resource TrainingJob | stoker ingest -

For each file: how many rows were accepted, unchanged and rejected. Every rejected row is kept with
the reason and what to do: stoker ask rejected_rows
"""
ASK = """\
Answers a question about the jobs. Without a name: lists the questions. The same numbers as on the
dashboard's pages.
"""
ASK_EXAMPLES = """\
examples:
  stoker ask                                            the questions
  stoker ask costs --columns                            what its columns and settings mean
  stoker ask costs --set by=user_name --since 2026-10-01
  stoker ask jobs --where outcome=miss --where region=us-east-1 --where region=eu-west-1
  stoker ask jobs --format json | jq '.[0]'
  stoker ask jobs --out jobs.parquet

units: in the columns' names: _s seconds, _h hours, _usd US dollars, _ratio 0 to 1, _count a
number of things, _at an instant in UTC.
unknown values: empty in table and csv, null in json and parquet; never 0.
csv: text that a spreadsheet would run as a formula (beginning with = + - @, a tab or a line break,
and no number) gets a leading apostrophe; json and parquet keep it as it is.
"""
SQL = """\
Runs one SELECT on the tables that the dashboard reads, and writes its rows. Without a statement:
lists the tables, their columns and what each holds. The dialect is DuckDB's.
"""
SQL_EXAMPLES = """\
examples:
  stoker sql                                        the tables and their columns
  stoker sql "select job_name, list_cost_usd from job_facts order by 2 desc" --limit 10
  stoker sql "from prices where instance_type = 'ml.g5.xlarge'" --format csv
  stoker sql "from job_facts" --limit 0 --out jobs.parquet
  stoker sql - < costs.sql                          from standard input

Nothing can be changed, no file and no address be read. A statement is stopped after 30 seconds, or
when it takes too much memory. Times are UTC; units are in the columns' names, as for stoker ask.
The statement of each chart: "Show the SQL" on the dashboard's pages.
"""
ADVISE = """\
Tells which keep-alive periods to set instead of today's: the period that would have cost least on
your own jobs, what it gains a month with a 90 % interval, how the choice would have done when made
on the first 70 % of the days and decide on the rest, and why. It changes nothing: copy the setting.
"""
ADVISE_EXAMPLES = """\
examples:
  stoker advise                                 for money alone
  stoker advise --value 60                      an hour of waiting is worth 60 USD
  stoker advise --p90-target 60                 the cheapest periods with P90 startup within 60 s
  stoker advise --pool all --value 60           one period for all pools
  stoker advise --format json | jq '.[0].settings.iam_policy'

The table has the changes only; JSON has every pool, and each setting as SDK, CLI and IAM text. The
same as a table with all columns: stoker ask keep_alive_advice
"""
REBUILD = """\
Makes the database anew from the landed files alone, as they were taken in. Stop the dashboard
first.
"""
STATUS = """\
Tells where the home folder is, what is in it, and whether a dashboard is running on it.
"""


def command_line() -> argparse.ArgumentParser:
    """Return the parser of `stoker`."""
    parser = argparse.ArgumentParser(
        "stoker",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"stoker {version('stoker')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = _command(commands, "serve", "open the dashboard", SERVE)
    serve.add_argument("--demo", action="store_true", help="on the demo history, in <home>/demo")
    serve.add_argument(
        "--port",
        type=_port,
        help=f"listen here (default: the first free one from {FIRST_PORT}; 0: any free one)",
    )
    serve.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )

    _command(commands, "demo", "fill the home with the demo history", DEMO)

    ingest = _command(commands, "ingest", "take files in", INGEST, INGEST_EXAMPLES)
    ingest.add_argument(
        "paths", nargs="+", metavar="PATH", help="file or folder; '-' is standard input"
    )
    ingest.add_argument("--kind", choices=KINDS, help="what it holds (default: told from content)")
    ingest.add_argument(
        "--mapping", metavar="FILE.toml", help="which of the export's columns is which"
    )
    ingest.add_argument(
        "--keep-secrets",
        action="store_true",
        help="keep the values of HyperParameters and Environment",
    )

    ask = _command(commands, "ask", "answer a question", ASK, ASK_EXAMPLES)
    ask.add_argument("name", nargs="?", metavar="NAME", help="the question; absent: list them")
    _filter_options(ask)
    ask.add_argument(
        "--set",
        type=_pair,
        action="append",
        default=[],
        dest="settings",
        metavar="NAME=VALUE",
        help="a setting of the question",
    )
    ask.add_argument(
        "--format", choices=FORMATS, help="default: told by the name of --out, else table"
    )
    ask.add_argument("--out", metavar="FILE", help="write to a file (parquet needs it)")
    ask.add_argument(
        "--columns", action="store_true", help="explain the question instead of answering it"
    )

    advise = _command(
        commands, "advise", "which settings to change, and why", ADVISE, ADVISE_EXAMPLES
    )
    for option, metavar, words in (
        ("--value", "USD", "what an hour of waiting is worth (default: the setting, else 0)"),
        ("--limit", "S", "longest period allowed (default: the setting, else 3600)"),
        ("--p90-target", "S", "P90 startup latency to reach, instead of the best value"),
        ("--least-gain", "USD", "least gain a month that is worth a change (default: 1)"),
        ("--pool", "KEY", "one pool; 'all': one period for all pools"),
    ):
        advise.add_argument(option, metavar=metavar, help=words)
    _filter_options(advise)
    advise.add_argument("--format", choices=("table", "json"), default="table")

    sql = _command(commands, "sql", "run a SELECT of your own", SQL, SQL_EXAMPLES)
    sql.add_argument(
        "statement", nargs="?", metavar="SELECT", help="'-' reads it from standard input"
    )
    sql.add_argument(
        "--format", choices=FORMATS, help="default: told by the name of --out, else table"
    )
    sql.add_argument("--out", metavar="FILE", help="write to a file (parquet needs it)")
    sql.add_argument(
        "--limit",
        type=_row_count,
        default=FIRST_ROWS,
        metavar="N",
        help=f"at most so many rows (default: {FIRST_ROWS}; 0: all)",
    )

    _command(commands, "rebuild", "make the database anew from the landed files", REBUILD)
    status = _command(commands, "status", "tell what is in the home folder", STATUS)
    status.add_argument("--format", choices=("table", "json"), default="table")
    return parser


def parsed(argv: list[str]) -> argparse.Namespace:
    """Return the arguments; wrong use ends the process with status 2."""
    parser = command_line()
    arguments = parser.parse_args(argv)
    if arguments.command == "ask" and arguments.columns and not arguments.name:
        parser.error("--columns needs the name of a question")
    if arguments.command in ("ask", "advise"):
        since, until = arguments.since, arguments.until
        if since and until and since >= until:
            parser.error("--since must be before --until")
    if arguments.command in ("ask", "sql") and arguments.format == "parquet" and not arguments.out:
        parser.error("--format parquet needs --out FILE: it is no text")
    return arguments


def _filter_options(command: argparse.ArgumentParser) -> None:
    """Add the options that choose which jobs count."""
    command.add_argument(
        "--since",
        type=_instant,
        metavar="T",
        help="jobs created at or after this date or instant, ISO 8601; UTC where it has no offset",
    )
    command.add_argument(
        "--until",
        type=_instant,
        metavar="T",
        help="jobs created before it; a date is its first moment",
    )
    command.add_argument(
        "--where",
        type=_pair,
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="only jobs with this value (an empty one is unknown); repeat a column for more values",
    )


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    about: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=summary,
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument(
        "--home",
        metavar="DIR",
        help="where Stoker keeps its data (default: STOKER_HOME, else the platform's data folder)",
    )
    return command


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is no date or instant; write it like 2026-10-01 or 2026-10-01T08:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _row_count(text: str) -> int:
    if not text.isdecimal():
        message = f"'{text}' is no number of rows; give 0 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        message = f"'{text}' is not of the form name=value"
        raise argparse.ArgumentTypeError(message)
    return name.strip(), value


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:
        message = f"'{text}' is no port; give a number from 0 to 65535"
        raise argparse.ArgumentTypeError(message)
    return port
