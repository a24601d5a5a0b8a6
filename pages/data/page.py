"""Data: AWS, uploads, coverage, rejected records and imports."""

from data.store.reader import Reader
from pages.kit import links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import count, days
from pages.kit.work import computed

PAGE = Page(
    title="Data",
    icon=":material/upload_file:",
    lead="Read your job history from AWS or import it, and see what is there, what is missing and"
    " what could not be used.",
    position=30,
)
MANY_SAMPLES = 5_000_000
SECRETS = (
    "Before anything is kept, the values of `HyperParameters` and `Environment` are removed,"
    " because they often hold secrets. Files stay on this machine."
)


def render(canvas: Canvas, reader: Reader) -> None:
    _read_from_aws(canvas.aside(), reader)
    _import_jobs(canvas.aside(), reader)
    _coverage(canvas, reader)
    _rejected_records(canvas, reader)
    _imports(canvas, reader)
    _import_prices(canvas.aside(), reader)


def _read_from_aws(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Read from AWS")
    canvas.text(
        "Reads training jobs, queues, metrics and prices, and each time only what is new. It never"
        " writes to AWS, and keeps no credentials. `docs/iam-policy.json` lists every action that"
        " it uses."
    )

    def draw() -> None:
        from pages.data import sync_panel  # needs Streamlit, which only a screen has

        sync_panel.draw_sync(canvas, reader)

    canvas.interact(draw)


def _import_jobs(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Import job history")
    canvas.text(
        "Upload responses from `describe-training-job`, `list-training-jobs` or `search`,"
        " EventBridge events, or the export of any scheduler as CSV, JSON lines or Parquet,"
        f" zipped or gzipped if you like. {SECRETS}"
    )

    def draw() -> None:
        from pages.data import uploads  # needs Streamlit, which only a screen has

        if uploads.may_import(canvas, reader):
            uploads.draw_upload(
                canvas,
                reader,
                key="jobs_upload",
                label="Upload job history",
                help_text="Importing the same file twice changes nothing. Columns of other tools"
                " can be mapped.",
            )

    canvas.interact(draw)
    how = canvas.expander("How do I export my jobs from AWS?")
    how.text("Each page of search results holds 100 jobs, with status history and warm pools:")
    how.code(
        "aws sagemaker search --resource TrainingJob --sort-by CreationTime \\\n"
        "    --sort-order Descending --output json > jobs.json"
    )
    how.text("You can also import files and folders from the command line:")
    how.code("stoker ingest jobs.json exports/")


def _coverage(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Coverage")
    by_source = query_rows(reader, "coverage", by="source")
    if by_source.empty:
        canvas.text("No records yet.")
        return
    jobs = by_source[by_source["kind"] == "jobs"]
    if jobs.empty:
        canvas.text("No training jobs yet; what else was imported is listed here.")
    else:
        canvas.text(
            f"**{count(jobs['job_count'].sum(), 'job')}**, created"
            f" {days(jobs['first_created_at'].min(), jobs['last_created_at'].max())} (UTC)."
            " Startup latency needs the status history; pools and costs need the resources."
        )
    samples = by_source[by_source["kind"] == "metrics"]["record_count"].sum()
    coverage = computed(
        canvas,
        reader,
        "coverage by account",
        lambda _: query_rows(reader, "coverage"),
        name="Coverage of samples",
        is_long=samples > MANY_SAMPLES,
    )
    if coverage is None:
        return
    canvas.table(
        coverage.rename(columns={"source": "record_kind"}),
        ["account_id", "region", "record_kind", "first_record_at", "last_record_at",
         "longest_gap_days", "sampled_minute_ratio", "record_count", "day_count",
         "empty_day_count", "job_minute_count", "with_transitions_ratio", "with_resources_ratio",
         "last_read_at"],
        key="coverage_table",
        alt="Records by account, region and source: the time they cover, gaps, and the part of the"
        " job-minutes that have samples",
        what="sources",
        file_name="coverage",
        all_rows=lambda: coverage,
        placeholder="",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "coverage")
    links.sql(row, "coverage")


def _rejected_records(canvas: Canvas, reader: Reader) -> None:
    rejected = query_rows(reader, "rejected_rows")
    canvas.header("Rejected records")
    if rejected.empty:
        canvas.text("None. Every record so far could be used.")
        return
    canvas.text(f"{count(len(rejected), 'record')} could not be used. Correct them, and import"
                " the file again.")  # fmt: skip
    canvas.table(
        rejected.iloc[::-1],
        ["file_name", "row_number", "reason", "next_action", "raw"],
        key="rejected_table",
        alt="Rejected records, with the reason and what to do",
        what="records",
        file_name="rejected_rows",
        all_rows=lambda: rejected,
        placeholder="",
    )


def _imports(canvas: Canvas, reader: Reader) -> None:
    imports = query_rows(reader, "imports")
    canvas.header("Imports")
    if imports.empty:
        canvas.text("None yet.")
        return
    canvas.table(
        imports.iloc[::-1],
        ["fetched_at", "file_name", "kind", "file_format", "mapping_name", "row_count",
         "accepted_count", "unchanged_count", "rejected_count", "left_out_count",
         "import_note",
         "first_record_at", "last_record_at", "is_superseded", "import_status", "reason",
         "next_action"],
        key="imports_table",
        alt="Imports, newest first, with their records",
        what="imports",
        file_name="imports",
        all_rows=lambda: imports,
        placeholder="",
    )  # fmt: skip

    def draw() -> None:
        from pages.data import forgetting  # needs Streamlit, which only a screen has

        forgetting.draw_forget(reader, imports.iloc[::-1])

    canvas.interact(draw)


def _import_prices(canvas: Canvas, reader: Reader) -> None:
    canvas.header("Your own prices")
    canvas.text(
        "Costs use the on-demand list prices that come with Stoker, some of which are estimates."
        " Your own price file takes precedence. It is a CSV file with the columns `instance_type`,"
        " `region`, `list_unit_price_usd_per_h` and `effective_from`."
    )
    canvas.code(
        "instance_type,region,list_unit_price_usd_per_h,effective_from\n"
        "ml.g5.2xlarge,us-east-1,1.515,2026-01-01"
    )

    def draw() -> None:
        from pages.data import uploads  # needs Streamlit, which only a screen has

        uploads.draw_price_upload(canvas, reader)

    canvas.interact(draw)
