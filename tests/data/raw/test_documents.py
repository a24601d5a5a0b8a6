"""The record is the unit of failure: what is broken costs no other."""

import io
import json
from typing import Any

import pytest

from data.errors import StokerError
from data.raw.documents import BROKEN, LISTS, pieces
from data.raw.inputs import uploaded

X = "broken"


def pretty(*documents: Any) -> bytes:
    return b"".join(json.dumps(one, indent=4).encode() + b"\n" for one in documents)


A, B, C = ({"TrainingJobName": name, "Tags": [{"Key": name}]} for name in "abc")
PAGE = {"NextToken": "t", "Results": [{"TrainingJob": one} for one in (A, B, C)]}
CASES: dict[str, tuple[bytes, list[Any]]] = {
    "lines": (b'{"a": 1}\r\n\n{"a": 2}', [{"a": 1}, {"a": 2}]),
    "a mark before": (b'\xef\xbb\xbf{"a": 1}', [{"a": 1}]),
    "one after the other": (
        b'{"a": 1}{"a": 2} {"a": 3}, {"a": 4},',
        [{"a": n} for n in (1, 2, 3, 4)],
    ),
    "over many lines": (pretty(A, B), [A, B]),
    "no indent": (b'{\n"a": [\n1\n]\n}\n{\n"a": 2\n}', [{"a": [1]}, {"a": 2}]),
    "both": (pretty(A) + b'{"a": 1}\n' + pretty(B), [A, {"a": 1}, B]),
    "a list": (
        b"[\n" + json.dumps(A).encode() + b",\n" + json.dumps(B).encode() + b"\n]",
        [[A, B]],
    ),
    "no number": (b'{"a": NaN, "b": [-Infinity, 1]}', [{"a": None, "b": [None, 1]}]),
    "half a character": (
        b'{"a": "x\\ud800"}\n{"a": "\\ud83d\\ude00"}',
        [{"a": "x\ufffd"}, {"a": "\U0001f600"}],
    ),
    "no UTF-8": (b'{"a": "\xff"}', [{"a": "\ufffd"}]),
    "a message between": (pretty(A) + b"\nAn error occurred\nand more\n" + pretty(B), [A, X, B]),
    "a message at first": (b"An error occurred: x\n" + pretty(A), [X, A]),
    "a message between lines": (b'{"a": 1}\nRate exceeded\n{"a": 2}', [{"a": 1}, X, {"a": 2}]),
    "a message in a line": (b'{"a": 1} Killed\n{"a": 2}', [{"a": 1}, X, {"a": 2}]),
    "a cut line": (b'{"a": 1, "b\n{"a": 2}\n{"a": 3, "b": {\n{"a": 4}', [X, {"a": 2}, X, {"a": 4}]),
    "a cut document": (pretty(A) + pretty(B)[:40] + b"\n" + pretty(C), [A, X, C]),
    "a cut end": (pretty(A) + pretty(B)[:40], [A, X]),
    "a cut list": (json.dumps([A, B, C]).encode()[:-20], [A, B, X]),
    "a cut page": (pretty(PAGE)[:-60], [{"TrainingJob": A}, {"TrainingJob": B}, X]),
    "a wrong word": (pretty([A, B, C]).replace(b'"b"', b"b", 1), [A, X, C]),
    "a wrong word in a page": (
        json.dumps(PAGE).encode().replace(b'"b"', b"b", 1),
        [{"TrainingJob": A}, X, {"TrainingJob": C}],
    ),
    "a broken record is no list": (json.dumps(A).encode()[:-2], [X]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("case", CASES)
def test_documents_of_a_text(case: str) -> None:
    text, expected = CASES[case]
    found = list(pieces(io.BytesIO(text)))
    assert [X if one.document is BROKEN else one.document for one in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        "{'TrainingJobName': 'a',\n 'At': datetime.datetime(2024, 11, 7, tzinfo=tzutc())}",
        "[{'TrainingJobName': 'a', 'Spot': False}]",
        "{'TrainingJobName': \"it's\"}\n{'TrainingJobName': 'b'}",
    ],
)
def test_a_print_of_python_says_what_to_do(text: str) -> None:
    with pytest.raises(StokerError) as caught:
        list(pieces(io.BytesIO(text.encode())))
    assert "json.dumps(answer, default=str)" in caught.value.next_action


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_what_powershell_writes_is_read(encoding: str) -> None:
    text = json.dumps({"TrainingJobName": "größe"}, ensure_ascii=False)
    with uploaded("jobs.json", text.encode(encoding)).open() as opened:
        assert [one.document for one in pieces(opened)] == [json.loads(text)]


def test_pages_are_salvaged_by_the_lists_that_datasets_know() -> None:
    from data.datasets.answers import COLLECTIONS
    from data.datasets.training_jobs.aws_json import WRAPPERS

    assert LISTS.issuperset({*COLLECTIONS, *WRAPPERS})
