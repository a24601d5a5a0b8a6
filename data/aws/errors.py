"""What can go wrong with AWS, as errors that say what to do."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import botocore.exceptions

from data.errors import StokerError

EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
UNKNOWN_KEY_CODES = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "RequestTimeTooSkewed",
    }
)
DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "NotAuthorized",
        "AuthorizationError",
        "UnauthorizedException",
    }
)
THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "SlowDown",
        "BandwidthLimitExceeded",
    }
)
MISSING_CODES = frozenset({"ResourceNotFound", "ResourceNotFoundException"})
# what SageMaker and Batch answer of a job that is gone has the code of any wrong request
_MISSING = re.compile(r"not found|not exist|could not find", re.IGNORECASE)
WAYS = " in one of these ways: "
"""What comes before the ways to set credentials, with semicolons between them."""
# services whose actions IAM names otherwise than botocore names the service
IAM_PREFIXES = {"service-quotas": "servicequotas"}

_NAMED_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)")


class MissingPermission(StokerError):
    """An operation that the credentials do not allow."""

    def __init__(self, iam_action: str, where: str) -> None:
        super().__init__(
            f"{iam_action} is not allowed in {where}.",
            next_action=f"Allow {iam_action} (docs/iam-policy.json lists all that Stoker uses).",
        )
        self.iam_action = iam_action

    def __reduce__(self) -> tuple[object, ...]:
        return (_of_action, (self.iam_action, self.what.rpartition(" in ")[2].rstrip(".")))


def _of_action(iam_action: str, where: str) -> MissingPermission:
    return MissingPermission(iam_action, where)


class ExpiredCredentials(StokerError):
    """There are no credentials, or AWS does not take them any more."""


class GoneError(Exception):
    """What was asked for does not exist any more."""


def iam_action(service: str, operation: str, message: str = "") -> str:
    """Return the IAM action that an operation needs: as AWS says, else by their names.

    >>> iam_action("service-quotas", "ListServiceQuotas")
    'servicequotas:ListServiceQuotas'
    >>> iam_action("sagemaker", "Search", "u is not authorized to perform: sagemaker:Search on *")
    'sagemaker:Search'
    """
    named = _NAMED_ACTION.search(message)
    return named[1] if named else f"{IAM_PREFIXES.get(service, service)}:{operation}"


def is_missing(code: str, message: str) -> bool:
    """Whether an error says that what was asked for is not there.

    >>> is_missing("ValidationException", "Requested resource not found.")
    True
    """
    is_plain = code in ("ValidationException", "ClientException")
    return code in MISSING_CODES or (is_plain and _MISSING.search(message) is not None)


@contextmanager
def credential_errors(account_name: str) -> Iterator[None]:
    """Say of missing, expired or unusable credentials what to do.

    Raises:
        ExpiredCredentials: there are none, or they are not valid any more.
        StokerError: there is no such profile.
    """
    exceptions = botocore.exceptions
    try:
        yield
    except exceptions.ProfileNotFound as error:
        raise StokerError(
            f"{error}.", next_action="List the profiles with: aws configure list-profiles"
        ) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise no_credentials(account_name) from error
    except (
        exceptions.SSOError,
        exceptions.TokenRetrievalError,
        exceptions.CredentialRetrievalError,
        exceptions.MetadataRetrievalError,
    ) as error:
        raise expired(account_name, str(error)) from error


def expired(account_name: str, detail: str) -> ExpiredCredentials:
    """Return the error that says that credentials are not valid any more."""
    return ExpiredCredentials(
        f"The credentials of the account '{account_name}' are not valid (any more): {detail}",
        next_action="Sign in again (`aws sso login`, or renew the keys), and repeat the command:"
        " it goes on where it was.",
    )


def no_credentials(account_name: str) -> ExpiredCredentials:
    """Return the error that says which of the usual ways to set credentials fit here."""
    return ExpiredCredentials(
        f"No AWS credentials were found for the account '{account_name}'.",
        next_action=f"Set them{WAYS}{'; '.join(usual_ways())}.",
    )


def usual_ways() -> list[str]:
    """Return the ways to set credentials that fit this machine, the likeliest first."""
    from botocore.configloader import load_config

    config_path = Path(os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser()
    ways = []
    try:
        profiles = load_config(str(config_path))["profiles"]
    except (botocore.exceptions.ConfigNotFound, botocore.exceptions.ConfigParseError):
        profiles = {}
    for name, profile in profiles.items():
        if {"sso_session", "sso_start_url"} & profile.keys():
            ways.append(f"`aws sso login --profile {name}`, then `stoker sync --profile {name}`")
        elif name != "default":
            ways.append(f"`stoker sync --profile {name}`")
    if shutil.which("aws"):
        ways.append("`aws configure sso` or `aws configure`")
    ways.append("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment")
    ways.append("on EC2, ECS or SageMaker, a role of the instance, task or notebook")
    return ways
