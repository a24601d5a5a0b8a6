"""Values that may hold secrets are emptied wherever they stand."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from data.raw.redaction import redact, redact_line

names = st.sampled_from(
    ["HyperParameters", "environment", "ENVIRONMENT", "serviceRequestPayload", "Name", "List"]
)
secrets = st.just("hush") | st.dictionaries(st.just("KEY"), st.just("hush"), max_size=2)


def holding(node: Any, *, is_secret: bool = False) -> bool:
    """Whether a document holds the secret under a secret key, payload texts read through."""
    if isinstance(node, str):
        if is_secret:
            return "hush" in node
        try:
            inner = orjson.loads(node)
        except orjson.JSONDecodeError:
            return False
        return not isinstance(inner, str) and holding(inner)
    if isinstance(node, list):
        return any(holding(item, is_secret=is_secret) for item in node)
    if isinstance(node, dict):
        return any(
            holding(
                value,
                is_secret=is_secret or key.casefold() in ("hyperparameters", "environment"),
            )
            for key, value in node.items()
        )
    return False


documents = st.recursive(
    secrets | st.none() | st.integers(-9, 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names, inner, max_size=3)
        | st.dictionaries(
            st.just("serviceRequestPayload"), inner.map(lambda node: orjson.dumps(node).decode())
        )
    ),
    max_leaves=12,
)


@given(documents)
def test_nothing_under_a_secret_key_survives(document: Any) -> None:
    assert not holding(redact(orjson.loads(orjson.dumps(document))))


@given(documents)
def test_the_quick_way_gives_what_the_thorough_way_gives(document: Any) -> None:
    text = orjson.dumps(document)
    assert redact_line(text, orjson.loads(text)) == redact(orjson.loads(text))


def test_other_values_stay_as_they_are() -> None:
    document = {"Environments": "prod", "Name": "HyperParameters", "List": [1, {"a": None}]}
    assert redact(dict(document)) == document


def test_a_payload_that_is_no_json_is_emptied() -> None:
    assert redact({"serviceRequestPayload": "TOKEN=hush"}) == {"serviceRequestPayload": None}
