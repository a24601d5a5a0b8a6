"""SQL: the statement, the tables it may read, and its rows."""

from analytics.adhoc.statements import run
from analytics.adhoc.statements import tables as documented_tables
from data.errors import StokerError
from data.sandbox.runner import SelectResult
from data.store.reader import Reader
from pages.kit import formats, messages
from pages.kit.blocks import Code
from pages.kit.cache import query_rows, remember
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.sql.statement import Statement, arrive

PAGE = Page(
    title="SQL",
    icon=":material/database_search:",
    lead="Ask your records anything else, with one SELECT statement. It reads the tables that every"
    " page reads, and changes nothing.",
    position=140,
)
MOST_ROWS = 10_000


def render(canvas: Canvas, reader: Reader) -> None:
    messages.has_jobs(canvas, reader)
    left, right = canvas.columns(3, 2)
    _tables(right, reader)
    left.header("Statement")
    with messages.shown_errors(left):
        statement = arrive(left, reader)
        _statement(left, statement)
        if statement.run_text is not None:
            _rows(canvas, reader, statement.run_text, statement.run_number)


def _statement(canvas: Canvas, statement: Statement) -> None:
    def draw(part: str) -> None:
        from pages.sql import editor  # needs Streamlit, which only a screen has

        if part == "examples":
            editor.draw_examples(canvas)
        else:
            editor.draw_editor(canvas, statement)

    canvas.interact(lambda: draw("examples"))
    if statement.query:
        canvas.note(
            f"The SQL of the query `{statement.query}`, with the filters of the page that linked"
            f" here. {statement.finish or 'That page shows these rows.'}"
        )
    if statement.is_waiting:
        canvas.notice(
            "This statement came with a link and has not run yet. Read it, then press Run.",
            icon=":material/touch_app:",
        )
    canvas.interact(lambda: draw("editor"))
    canvas.record(Code(statement.text, "sql"))


def _tables(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Tables")
    tables = documented_tables(reader).set_index("table_name")
    name = canvas.select(
        "Table", list(tables.index), key="table", default="job_facts", is_label_hidden=True,
        is_setting=False,
    )  # fmt: skip
    canvas.text(f"{tables['comment'][name]}.")
    columns = query_rows(reader, "columns")
    canvas.table(
        columns[columns["table_name"] == name],
        ["column_name", "comment", "data_type"],
        key="schema",
        alt=f"Columns of {name}",
        what="columns",
        file_name=f"columns_of_{name}",
        placeholder="",
        height=370,
    )


def _rows(canvas: Canvas, reader: Reader, sql: str, run_number: int) -> None:
    canvas.header("Rows")
    with canvas.busy("Running"):
        result = remember(
            reader,
            ("sql", sql, run_number),
            lambda: _run(reader, sql),
            size=lambda value: (
                int(value.frame.memory_usage(deep=True).sum())
                if isinstance(value, SelectResult)
                else 0
            ),
        )
    if isinstance(result, StokerError):
        messages.show_error(canvas, result)
        return
    _say(canvas, result)
    if len(result.frame):
        canvas.plain_table(result.frame, key="rows", alt="Rows of the statement")
        canvas.downloads(lambda: result.frame, "rows", key="rows_download")


def _run(reader: Reader, sql: str) -> SelectResult | StokerError:
    """Return the first rows of a statement, or why there are none: it is not run again to see."""
    try:
        return run(reader, sql, most_rows=MOST_ROWS)
    except StokerError as error:
        return error


def _say(canvas: Canvas, result: SelectResult) -> None:
    count = formats.count(len(result.frame), "row")
    if result.is_capped:
        canvas.notice(
            f"Only the first {count} are shown. `stoker sql` with `--limit 0` gives all.",
            icon=":material/vertical_align_bottom:",
        )
    canvas.note(f"{count} in {result.seconds:.2f} s. Times are in UTC; empty means unknown.")
