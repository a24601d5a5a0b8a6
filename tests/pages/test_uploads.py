"""Uploads on the Data page: results, rejects, mappings, prices, zips, and the demo's question."""

import io
import json
import zipfile
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.store.store import Store
from tests.conftest import describe_job, lines
from tests.pages.running import page_of, run_page, texts

FOREIGN = b"""jobid,submit,start,end,user,state,util
j1,1772438400,1772438460,1772439000,ada,COMPLETED,83
j2,1772438500,1772438560,1772439100,bob,FAILED,91
"""


def uploaded_to(
    store: Store, name: str, content: bytes, *, place: int = 0, ready: AppTest | None = None
) -> AppTest:
    """Return the Data page after a file was chosen and imported."""
    page = ready or run_page("data", store)
    page.file_uploader[place].upload(name, content, "application/octet-stream").run()
    next(button for button in page.button if button.label.startswith("Import")).click().run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def job_count(store: Store) -> int:
    return int(store.scalar("select count(*) from training_jobs"))


def test_a_good_file_is_imported(store: Store) -> None:
    page = uploaded_to(store, "jobs.jsonl", lines(describe_job("a"), describe_job("b")))
    assert job_count(store) == 2
    assert page.success[0].value == "Every record could be used."
    results = page.dataframe[0].value
    assert results[["row_count", "accepted_count", "rejected_count"]].values.tolist() == [[2, 2, 0]]


def test_rejects_are_shown_with_reason_and_next_action(store: Store) -> None:
    good, bad = describe_job("a"), describe_job("b", CreationTime=None)
    page = uploaded_to(store, "jobs.jsonl", lines(good, bad))
    assert "1 record could not be used" in page.warning[0].value
    rejected = next(table.value for table in page.dataframe if "reason" in table.value)
    assert rejected["reason"].iloc[0]
    assert rejected["next_action"].iloc[0]
    assert rejected["file_name"].iloc[0] == "jobs.jsonl"


def test_the_same_file_twice_is_said_to_change_nothing(store: Store) -> None:
    content = lines(describe_job("a"))
    uploaded_to(store, "jobs.jsonl", content)
    page = uploaded_to(store, "again.jsonl", content)
    assert "again.jsonl" in page.info[0].value
    assert job_count(store) == 1


def test_a_file_that_is_empty_gives_an_error_and_what_to_do(store: Store) -> None:
    page = uploaded_to(store, "empty.csv", b" ")
    assert "empty" in page.error[0].value
    assert page.info[0].value


def test_one_bad_file_does_not_stop_the_others(store: Store) -> None:
    page = run_page("data", store)
    page.file_uploader[0].upload("empty.csv", b" ", "text/csv")
    page.file_uploader[0].upload("jobs.jsonl", lines(describe_job("a")), "application/json").run()
    next(button for button in page.button if button.label == "Import 2 files").click().run()
    assert page.error
    assert job_count(store) == 1


def test_a_zip_is_unpacked(store: Store) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("a", "b"):
            archive.writestr(f"{name}.json", json.dumps(describe_job(name)))
    uploaded_to(store, "jobs.zip", target.getvalue())
    assert job_count(store) == 2
    assert not list(store.home.scratch.glob("upload-*"))


def test_a_foreign_export_is_mapped_by_its_guesses(store: Store) -> None:
    page = uploaded_to(store, "slurm.csv", FOREIGN)
    assert job_count(store) == 0
    assert "Map the columns of slurm.csv" in texts(page)
    preview = next(table.value for table in page.dataframe if "job_name" in table.value)
    assert preview["job_name"].tolist() == ["j1", "j2"]

    next(button for button in page.button if button.label == "Import slurm.csv").click().run()
    assert not page.exception
    assert job_count(store) == 2
    row = store.frame("select account_id, user_name from training_jobs order by job_name").iloc[0]
    assert row.tolist() == ["import:slurm", "ada"]
    assert not list(store.home.scratch.glob("look-*"))


def test_a_choice_of_the_form_changes_the_mapping(store: Store) -> None:
    page = uploaded_to(store, "slurm.csv", FOREIGN)
    chooser = next(box for box in page.selectbox if box.label == "queue_name" or
                   box.label == "user_name")  # fmt: skip
    chooser.set_value("state").run()
    preview = next(table.value for table in page.dataframe if "job_name" in table.value)
    assert preview["user_name"].tolist() == ["COMPLETED", "FAILED"]


SACCT = b"""JobID|Submit|Start|End|NNodes|State
1|2026-09-01T08:00:00|2026-09-01T08:10:00|2026-09-01T09:10:00|2|COMPLETED
1.batch|2026-09-01T08:10:00|2026-09-01T08:10:00|2026-09-01T09:10:00|2|COMPLETED
2|2026-09-01T08:00:00|2026-09-01T08:10:00|2026-09-01T09:10:00|2|odd
3|2026-09-01T08:00:00|Unknown|Unknown|2|PENDING
4|2026-09-01T08:00:00|Unknown|Unknown|2|PENDING
"""


def test_the_form_asks_for_the_zone_for_unknown_values_and_for_rows_to_leave_out(
    store: Store,
) -> None:
    page = uploaded_to(store, "sacct.txt", SACCT)

    def box(label: str) -> Any:
        return next(box for box in page.selectbox if box.label == label)

    def button() -> Any:
        return next(button for button in page.button if button.label == "Import sacct.txt")

    assert "In which time zone was the file written?" in "".join(one.value for one in page.warning)
    assert button().disabled
    box("Time zone of times without an offset").set_value("UTC").run()
    assert "time zone" not in "".join(one.value for one in page.warning)
    # words of schedulers are guessed, others are asked for
    assert box("status: PENDING").value == "InProgress"
    assert box("status: odd").value == "left open"
    box("status: odd").set_value("Failed").run()
    box("By the column").set_value("State").run()
    next(box for box in page.multiselect if box.label == "Rows with").set_value(["PENDING"]).run()
    assert "step of a Slurm job, State is PENDING" in "".join(one.value for one in page.info)
    button().click().run()
    assert not page.exception
    rows = store.frame("select job_name, status from training_jobs order by job_name")
    assert rows.values.tolist() == [["1", "Completed"], ["2", "Failed"]]
    assert store.scalar("select left_out_count from imports") == 3


def test_a_file_with_known_names_is_asked_about_too(store: Store) -> None:
    content = b"job_name,created_at,status\na,2026-09-01T08:00:00,Complted\n"
    page = uploaded_to(store, "jobs.csv", content)
    assert job_count(store) == 0
    labels = [box.label for box in page.selectbox]
    assert "status: Complted" in labels
    assert "Time zone of times without an offset" in labels


def test_the_mapping_can_be_changed_as_text(store: Store) -> None:
    page = uploaded_to(store, "slurm.csv", FOREIGN)
    area = page.text_area[0]
    area.set_value(area.value + 'queue_name = { constant = "main" }\n').run()
    preview = next(table.value for table in page.dataframe if "job_name" in table.value)
    assert preview["queue_name"].tolist() == ["main", "main"]

    page.text_area[0].set_value("columns = 7").run()
    assert page.error


def test_a_needed_column_that_is_missing_blocks_the_button(store: Store) -> None:
    page = uploaded_to(store, "slurm.csv", FOREIGN)
    next(box for box in page.selectbox if box.label == "created_at (needed)").set_value(
        "not in the file"
    ).run()
    take = next(button for button in page.button if button.label == "Import slurm.csv")
    assert take.disabled
    assert "created_at" in page.error[0].value


def test_prices_are_imported(store: Store) -> None:
    content = (
        b"instance_type,region,list_unit_price_usd_per_h,effective_from\n"
        b"ml.g5.2xlarge,us-east-1,1.5,2026-01-01\n"
    )
    uploaded_to(store, "prices.csv", content, place=1)
    assert store.scalar("select count(*) from prices where is_users") == 1


def test_the_demo_asks_before_it_mixes(store: Store) -> None:
    (store.home.root / "DEMO").touch()
    page = run_page("data", store)
    assert not page.get("file_uploader")
    assert "stoker serve" in [code.value for code in page.code]
    page.checkbox(key="mix_with_demo").check().run()
    uploaded_to(store, "jobs.jsonl", lines(describe_job("a")), ready=page)
    assert job_count(store) == 1


def test_secrets_are_said_to_be_removed(store: Store) -> None:
    assert "HyperParameters" in texts(run_page("data", store))


@pytest.mark.parametrize("name", ["jobs.json", "jobs.jsonl"])
def test_aws_json_needs_no_mapping(store: Store, name: str) -> None:
    page = page_of("data", store).run()
    content = json.dumps({"TrainingJobSummaries": [describe_job("a")]}, indent=1).encode()
    uploaded_to(store, name, content, ready=page)
    assert job_count(store) == 1
