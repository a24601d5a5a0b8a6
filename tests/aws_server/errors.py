"""Errors as each service words them."""

from dataclasses import dataclass


@dataclass
class AwsError(Exception):
    """An answer that is an error."""

    code: str
    message: str
    status: int = 400


def throttled(action: str) -> AwsError:
    """Too many requests."""
    if action.startswith(("batch:", "servicequotas:")):
        return AwsError("TooManyRequestsException", "Too Many Requests", 429)
    if action.startswith("sts:"):
        return AwsError("Throttling", "Rate exceeded", 400)
    return AwsError("ThrottlingException", "Rate exceeded", 400)


def failed(action: str) -> AwsError:
    """Something broke at AWS."""
    if action.startswith("batch:"):
        return AwsError("ServerException", "Internal error", 500)
    return AwsError("InternalFailure", "The request processing has failed", 500)


def expired(action: str) -> AwsError:
    """The credentials are too old."""
    code = "ExpiredToken" if action.startswith("sts:") else "ExpiredTokenException"
    return AwsError(code, "The security token included in the request is expired", 403)


def denied(action: str, arn: str) -> AwsError:
    """The policy does not allow it."""
    code = "AccessDenied" if action.startswith("sts:") else "AccessDeniedException"
    return AwsError(
        code,
        f"User: {arn} is not authorized to perform: {action} on resource: * because no"
        f" identity-based policy allows the {action} action",
        403,
    )


def not_found(action: str, what: str) -> AwsError:
    """There is no such thing (any more)."""
    if action.startswith("batch:"):
        return AwsError("ClientException", f"{what} does not exist", 400)
    if action.startswith("servicequotas:"):
        return AwsError("NoSuchResourceException", f"{what} does not exist", 400)
    return AwsError("ValidationException", "Requested resource not found.", 400)
