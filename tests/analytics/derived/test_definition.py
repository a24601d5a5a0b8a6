"""The hash of the definitions changes with what is computed, and not with the words around it."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from analytics.derived import definition
from analytics.derived.matching import Evidence, MissReason
from analytics.vocabulary import EVIDENCE, MISS_REASONS
from data.store.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder that the hash is made of."""
    copy = tmp_path / "derived"
    shutil.copytree(str(files("analytics.derived")), copy)
    return copy


def edited(folder: Path, name: str, old: str, new: str) -> str:
    """Return the hash after an edit of one file."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return definition.code_hash(folder)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clusters.sql", "-- Grain: one row a job", "-- Grain: a row – one a job"),
        ("clusters.sql", "case when count(usd_per_h) =", "case\n        when count(usd_per_h)\n ="),
        ("recomputed_jobs.sql", "-- of a foreign scheduler", "-- of another’s scheduler"),
        ("ledger.py", '"""The pool ledger:', '"""What the pools say:'),
        ("matching.py", "# twice it must still fit", "# so that twice it fits"),
        ("matching.py", '"""Whether a release comes before', '"""Tell whether a release precedes'),
        ("derive.py", "FULL_SHARE = 0.3", "FULL_SHARE = 0.4"),
    ],
)  # fmt: skip
def test_words_and_line_breaks_do_not_count(folder: Path, name: str, old: str, new: str) -> None:
    before = definition.code_hash(folder)
    assert edited(folder, name, old, new) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clusters.sql", "where not is_alone", "where is_alone"),
        ("clusters.sql", "'mixed' as", "'Mixed' as"),
        ("clusters.sql", "'mixed' as", "'mix  ed' as"),
        ("matching.py", "release_us < request_us or", "release_us <= request_us or"),
        ("matching.py", "EXPIRED = 6", "EXPIRED = 9"),
        ("key_diff.py", '"role_arn", "role"', '"role_arn", "role name"'),
        ("savings.py", "LEAST_JOBS = 10", "LEAST_JOBS = 9"),
    ],
)
def test_sql_kernels_and_the_values_they_write_count(
    folder: Path, name: str, old: str, new: str
) -> None:
    before = definition.code_hash(folder)
    assert edited(folder, name, old, new) != before


def test_only_settings_that_the_derived_tables_read_count() -> None:
    usual = definition.definition_hash(Settings())
    assert definition.definition_hash(Settings(use_estimated_prices=False)) != usual
    assert definition.definition_hash(Settings(image_pull_moved_date=date(2024, 6, 1))) != usual
    assert definition.definition_hash(Settings(keep_alive_limit_s=21600)) == usual


def test_what_the_kernels_number_is_what_the_vocabulary_has() -> None:
    assert {code.name.lower() for code in Evidence if code} == set(EVIDENCE)
    # a changed key is found later, when the first jobs of all pools are known
    assert {code.name.lower() for code in MissReason if code} | {"key_changed"} == set(MISS_REASONS)
