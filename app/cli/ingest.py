"""`stoker ingest`: imports the files of a command line, one after the other."""

from typing import TYPE_CHECKING, Any

import click

from app.cli.invocation import Invocation
from app.cli.options import command
from app.cli.store_access import run_on_store
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.store import Store

STDIN = "-"
NAMES_OF_STDIN = frozenset({"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
EXAMPLES = """\
Examples:
  stoker ingest jobs.jsonl more-jobs.csv.gz
  stoker ingest exports/ --mapping sacct.toml
  aws sagemaker search --resource TrainingJob | stoker ingest -
  aws batch describe-job-queues | stoker ingest -
  stoker ingest capacity.csv --kind capacity
  stoker ingest s3://my-bills/cur/20261101-20261201/

For each file it says how many rows were accepted, unchanged and rejected. Every rejected row is
kept with the reason and what to do: stoker ask rejected_rows
"""


class Kind(click.ParamType[str]):
    """A kind of record: one that a dataset declares, whichever there are."""

    name = "KIND"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind."""
        if value not in _kinds():
            self.fail(f"'{value}' is not one of {', '.join(_kinds())}.", param, ctx)
        return str(value)


class KindOption(click.Option):
    """The option that says a kind; its help names them all."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        return "--kind KIND", f"{self.help} One of: {', '.join(_kinds())}."


@command("ingest", "Import files.", EXAMPLES)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    help="Files, folders or s3:// addresses; '-' is standard input.",
)
@click.option(
    "--kind", cls=KindOption, type=Kind(), help="What the files hold (default: by their content)."
)
@click.option("--mapping", metavar="FILE.toml", help="Column mapping for the export.")
@click.option(
    "--keep-secrets", is_flag=True, help="Keep the values of HyperParameters and Environment."
)
def ingest(
    invocation: Invocation,
    home: Home,
    *,
    paths: tuple[str, ...],
    kind: str | None,
    mapping: str | None,
    keep_secrets: bool,
) -> int:
    """Imports responses from describe-training-job, list-training-jobs or search (JSON, JSON
    lines); of AWS Batch service jobs, job queues, service environments, scheduling policies, quota
    shares and queue snapshots; their EventBridge events; exports as delimited text, JSON lines or
    Parquet, metric samples, capacity, price lists and bills (CUR, FOCUS); gzip, zip and whole
    folders too. The same file twice changes nothing. Values of HyperParameters and Environment may
    hold secrets: they are removed before anything is kept.
    """

    paths = tuple(STDIN if path in NAMES_OF_STDIN else path for path in paths)

    def work(store: "Store") -> int:
        from app.cli.imports import import_paths

        return import_paths(
            store, invocation, paths, kind=kind, mapping=mapping, keep_secrets=keep_secrets
        )

    return run_on_store(invocation, home, work, reads_stdin=STDIN in paths)


def _kinds() -> list[str]:
    from data.datasets.catalog import datasets

    return sorted(datasets())
