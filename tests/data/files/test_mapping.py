"""Mappings: what TOML may say, what is refused by name, and that writing one loses nothing."""

from dataclasses import replace
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from data.datasets.training_jobs.tabular import COMPUTED, NOT_READ, TARGET
from data.errors import StokerError
from data.files.mapping import FileFormat, Mapping, Rule
from data.files.mapping_schema import STATUSES
from data.files.values import NUMERIC, ValueKind
from data.tables import TABLES

EXPORT_COLUMNS = TARGET.kinds
COLUMNS = TABLES["training_jobs"].record_names

CONTRACT = r"""
format = { delimiter = "|", header = false, columns = ["jobid", "submit", "start", "user"] }
time_zone = "UTC"

[columns]
job_name            = "jobid"
created_at          = "submit"
training_started_at = { column = "start", null_values = ["Unknown"] }
training_ended_at   = { column = "start", plus_s = "duration" }
instance_count      = "nodes"
accelerator_count   = { column = "tres", pattern = 'gres/gpu=(\d+)', default = 0 }
pool_key            = ["user", "account", "nodes"]
share_name          = "account"
queue_name          = { constant = "main" }
status = { column = "state", values = { COMPLETED = "Completed", "CANCELLED*" = "Stopped" } }
"""


def column(line: str) -> str:
    return f"[columns]\n{line}"


def test_mapping_of_the_contract_is_understood() -> None:
    mapping = Mapping.parse(CONTRACT, "sacct")
    assert mapping.format == FileFormat(
        delimiter="|", header=False, columns=("jobid", "submit", "start", "user")
    )
    assert mapping.time_zone == "UTC"
    assert mapping.columns["job_name"] == Rule(("jobid",))
    assert mapping.columns["pool_key"] == Rule(("user", "account", "nodes"))
    assert mapping.columns["queue_name"] == Rule(constant="main")
    assert mapping.columns["training_ended_at"] == Rule(("start",), plus_s=("duration",))
    assert mapping.columns["accelerator_count"].default == "0"
    assert mapping.columns["status"].values == (
        ("CANCELLED*", "Stopped"),
        ("COMPLETED", "Completed"),
    )


def test_every_column_of_a_record_is_readable_or_known_not_to_be() -> None:
    assert set(COLUMNS) == (set(EXPORT_COLUMNS) | NOT_READ) - {"instance_type", "instance_count"}
    assert not COMPUTED & set(EXPORT_COLUMNS)


@pytest.mark.parametrize("name", sorted(COMPUTED | NOT_READ))
def test_computed_columns_are_never_read_from_a_file(name: str) -> None:
    with pytest.raises(StokerError, match=f"columns.{name}"):
        Mapping.parse(column(f'{name} = "x"'), "m")


BAD: dict[str, tuple[str, str]] = {
    "no TOML": ("columns", "is not TOML"),
    "unknown key": ("timezone = 'UTC'", "timezone is not a valid key"),
    "unknown kind": ("kind = 'priced'", "kind is 'priced'"),
    "unknown zone": ("time_zone = 'Mars/Base'", "time_zone is 'Mars/Base'"),
    "zone is a path": ("time_zone = '../UTC'", "time_zone is"),
    "zone is a number": ("time_zone = 1", "time_zone is 1"),
    "format is text": ("format = ','", "format is not a table"),
    "long delimiter": ("format = { delimiter = '||' }", "format.delimiter is"),
    "unknown format key": ("format = { sep = ',' }", "format.sep is not a valid key"),
    "decimal is a word": ("format = { decimal = 'comma' }", "format.decimal is 'comma'"),
    "rows are a list": ("format = { rows = ['a'] }", "format.rows is"),
    "nothing to leave out": ("leave_out = { a = [] }", "leave_out.a is empty"),
    "leave out by a word": ("leave_out = { a = { regex = 'b' } }", "leave_out.a.regex is not"),
    "names twice": ("format = { columns = ['a', 'a'] }", "format.columns names a column twice"),
    "header as text": ("format = { header = 'no' }", "format.header is not true or false"),
    "negative skip": ("format = { skip = -1 }", "format.skip is -1"),
    "columns as text": ("columns = 'a'", "columns is not a table"),
    "misspelt column": (column("job_nam = 'x'"), "columns.job_nam .* Did you mean job_name"),
    "number as rule": (column("job_name = 5"), "columns.job_name is 5"),
    "empty list": (column("pool_key = []"), r"columns.pool_key is \[\]"),
    "unknown rule": (
        column("job_name = { column = 'a', regex = 'b' }"),
        "job_name.regex is not a valid key",
    ),
    "neither column nor constant": (
        column("job_name = { default = 1 }"),
        "either column or constant",
    ),
    "both": (column("job_name = { column = 'a', constant = 'b' }"), "either column or constant"),
    "constant with rules": (
        column("job_name = { constant = 'a', pattern = '(b)' }"),
        "a constant and rules",
    ),
    "broken pattern": (
        column("job_name = { column = 'a', pattern = '(' }"),
        "pattern is not a valid regular",
    ),
    "look-around": (column("job_name = { column = 'a', pattern = '(?=a)(b)' }"), "RE2"),
    "no group": (column("job_name = { column = 'a', pattern = 'a' }"), "pattern has no group"),
    "unknown unit": (column("created_at = { column = 'a', unit = 'min' }"), "unit is 'min'"),
    "unit of no time": (
        column("job_name = { column = 'a', unit = 's' }"),
        "unit is for times only",
    ),
    "plus_s of no time": (column("billable_s = { column = 'a', plus_s = 1 }"), "for times only"),
    "scale of a text": (column("job_name = { column = 'a', scale = 2 }"), "scale is for numbers"),
    "scale of a time": (column("created_at = { column = 'a', scale = 2 }"), 'unit = "ms"'),
    "zero scale": (column("billable_s = { column = 'a', scale = 0 }"), "scale is 0"),
    "infinite scale": (column("billable_s = { column = 'a', scale = inf }"), "scale is inf"),
    "not a number to add": (column("created_at = { column = 'a', plus_s = nan }"), "plus_s is nan"),
    "nothing to add": (column("created_at = { column = 'a', plus_s = [] }"), "plus_s is empty"),
    "nested null values": (
        column("job_name = { column = 'a', null_values = [[1]] }"),
        "null_values has",
    ),
    "values as list": (
        column("status = { column = 'a', values = ['b'] }"),
        "values is not a valid table",
    ),
    "value is a list": (column("status = { column = 'a', values = { b = [1] } }"), "values.b is"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_mistake_is_named_with_a_next_action(text: str, message: str) -> None:
    with pytest.raises(StokerError, match=message) as raised:
        Mapping.parse(text, "mine")
    assert "mapping mine" in raised.value.what
    assert raised.value.next_action


SAME = """
[columns]
status={values={"CANCELLED*"="Stopped",COMPLETED="Completed"},column="state"}
queue_name={constant="main"}
share_name={column=["account"]}
pool_key=["user","account","nodes"]
accelerator_count={default="0",column="tres",pattern='gres/gpu=(\\d+)'}
instance_count="nodes"
training_ended_at={plus_s=["duration"],column="start"}
training_started_at={column="start",null_values="Unknown"}
created_at="submit"
job_name="jobid"
[format]
columns=["jobid","submit","start","user"]
header=false
delimiter='|'
"""


def test_hash_ignores_formatting_and_order_of_keys() -> None:
    text = 'time_zone = "UTC"\n' + SAME
    assert Mapping.parse(text, "m") == Mapping.parse(CONTRACT, "m")
    assert Mapping.parse(text, "m").hash == Mapping.parse(CONTRACT, "m").hash


@pytest.mark.parametrize(
    "change",
    [
        'kind = "jobs"\ntime_zone = "Europe/Berlin"' + SAME,
        'time_zone = "UTC"' + SAME.replace("main", "other"),
        'time_zone = "UTC"'
        + SAME.replace('["user","account","nodes"]', '["account","user","nodes"]'),
        'time_zone = "UTC"' + SAME.replace("'|'", "';'"),
    ],
    ids=["zone", "constant", "order of a key's parts", "delimiter"],
)
def test_hash_tells_what_a_mapping_does(change: str) -> None:
    assert Mapping.parse(change, "m").hash != Mapping.parse(CONTRACT, "m").hash


def test_hash_includes_the_name_only_where_it_becomes_the_account() -> None:
    one, other = (Mapping.parse(CONTRACT, name) for name in ("one", "other"))
    assert one.hash != other.hash
    account = {"account_id": Rule(constant="123456789012")}
    one, other = (replace(each, columns=each.columns | account) for each in (one, other))
    assert one.hash == other.hash


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
numbers = st.integers(-(10**9), 10**9) | st.floats(
    allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9
)
positive = numbers.filter(lambda number: number > 1e-9)


@st.composite
def rules(draw: st.DrawFn, kind: ValueKind) -> Any:
    """A rule as TOML's document has it."""
    if draw(st.booleans()):
        return draw(texts | st.lists(texts, min_size=1, max_size=3))
    made = st.sampled_from(STATUSES) if kind is ValueKind.STATUS else texts | numbers
    if draw(st.booleans()):
        return {"constant": draw(made)}
    rule: dict[str, Any] = {"column": draw(texts | st.lists(texts, min_size=1, max_size=3))}
    optional: dict[str, Any] = {
        "fallback": texts | st.lists(texts, min_size=1, max_size=2),
        "null_values": st.lists(texts | numbers, min_size=1, max_size=4),
        "pattern": st.sampled_from([r"gpu=(\d+)", "(a|'b')", '"x":([0-9.]+)']),
        "values": st.dictionaries(texts, made, min_size=1, max_size=3),
        "default": made,
    }
    if kind is ValueKind.INSTANT:
        optional["unit"] = st.sampled_from(["s", "ms", "us", "ns"])
        optional["plus_s"] = texts | numbers | st.lists(texts | numbers, min_size=1, max_size=3)
    if kind in NUMERIC:
        optional["scale"] = positive
    for key, values in optional.items():
        if draw(st.booleans()):
            rule[key] = draw(values)
    return rule


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    """A mapping as the page builds it: by way of the reader, so that it is in normal form."""
    names = draw(st.lists(st.sampled_from(sorted(EXPORT_COLUMNS)), unique=True, max_size=5))
    document: dict[str, Any] = {}
    if draw(st.booleans()):
        document["time_zone"] = draw(st.sampled_from(["UTC", "Europe/Berlin"]))
    if draw(st.booleans()):
        document["format"] = {
            "delimiter": draw(st.sampled_from([",", "\t", "|", "whitespace"])),
            "columns": draw(st.lists(texts, min_size=1, max_size=4, unique=True)),
            "header": draw(st.booleans()),
            "quote": draw(st.sampled_from(['"', "'", ""])),
            "skip": draw(st.integers(0, 3)),
        }
    document["columns"] = {name: draw(rules(EXPORT_COLUMNS[name])) for name in names}
    return Mapping.parse(tomlkit.dumps(document), "m")


@given(mappings())
def test_writing_a_mapping_loses_nothing(mapping: Mapping) -> None:
    again = Mapping.parse(mapping.to_toml(), "m")
    assert again == mapping
    assert again.hash == mapping.hash
    assert again.to_toml() == mapping.to_toml()


def test_toml_of_a_mapping_reads_like_one_by_hand() -> None:
    assert Mapping.parse(
        column("pool_key = ['a', 'b']\njob_name = { column = 'x y' }"), "m"
    ).to_toml() == ('kind = "jobs"\n\n[columns]\npool_key = ["a", "b"]\njob_name = "x y"\n')
