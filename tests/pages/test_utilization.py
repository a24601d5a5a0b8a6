"""The Utilization page: what it says of known samples, of none, and of one job."""

from collections.abc import Iterator

import pytest

from data.store.store import Store
from pages.kit.blocks import Chart, Table, View
from tests.analytics.utilization.records import Job, Sample, minutes, take_jobs, take_samples
from tests.analytics.utilization.test_hosts import GPU, LARGE, SMALL, cpu, gpu, take_cluster
from tests.pages.running import collected_view, run_page, texts

HOUR_S = 3600


def take_a_day(store: Store) -> None:
    """Import a busy job of one user, and one of another that idles for most of two hours."""
    take_jobs(
        store,
        Job("busy", 0, HOUR_S, user="ada"),
        Job("lazy", 0, 2 * HOUR_S, user="bob"),
        Job("dark", 0, HOUR_S, user="eve"),
    )
    take_samples(
        store, *minutes("busy", 1, [360] * 60), *minutes("lazy", 1, [300] * 10 + [0] * 110)
    )


def charts(view: View) -> dict[str, Chart]:
    return {block.key: block for block in view.blocks() if isinstance(block, Chart)}


def tables(view: View) -> Iterator[Table]:
    return (block for block in view.blocks() if isinstance(block, Table))


def test_the_headline_tells_held_measured_used_and_idle_apart(store: Store) -> None:
    take_a_day(store)
    page = run_page("utilization", store)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["GPU-hours held"] == "16"
    assert figures["Coverage"] == "75 %"
    # 4 x 0.9 + 4 x 0.75 x 1/6 of 12 measured GPU-hours
    assert figures["GPU utilization"] == "34.2 %"
    assert "**bob** left most GPUs idle: **7.3 GPU-hours**, 100 %" in texts(page)


def test_the_job_that_idled_is_named_with_its_user(store: Store) -> None:
    take_a_day(store)
    view = collected_view("utilization", store)
    (idle,) = [table for table in tables(view) if table.key == "idle_job"]
    assert idle.rows[["job_name", "user_name"]].to_numpy().tolist() == [["lazy", "bob"]]


@pytest.mark.parametrize("param", ["job", "idle_job"])
def test_a_job_of_the_link_shows_every_host_beside_its_phases(store: Store, param: str) -> None:
    take_cluster(store, (LARGE, 2), (GPU, 1))
    take_samples(store, *cpu(1, 3600), *cpu(2, 4800), *gpu(2, 0), *cpu(3, 3600))
    view = collected_view("utilization", store, **{param: "a"}, metric="CPUUtilization")
    figure = charts(view)["series"].figure
    lines = {trace.name for trace in figure.data if trace.type == "scatter"}
    assert lines == {f"algo-1 · {LARGE}", f"algo-2 · {GPU}", f"algo-3 · {LARGE}"}
    assert "Training" in {trace.name for trace in figure.data if trace.type == "bar"}


def test_a_gap_in_the_samples_is_a_gap_in_the_line(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S))
    take_samples(store, *minutes("a", 1, [400] * 10), *minutes("a", 1, [400] * 10, first_s=1800))
    view = collected_view("utilization", store, job="a")
    (line,) = [trace for trace in charts(view)["series"].figure.data if trace.type == "scatter"]
    assert [value != value for value in line.y].count(True) == 1


def test_hosts_that_fit_two_groups_are_shown_as_such(store: Store) -> None:
    take_cluster(store, (SMALL, 1), (LARGE, 1), (GPU, 1))
    take_samples(store, *gpu(1, 800), *cpu(2, 1000), *cpu(3, 3000))
    page = run_page("utilization", store)
    assert "2 hosts of heterogeneous clusters could belong to more than one" in texts(page)


def test_without_samples_the_page_says_how_to_get_some(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S))
    page = run_page("utilization", store)
    said = texts(page)
    assert "There are no metric samples" in said
    assert "stoker ingest october.json --kind metrics" in said
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["GPU-hours held"] == "4"
    assert figures["GPU utilization"] == "unknown"
    assert figures["GPU waste (USD)"] == "unknown"


def test_samples_of_other_jobs_are_said_to_be_of_none_of_these(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S))
    take_samples(store, Sample("other", 1, 0, 50), Sample("a", 1, 2 * HOUR_S, 50))
    assert "There are 2 samples, but none is of these jobs" in texts(run_page("utilization", store))


def test_a_name_that_no_job_has_is_said_to_be_none(store: Store) -> None:
    take_a_day(store)
    assert "There is no job of this name" in texts(run_page("utilization", store, job="gone"))


def test_jobs_without_gpus_still_show_their_cpus(store: Store) -> None:
    take_jobs(store, Job("a", 0, HOUR_S, "ml.c5.xlarge"))
    take_samples(store, *minutes("a", 1, [200] * 60, metric="CPU"))
    view = collected_view("utilization", store)
    assert set(charts(view)) == {"over_time", "types"}
