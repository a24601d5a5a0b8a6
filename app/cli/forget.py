"""`stoker forget`: takes imports back."""

from typing import TYPE_CHECKING

import click

from app.cli.invocation import DONE, FAILED, Invocation, write_error
from app.cli.options import command
from app.cli.printable import printable
from app.cli.store_access import run_on_store
from data.store.home import Home

if TYPE_CHECKING:
    from data.store.store import Store

EXAMPLES = """\
Examples:
  stoker ask imports                 which imports there are; the first column has their numbers
  stoker forget 17
  stoker forget 17 18 19

To have a forgotten file back, import it again.
"""


@command("forget", "Take imports back.", EXAMPLES)
@click.argument(
    "import_ids",
    nargs=-1,
    required=True,
    type=click.IntRange(min=0),
    metavar="IMPORT...",
    help="The numbers of imports, as `stoker ask imports` has them.",
)
def forget(invocation: Invocation, home: Home, *, import_ids: tuple[int, ...]) -> int:
    """Takes imports back: their records, what was rejected, and the landed file. All answers are as
    if they had never come in, also after `stoker rebuild`. A failed import goes from the list.
    """

    def work(store: "Store") -> int:
        from app.cli.progress import ProgressBar
        from data.ingest.forget import forget as forget_imports
        from data.ingest.results import ImportFailure

        with ProgressBar(invocation, "forget") as bar:
            forgotten, merged_again = forget_imports(store, import_ids, bar)
        for one in forgotten:
            line = f"{one.file_name}: forgotten, with {one.record_count} record(s) ({one.kind})"
            invocation.out.write(printable(line) + "\n")
        failed = [one for one in merged_again if isinstance(one, ImportFailure)]
        for failure in failed:
            write_error(failure.as_error(), invocation.err)
        return FAILED if failed else DONE

    return run_on_store(invocation, home, work)
