"""The documentation says what the code does: ids, links, definitions, sources, queries, help.

And nothing is described twice: columns, code values, pages and queries are declared in one place.
"""

import ast
import csv
import hashlib
import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from analytics.catalog import queries
from analytics.vocabulary import CODES
from app.cli.main import main
from data.files.mapping import Mapping
from data.store.reference_tables import SPECS_DATE
from data.store.settings import Settings
from data.tables import COLUMNS, TABLES
from data.tables.declaration import Kind
from pages.kit.catalog import pages

ROOT = Path(__file__).parents[1]
METRIC_PAGES = sorted((ROOT / "docs" / "metrics").glob("*.md"))
METRICS = [page.stem for page in METRIC_PAGES]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("app", "pages", "analytics", "data")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SQL_FILES = sorted([*(ROOT / "analytics").rglob("*.sql"), *(ROOT / "data").rglob("*.sql")])
REFERENCE = sorted((ROOT / "data" / "reference").glob("*.csv"))
GOLDEN = ROOT / "tests" / "golden" / "published_results.csv"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
SCREENSHOTS = ROOT / "docs" / "screenshots"

HEADINGS = [
    "Definition",
    "Formula",
    "Grain",
    "Includes / excludes",
    "Source",
    "Check",
    "Beware",
    "Computed in",
]
# no rows of its own: macros for the checks of all kinds of record
WITHOUT_GRAIN = {"parse.sql", "parse_aws.sql"}

# what a user reads uses one word for one thing; left: how it is not said
WORDS = {
    r"(?:took|takes?|taken|taking) over": "reuse (a warm cluster)",
    r"(?:took|takes?|taken|taking) in": "import",
    "taker": "reusing job",
    "worth of an hour|value of an hour|waiting is worth": "cost of delay",
    "waiting lost|waiting saved": "avoidable wait time, wait time saved",
    "where the waiting went": "wait time by miss reason",
    "most idle at once": "peak idle instances",
    "alike jobs|jobs alike": "matched jobs",
    "times alone": "inferred from timestamps",
    "kept for ever": "unlimited keep-alive",
    "(?:make|made|makes|making)(?: it)? anew": "rebuild",
    "rest(?:s|ed)? on": "is based on",
    "wants? a decision": "needs attention",
    "goes? before": "takes precedence",
    "reader's sql|sql of readers": "ad-hoc SQL",
    "ingest runs?": "imports",
}

DERIVED_TERMS = [
    "pool_key",
    "warm start",
    "cold start",
    "hit",
    "miss",
    "hit_rate_ratio",
    "startup_latency_s",
    "queue_wait_s",
    "gap_s",
    "gpu_allocation_ratio",
    "gpu_utilization_ratio",
    "cost_reduction_ratio",
    "speedup_ratio",
]

# what people script against: these names stay
CONTRACT = {
    "jobs": """job_name account_id region created_at training_started_at training_ended_at status
        instance_type instance_count accelerator_count input_mode keep_alive_period_s pool_key
        eligibility outcome miss_reason evidence donor_job_name gap_s startup_latency_s
        provisioning_s download_s billable_s retained_s list_cost_usd retained_cost_usd user_name
        share_name queue_name""",
    "costs": """group_value job_count run_usd billed_startup_usd retained_usd failed_usd total_usd
        unknown_price_job_count""",
    "warm_pool_hit_rate": """group_value job_count eligible_count hit_count confirmed_hit_count
        inferred_hit_count hit_rate_ratio hit_rate_given_predecessor_ratio""",
    "warm_pool_misses": "miss_reason job_count wait_lost_s example_job_name explanation",
    "startup_latency": """input_mode start_kind job_count startup_latency_p50_s
        startup_latency_p90_s startup_latency_p99_s startup_latency_p90_low_s
        startup_latency_p90_high_s""",
    "startup_phases": "input_mode start_kind phase job_count p50_s p90_s p99_s billed",
    "startup_advice": """lever group_value matched_job_count saved_s saved_low_s saved_high_s
        net_gain_usd_per_month rationale""",
    "keep_alive_curve": """pool_key keep_alive_period_s job_count hit_count miss_count
        hit_rate_ratio retained_s retained_cost_usd wait_saved_s net_cost_usd
        peak_idle_instances""",
    "keep_alive_advice": """pool_key job_count current_keep_alive_s advised_keep_alive_s verdict
        pool_label cash_gain_usd_per_month
        net_gain_usd_per_month net_gain_low_usd_per_month net_gain_high_usd_per_month
        wait_saved_h_per_month
        backtest_regret_ratio rationale setting""",
    "price_performance": """workload configuration list_unit_price_usd_per_h step_time_ms
        step_time_median_ms step_count list_cost_per_100_steps_usd speedup_ratio
        cost_reduction_ratio cost_reduction_low_ratio cost_reduction_high_ratio
        work_per_usd_gain_ratio is_on_frontier""",
    "instance_group_advice": """workload candidate kind diagnosis predicted_step_time_ms
        predicted_low_ms predicted_high_ms list_cost_per_100_steps_usd cost_reduction_ratio
        break_even_step_time_ms loses is_on_frontier rank rationale setting""",
    "bottlenecks": """job_name diagnosis cpu_utilization_ratio accelerator_utilization_ratio
        coverage_ratio rationale""",
    "tuning_plan": """parallel_jobs rounds folds job_count makespan_cold_h makespan_warm_h
        makespan_reduction_ratio clusters_needed list_cost_cold_usd list_cost_warm_usd""",
    "share_usage": """queue_name share_name share_kind hour_at own_instance_h used_instance_h
        owned_used_instance_h borrowed_instance_h lent_instance_h idle_instance_h
        preempted_instance_h gpu_allocation_ratio gpu_utilization_ratio coverage_ratio""",
    "share_waits": """queue_name share_name scheduling_priority job_count queue_wait_p50_s
        queue_wait_p90_s queue_wait_p99_s queue_wait_mean_s""",
    "share_costs": """queue_name share_name job_count attempt_count list_cost_usd
        lost_to_preemption_usd""",
    "utilization": """group_value sample_count host_h cpu_utilization_ratio gpu_utilization_ratio
        gpu_memory_utilization_ratio memory_utilization_ratio disk_utilization_ratio
        coverage_ratio""",
    "gpu_waste": """group_value job_count allocated_gpu_h measured_gpu_h coverage_ratio
        gpu_utilization_ratio idle_gpu_h idle_cost_usd""",
    "pool_merges": """pool_key other_pool_key differing_fields job_count extra_hit_count
        net_gain_usd_per_month rationale""",
    "bill_reconciliation": "day billed_usd computed_usd difference_usd explanation",
    "share_replay": """job_name share_name created_at started_at ended_at queue_wait_s
        preempted_count""",
    "share_replay_summary": """share_name job_count queue_wait_mean_s queue_wait_p50_s
        queue_wait_p90_s allocation_ratio preempted_count lost_instance_h
        calibration_error_ratio""",
    "advice": """rank kind subject advised current net_gain_usd_per_month
        net_gain_low_usd_per_month net_gain_high_usd_per_month wait_saved_h_per_month job_count
        backtest_regret_ratio rationale setting evidence_page state""",
    "backtest": """pool_key policy train_until job_count hit_rate_ratio retained_s wait_s
        total_cost_usd regret_ratio""",
    "did_it_pay": """advice_id applied_at before_job_count after_job_count
        expected_gain_usd_per_month realised_gain_usd_per_month realised_low_usd_per_month
        realised_high_usd_per_month verdict""",
}
CONTRACT_SETTINGS = {
    "share_replay": {
        "policy": "fifo sjf fair_share quota",
        "capacity": "",
        "capacity_unit": "instances accelerators",
        "scope": "queue share",
        "capacities": "",
        "scenario": "",
        "backfill": "none easy",
    },
    "price_performance": {"baseline": "", "as_of": ""},
    "tuning_plan": dict.fromkeys(
        (
            "parallel",
            "rounds",
            "folds",
            "startup_cold_s",
            "startup_warm_s",
            "run_s",
            "instance_type",
        ),
        "",
    ),
    "instance_group_advice": {"max_cpu_instances": "", "max_step_time_ms": ""},
    "costs": {
        "by": "day user_name share_name instance_type region account_id all",
        "attribute_to": "donor reuser half key_users",
    },
    "warm_pool_hit_rate": {
        "by": "all pool_key user_name share_name instance_type input_mode day hour_of_day"
    },
    "startup_latency": {"by": "instance_type"},
    "utilization": {"by": "all job_name share_name user_name instance_type hour day"},
    "gpu_waste": {
        "by": "all job_name share_name user_name instance_type hour day",
        "idle_below_ratio": "",
    },
    "keep_alive_curve": {"at": "", "reuse": "newest oldest both", "pool_key": "", "tail": ""},
    "keep_alive_advice": {"value_of_waiting_usd_per_h": "", "limit_s": "", "p90_target_s": ""},
    "share_usage": {"step": "hour day all"},
}
NOT_BUILT_YET: set[str] = set()


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def sections(page: Path) -> dict[str, str]:
    """Return a page's sections by heading; what stands before the first is under ''."""
    parts = re.split(r"(?m)^## +(.+)$", text_of(page))
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def rows_of(path: Path) -> list[dict[str, str]]:
    lines = [line for line in text_of(path).splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def without_code(text: str) -> str:
    return re.sub(r"(?s)```.*?```|`[^`\n]*`", "", text)


@pytest.mark.parametrize("page", METRIC_PAGES, ids=name)
def test_a_metric_page_has_its_form(page: Path) -> None:
    found = sections(page)
    assert list(found)[1:] == HEADINGS
    assert all(text.strip() for text in found.values())
    facts = dict(part.split(": ", 1) for part in found[""].strip().splitlines()[-1].split(" · "))
    assert list(facts) == ["Id", "Unit", "Better", "Since"]
    assert facts["Id"] == page.stem
    assert all(facts.values())


@pytest.mark.parametrize("page", METRIC_PAGES, ids=name)
def test_a_metric_is_there_since_a_version_that_is_out(page: Path) -> None:
    version = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["version"]
    since = re.search(r"· Since: ([\d.]+)$", sections(page)[""].strip())
    assert since
    assert _numbers(since[1]) <= _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


@pytest.mark.parametrize("page", METRIC_PAGES, ids=name)
def test_the_files_that_a_metric_page_names_exist(page: Path) -> None:
    found = sections(page)
    assert re.search(r"`analytics/", found["Computed in"])
    for path in re.findall(r"`((?:analytics|data|tests|docs)/[\w./*]+)`", text_of(page)):
        assert list(ROOT.glob(path.rstrip("/"))), path


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_the_files_that_the_documentation_names_exist(path: Path) -> None:
    for named in re.findall(r"`((?:app|pages|analytics|data|tests|docs)/[\w./*]+)`", text_of(path)):
        assert list(ROOT.glob(named.rstrip("/"))), named


@pytest.mark.parametrize("page", METRIC_PAGES, ids=name)
def test_published_numbers_of_a_metric_page_are_golden(page: Path) -> None:
    golden = {row["id"]: row for row in rows_of(GOLDEN)}
    for row_id, number in re.findall(r"`([a-z]+-[a-z-]+)` ?([\d.]*\d)?", sections(page)["Check"]):
        assert row_id in golden
        assert number in {golden[row_id]["printed"], golden[row_id]["exact"]}


def test_published_numbers_are_found_on_the_pages() -> None:
    assert "`startup-fsx-cold` 136" in sections(ROOT / "docs/metrics/startup_latency_s.md")["Check"]


@pytest.mark.parametrize("page", sorted((ROOT / "pages").rglob("*.py")), ids=name)
def test_a_page_links_to_definitions_that_exist(page: Path) -> None:
    assert set(re.findall(r'links\.definition\(\s*"(\w+)"', text_of(page))) <= set(METRICS)


@pytest.mark.parametrize("path", SQL_FILES, ids=name)
def test_the_definitions_that_an_sql_file_names_exist(path: Path) -> None:
    folder = ROOT
    for line in re.findall(r"(?m)^-- Definition: (.+)$", text_of(path)):
        targets = re.findall(r"[\w/-]+(?:\.md|/)(?=[\s,.]|$)", line)
        assert targets
        for target in targets:
            found = ROOT / target if "/" in target else folder / target
            assert found.exists(), target
            folder = found.parent


@pytest.mark.parametrize(
    "path", [path for path in SQL_FILES if path.name not in WITHOUT_GRAIN], ids=name
)
def test_an_sql_file_says_grain_unit_and_definition_on_top(path: Path) -> None:
    header = re.match(r"(?:--.*\n)+", text_of(path))
    assert header
    for word in ("-- Grain: ", "Unit: ", "-- Definition: "):
        assert word in header[0]


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_is_short_and_has_its_form(path: Path) -> None:
    assert len(text_of(path).splitlines()) < 30
    found = sections(path)
    assert list(found)[1:] == ["Context", "Decision", "Consequences"]
    assert found[""].startswith(f"# {path.name[:4]} ")


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in DECISIONS] == [
        f"{number:04}" for number in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_relative_link_resolves(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(path))):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target.partition("#")[0]).exists(), target


@pytest.mark.skipif(not SCREENSHOTS.exists(), reason="no screenshots have been made")
def test_the_screenshots_of_the_readme_exist() -> None:
    for target in re.findall(r'(?:src|srcset)="([^"]+)"', text_of(ROOT / "README.md")):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("path", REFERENCE, ids=name)
def test_every_reference_row_has_a_source_and_a_date(path: Path) -> None:
    rows = rows_of(path)
    assert rows
    for row in rows:
        assert row.get("source") or row.get("spec_source"), row
        # the specification sheet has one date for all its rows
        date = SPECS_DATE if path.name == "instance_specs.csv" else row["as_of_date"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", date), row


@pytest.mark.parametrize("path", REFERENCE, ids=name)
def test_every_reference_file_is_in_the_sources(path: Path) -> None:
    assert f"## {name(path)}" in text_of(ROOT / "SOURCES.md")


def test_the_sources_count_prices_as_they_are() -> None:
    components = [row["component"] for row in rows_of(ROOT / "data/reference/prices.csv")]
    assert components
    for component in set(components):
        row = f"| `{component}` | {components.count(component)} |"
        assert row in text_of(ROOT / "SOURCES.md")


@pytest.mark.parametrize("term", DERIVED_TERMS)
def test_every_derived_term_is_in_the_glossary(term: str) -> None:
    terms = re.findall(r"(?m)^- \*\*(.+?)\*\*(.*?):", text_of(ROOT / "docs/glossary.md"))
    assert any(re.search(rf"\b{term}\b", " ".join(entry), re.IGNORECASE) for entry in terms)


def test_the_glossary_has_one_line_a_term() -> None:
    terms = re.findall(r"(?m)^- \*\*(.+?)\*\*", text_of(ROOT / "docs/glossary.md"))
    assert sorted(set(terms)) == sorted(terms)


@pytest.mark.parametrize("metric", METRICS)
def test_the_glossary_links_to_every_metric(metric: str) -> None:
    assert f"(metrics/{metric}.md)" in text_of(ROOT / "docs/glossary.md")


@pytest.mark.parametrize("question", queries())
def test_the_readme_lists_every_question_in_its_table(question: str) -> None:
    table = sections(ROOT / "README.md")["What you can answer with it"]
    listed = [line for line in table.splitlines() if line.startswith("|")]
    assert any(re.search(rf"`(?:stoker ask )?{question}\b", line) for line in listed)


@pytest.mark.parametrize("question", queries())
def test_the_columns_of_a_question_are_declared(question: str) -> None:
    assert set(queries()[question].columns) <= set(COLUMNS)


@pytest.mark.parametrize("question", queries())
def test_a_question_has_an_sql_file_of_its_name_or_names_another(question: str) -> None:
    path = ROOT / "analytics" / f"{queries()[question].path}.sql"
    assert path.exists(), path


def test_columns_of_codes_are_those_that_the_vocabulary_knows() -> None:
    coded = {name for name, column in COLUMNS.items() if column.kind is Kind.CODE}
    assert coded == set(CODES)


def _texts(path: Path) -> list[str]:
    """Return every text in a Python file, docstrings among them, with single spaces."""
    return [
        " ".join(node.value.split())
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _descriptions() -> list[tuple[str, str]]:
    """Return what describes each column, code value and page, with its name."""
    columns = [(column.name, column.description) for column in COLUMNS.values()]
    codes = [
        (f"{name}={code.value}", text)
        for name, values in CODES.items()
        for code in values.values()
        for text in (code.meaning, code.next_action)
        if text
    ]
    leads = [(entry.name, entry.page.lead) for entry in pages()]
    return [*columns, *codes, *leads]


def _shown_texts(path: Path) -> list[str]:
    """Return the texts in a Python file that are no docstrings: a user may see them."""
    tree = ast.parse(text_of(path))
    said_alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in said_alone
    ]


@pytest.mark.parametrize("path", [*TEXTS, *SQL_FILES, *SOURCES], ids=name)
def test_the_words_are_those_of_the_glossary(path: Path) -> None:
    shown = _shown_texts(path) if path.suffix == ".py" else [text_of(path)]
    for text in shown:
        for not_this, but_this in WORDS.items():
            found = re.search(rf"\b(?:{not_this})\b", text, re.IGNORECASE)
            assert not found, f"{found[0] if found else ''}: write {but_this}"


def _is_said_in(text: str, sentence: str) -> bool:
    """Whether a text has these words as a whole sentence: part of a longer one is another."""
    return re.search(rf"(?:^|[.:!?(] ?){re.escape(sentence)}(?:$|[.!?)])", text) is not None


def test_queries_on_one_table_share_its_relation() -> None:
    relations = {query.relation for query in queries().values() if query.relation}
    assert len({relation.table for relation in relations}) == len(relations)


def test_no_description_of_a_column_code_value_or_page_stands_twice() -> None:
    texts = [text.casefold() for path in SOURCES for text in _texts(path)]
    texts += [
        " ".join(re.sub(r"(?m)^ *-- ?", "", text_of(path)).split()).casefold() for path in SQL_FILES
    ]
    headings = {column.heading.casefold() for column in COLUMNS.values()}
    twice = []
    for owner, description in _descriptions():
        words = " ".join(description.split()).rstrip(".").casefold()
        places = [text for text in texts if words in text and _is_said_in(text, words)]
        if len(places) > 1 + (words in headings):
            twice.append((owner, description, len(places)))
    assert not twice


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(
            question,
            marks=pytest.mark.xfail(reason="not built yet") if question in NOT_BUILT_YET else (),
        )
        for question in CONTRACT
    ],
)
def test_the_columns_that_people_script_against_are_there(question: str) -> None:
    assert question in queries()
    assert set(CONTRACT[question].split()) <= set(queries()[question].columns)
    for setting, choices in CONTRACT_SETTINGS.get(question, {}).items():
        assert set(choices.split()) <= set(queries()[question].parameters[setting].choices)


def test_the_architecture_names_every_room() -> None:
    plan = text_of(ARCHITECTURE).split("```")[1]
    for package in ("analytics", "data"):
        rooms = {
            path.name
            for path in (ROOT / package).iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        named = set(re.findall(r"[\w.]+", plan))
        assert rooms - {"__init__.py"} <= named, package


def test_the_architecture_names_the_subjects_of_pages_that_have_not_their_name() -> None:
    subjects = {path.parent.name for path in (ROOT / "analytics").glob("*/__init__.py")}
    rows = re.findall(r"(?m)^\| (`.+`) \| (`.+`) \|$", sections(ARCHITECTURE)["Pages"])
    named = [set(re.findall(r"\w+", cells)) for cells in map("".join, zip(*rows, strict=True))]
    assert named[0] == {page.name for page in pages()} - subjects
    assert named[1] <= subjects


def test_the_architecture_names_every_table() -> None:
    named = set(re.findall(r"`(\w+)`", text_of(ARCHITECTURE)))
    # the records of what is observed, and the versions of what is merged, stand behind a table
    behind = {one for one in TABLES if one.endswith(("_records", "_versions"))}
    assert set(TABLES) - behind <= named


def test_the_readme_shows_the_help_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    block = re.search(
        r"(?s)<!-- help -->\n```text\n(.*)```\n<!-- /help -->", text_of(ROOT / "README.md")
    )
    assert block
    assert main(["--help"]) == 0
    assert block[1] == capsys.readouterr().out


def test_the_readme_names_every_setting() -> None:
    line = re.search(r"(?m)^\| `settings\.toml` \|.*$", text_of(ROOT / "README.md"))
    assert line
    named = set(re.findall(r"`(\w+)`", line[0]))
    assert named == set(Settings.__struct_fields__)


def test_the_mapping_of_the_exporting_page_is_read() -> None:
    blocks = re.findall(r"(?s)```toml\n(.*?)```", text_of(ROOT / "docs/exporting.md"))
    mapping = Mapping.parse(blocks[0], "slurm")
    assert {"job_name", "created_at", "pool_key"} <= set(mapping.columns)


def test_the_policy_allows_reading_only() -> None:
    policy = json.loads(text_of(ROOT / "docs/iam-policy.json"))
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            patterns = (
                *("*:List*", "*:Describe*", "*:Get*", "sagemaker:Search", "sts:AssumeRole"),
            )
            assert "*" not in action
            assert any(fnmatch(action, pattern) for pattern in patterns), action


def test_the_licence_is_the_unmodified_apache_licence() -> None:
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
