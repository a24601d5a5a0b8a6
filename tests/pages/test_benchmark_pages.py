"""The pages on benchmark runs and tuning loops: what they say of known runs, and their links."""

import pytest
from streamlit.testing.v1 import AppTest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import charts
from pages.kit.catalog import page_named
from pages.kit.frame import view_of
from pages.kit.html.page import html_page
from pages.kit.point_labels import LINE_PX, add_labels
from tests.conftest import lines
from tests.pages.running import linked_names, run_page, texts
from tests.runs import HETERO, P3, P4D, PYTORCH, TENSORFLOW, run, take_runs

ARTICLE = {"prices": "day", "as_of": "2022-10-01"}


@pytest.mark.parametrize("name", ["price_performance", "instance_groups"])
def test_without_runs_a_page_says_how_to_bring_them(name: str, store: Store) -> None:
    said = texts(run_page(name, store))
    assert "No benchmark runs yet" in said
    assert "stoker ingest" in said
    assert "Or look around first" in said


def test_price_performance_shows_the_published_comparison_at_the_prices_of_its_day(
    store: Store,
) -> None:
    take_runs(store, *TENSORFLOW, *PYTORCH)
    page = run_page("price_performance", store, workload="tf", **ARTICLE)
    said = texts(page)
    assert "Cheapest: heterogeneous" in said
    assert "Fastest: 86 ms" in said
    assert "Most work per dollar: +86.8 %" in said
    assert "1 Oct 2022" in said
    table = next(one.value for one in page.dataframe if "cluster_label" in one.value)
    assert table["cost_reduction_ratio"].tolist() == pytest.approx([0, 46.48], abs=0.01)


def test_the_baseline_of_the_link_is_compared_with(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    said = texts(run_page("price_performance", store, baseline="heterogeneous", **ARTICLE))
    assert "the baseline; no other one costs less" in said


def test_a_configuration_without_a_price_is_named(store: Store) -> None:
    take_runs(store, run("a", P4D, 100), run("b", "ml.trn2.48xlarge x1", 90))
    said = texts(run_page("price_performance", store))
    assert "Without a price, and not compared by cost: b." in said


def test_a_price_view_of_the_link_is_compared_and_says_what_it_is_based_on(store: Store) -> None:
    take_runs(store, *TENSORFLOW)
    paid = {"price_view": "savings_plan", "savings_plan_discount_pct": "25", **ARTICLE}
    page = run_page("price_performance", store, **paid)
    assert "25 % off the list price" in texts(page)
    table = next(one.value for one in page.dataframe if "paid_usd_per_h" in one.value)
    assert table["paid_usd_per_h"].tolist()[1] == pytest.approx(37.688 * 0.75)
    said = texts(run_page("price_performance", store, price_view="spot", **ARTICLE))
    assert "Cheapest: unknown" in said
    assert "heterogeneous: unknown, heterogeneous clusters cannot use managed spot" in said
    assert "Set the saving, or import jobs with EnableManagedSpotTraining." in said


def test_instance_groups_gives_the_advice_with_its_setting(store: Store) -> None:
    take_runs(store, run("now", P4D, 192, cpu_utilization_ratio=1.0, gpu_utilization_ratio=0.45))
    said = texts(run_page("instance_groups", store, **ARTICLE))
    assert "Add CPU hosts: ml.p4d.24xlarge x1 + ml." in said
    assert "takes 213 vCPUs; there are 96" in said
    assert "InstanceGroup('dnn_group', 'ml.p4d.24xlarge', 1)" in said
    assert "Only the cluster in use was measured" in said


def test_instance_groups_says_what_to_measure_first(store: Store) -> None:
    take_runs(store, run("now", P3, 1193, cpu_utilization_ratio=1.0))
    said = texts(run_page("instance_groups", store))
    assert "Measure first" in said
    assert "Measure GPUUtilization first" in said
    assert "Nothing is ranked" in said


def test_instance_groups_shows_measured_beside_predicted(store: Store) -> None:
    take_runs(
        store,
        run("now", P4D, 192, cpu_utilization_ratio=1.0, gpu_utilization_ratio=0.45),
        run("added", HETERO, 95),
    )
    page = run_page("instance_groups", store, **ARTICLE)
    assert "Fitted to 2 configurations" in texts(page)
    tables = [one.value for one in page.dataframe if "measured_step_time_ms" in one.value]
    assert any(sorted(table["measured_step_time_ms"]) == [95, 192] for table in tables)


def test_the_tuning_planner_opens_with_the_published_loop(store: Store) -> None:
    said = texts(run_page("tuning_planner", store, startup_warm_s="0"))
    assert "Jobs: 2,880" in said
    assert "All cold: 10.00 h" in said
    assert "On warm pools: 4.05 h" in said
    assert "Choose an instance type with a known price" in said
    assert "No jobs come in rounds" in said


def test_the_tuning_planner_costs_a_loop_of_the_link(store: Store) -> None:
    page = run_page("tuning_planner", store, instance_type="ml.g5.2xlarge", rounds="10")
    said = texts(page)
    assert "Jobs: 240" in said
    table = next(one.value for one in page.dataframe if "list_cost_cold_usd" in one.value)
    # 20 clusters for 10 x 300 s and 4 tuners as long, at 1.515 USD
    assert table["list_cost_cold_usd"].tolist() == pytest.approx([24 * 3000 / 3600 * 1.515])


def test_a_loop_of_the_history_becomes_the_plan(demo_store: Store) -> None:
    page = run_page("tuning_planner", demo_store)
    button = next(one for one in page.button if one.label.startswith("Plan "))
    button.click().run()
    assert not page.exception
    assert page.query_params["parallel"] == "1"
    assert page.query_params["folds"] == "7"
    assert page.query_params["instance_type"] == "ml.c5.4xlarge"
    assert "1 tuner," in texts(page)


@pytest.mark.parametrize("name", ["price_performance", "instance_groups", "tuning_planner"])
def test_a_page_can_be_handed_on_as_a_file(name: str, demo_store: Store) -> None:
    reader = Reader(demo_store)
    view = view_of(page_named(name), reader)
    written = html_page(view, "http://127.0.0.1/")
    assert page_named(name).page.title in written
    assert "nan" not in written.lower().replace("finance", "").split()


@pytest.mark.parametrize("name", ["price_performance", "instance_groups", "tuning_planner"])
def test_nothing_says_nan_or_none_on_the_demo(name: str, demo_store: Store) -> None:
    said = texts(run_page(name, demo_store))
    assert "nan" not in said.lower().split()
    assert "None" not in said


def test_labels_of_points_do_not_cover_each_other() -> None:
    drawn = charts.figure()
    names = [f"configuration {number}" for number in range(8)]
    add_labels(drawn, [100.0] * 8, [1 + number / 1e6 for number in range(8)], names, height=380)
    layout = drawn.figure().layout
    assert [note.text for note in layout.annotations] == list(reversed(names))
    y_low, y_high = layout.yaxis.range
    heights = sorted(
        270 * (y_high - note.y) / (y_high - y_low) + note.ay for note in layout.annotations
    )
    gaps = [after - before for before, after in zip(heights, heights[1:], strict=False)]
    assert min(gaps) >= LINE_PX - 1e-6


def test_jobs_of_the_fleet_are_ranked_by_their_bottleneck(store: Store) -> None:
    job = {
        "created_at": "2026-03-02T08:00:00Z",
        "training_started_at": "2026-03-02T08:00:00Z",
        "training_ended_at": "2026-03-02T09:00:00Z",
        "status": "Completed",
        "instance_type": "ml.g5.2xlarge",
        "instance_count": 1,
        "cpu_utilization_ratio": 0.95,
    }
    rows = (
        {**job, "job_name": "busy", "gpu_utilization_ratio": 0.65},
        {**job, "job_name": "waiting", "gpu_utilization_ratio": 0.1},
    )
    ingest(store, uploaded("jobs.jsonl", lines(*rows)))
    page = run_page("instance_groups", store)
    table = next(one.value for one in page.dataframe if "bottleneck_usd" in one.value)
    assert linked_names(table["job_name"]) == ["waiting", "busy"]
    assert "CPU-bound: 2 jobs" in texts(page)


def fill(page: AppTest, **values: object) -> AppTest:
    for name, value in values.items():
        fields = [*page.text_input, *page.number_input]
        next(one for one in fields if one.key == f"typed_run_{name}").set_value(value)
    next(one for one in page.button if one.label == "Import this run").click()
    return page.run()


def test_a_run_that_is_typed_in_is_compared(store: Store) -> None:
    page = run_page("price_performance", store)
    page = fill(page, workload="tf", configuration="mine", instances=P4D, step_time_ms=192.0,
                gpu_utilization_ratio=45.0)  # fmt: skip
    assert not page.exception
    assert "The run was imported." in "\n".join(str(one.value) for one in page.success)
    assert "Fastest: 192 ms" in texts(page)
    table = next(one.value for one in page.dataframe if "cluster_label" in one.value)
    assert table["gpu_utilization_ratio"].tolist() == pytest.approx([45])


def test_a_typed_run_that_cannot_be_used_says_why(store: Store) -> None:
    page = run_page("price_performance", store)
    page = fill(page, workload="tf", configuration="mine", instances="ml.p4d.24xlage x1",
                step_time_ms=192.0)  # fmt: skip
    assert "close to it: ml.p4d.24xlarge" in texts(page)


def test_nothing_is_typed_into_the_demo(demo_store: Store) -> None:
    (demo_store.home.root / "DEMO").write_text("made-up jobs")
    page = run_page("price_performance", demo_store)
    (demo_store.home.root / "DEMO").unlink()
    assert not [one for one in page.button if one.label == "Import this run"]
