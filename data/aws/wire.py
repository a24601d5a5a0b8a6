"""What of AWS's answers stays as it was sent: instants, and series of metrics.

botocore makes an object of each sample, which takes longer than all that comes after.
"""

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import botocore.session

SERIES = "MetricDataResults"
_ANSWER = "before-parse.cloudwatch.GetMetricData"


def keep_wire_forms(session: "botocore.session.Session") -> None:
    """Let the clients of a session give instants and series of metrics as AWS sends them.

    Whoever reads the landed answers knows every form of an instant.
    """
    session.get_component("response_parser_factory").set_parser_defaults(
        timestamp_parser=lambda value: value
    )
    session.register(_ANSWER, _keep_series)


def _keep_series(
    *,
    operation_model: Any,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: Any,
) -> None:
    """Read the series of an answer that is JSON, and leave botocore the rest of it."""
    is_json = operation_model.service_model.resolved_protocol == "json"
    if not is_json or response_dict["status_code"] != 200:
        return
    try:
        answer = orjson.loads(response_dict["body"])
    except orjson.JSONDecodeError:
        return  # botocore says what is wrong, and the request is repeated
    if isinstance(answer, dict) and isinstance(answer.get(SERIES), list):
        customized_response_dict[SERIES] = answer.pop(SERIES)
        response_dict["body"] = orjson.dumps(answer)
