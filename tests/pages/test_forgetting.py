"""Taking an import back on the Data page: which one, a confirmation, and what is said then."""

from data.ingest.pipeline import ingest, uploaded
from data.store.store import Store
from tests.conftest import describe_job, lines
from tests.pages.running import run_page, texts


def test_an_import_is_taken_back_once_that_is_confirmed(store: Store) -> None:
    for name in ("a", "b"):
        ingest(store, uploaded(f"{name}.jsonl", lines(describe_job(name))))
    page = run_page("data", store)
    which = page.selectbox(key="forget_which")
    assert [option.split(",")[0] for option in which.options] == ["2: b.jsonl", "1: a.jsonl"]
    which.select_index(1).run()
    assert page.button(key="forget_go_1").disabled
    page.checkbox(key="forget_sure_1").check().run()
    page.button(key="forget_go_1").click().run()
    assert not page.exception
    assert "a.jsonl was taken back" in texts(page)
    assert list(store.frame("select job_name from training_jobs")["job_name"]) == ["b"]
