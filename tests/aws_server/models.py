"""The services as botocore's models have them: how they are addressed, and what may be answered."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from tests.aws_server.training import Settled

# botocore's name of a service, and IAM's
SERVICES = {
    "sagemaker": "sagemaker",
    "batch": "batch",
    "cloudwatch": "cloudwatch",
    "pricing": "pricing",
    "service-quotas": "servicequotas",
    "savingsplans": "savingsplans",
    "sts": "sts",
}
POINTS_CHECKED = 3


class WrongAnswerError(AssertionError):
    """The server was about to answer what AWS never would."""


@cache
def model(service: str) -> ServiceModel:
    """Return the model of a service."""
    return botocore.session.get_session().get_service_model(service)


@cache
def operation(action: str) -> OperationModel:
    """Return the model of an operation by its IAM action."""
    prefix, name = action.split(":")
    service = next(service for service, iam in SERVICES.items() if iam == prefix)
    return model(service).operation_model(name)


@cache
def targets() -> dict[str, str]:
    """Return the service of each prefix of X-Amz-Target."""
    prefixes = {}
    for service in SERVICES:
        prefix = model(service).metadata.get("targetPrefix")
        if prefix:
            prefixes[prefix] = service
    return prefixes


@cache
def paths() -> dict[tuple[str, str], str]:
    """Return the action behind each method and path of the services that use paths."""
    found = {}
    for service in ("batch", "savingsplans"):
        for name in model(service).operation_names:
            http = model(service).operation_model(name).http
            found[http["method"], http["requestUri"]] = f"{SERVICES[service]}:{name}"
    return found


class AnswerCheck:
    """Holds answers to the output shapes; what is settled is looked at once."""

    def __init__(self) -> None:
        self._validator = ParamValidator()
        self._seen: dict[tuple[int, str], Any] = {}

    def check(self, action: str, answer: Mapping[str, Any]) -> None:
        """Raise if AWS would not answer this."""
        shape = operation(action).output_shape
        for value, of in self._parts(answer, shape):
            key = (id(value), of.name)
            if key in self._seen:
                continue
            report = self._validator.validate(value, of)
            if report.has_errors():
                raise WrongAnswerError(f"{action}: {report.generate_report()}")
            if isinstance(value, Settled):
                self._seen[key] = value

    def _parts(self, value: Any, shape: Shape | None) -> Iterator[tuple[Any, Shape]]:
        """Yield an answer with one item of each list, and all the items by themselves."""
        if isinstance(value, Settled) or not isinstance(shape, StructureShape):
            if shape is not None:
                yield value, shape
            return
        outer = {}
        for name, part in value.items():
            member = shape.members.get(name)
            if isinstance(member, ListShape) and isinstance(part, list):
                outer[name] = part[:1]
                if isinstance(member.member, StructureShape):
                    for item in part:
                        yield from self._parts(item, member.member)
                else:  # of a long series, its first points
                    outer[name] = part[:POINTS_CHECKED]
            else:
                outer[name] = part
        yield outer, shape
