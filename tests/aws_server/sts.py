"""AWS STS: who one is, and roles of other accounts. Its protocol is forms and XML."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from tests.aws_server.training import Document

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ROLE_LASTS_S = 3600


def access_key(account: str, *, is_role: bool = False) -> str:
    """Return an access key whose account the server can read off."""
    return f"{'ASIA' if is_role else 'AKIA'}{account}TEST"


class Sts:
    """Answers for one account."""

    def __init__(self, account: str) -> None:
        self.account = account

    def get_caller_identity(self, request: Document, now: float) -> Document:
        """Return the account of the credentials."""
        return {
            "UserId": "AIDATEST",
            "Account": self.account,
            "Arn": f"arn:aws:iam::{self.account}:user/stoker",
        }

    def assume_role(self, request: Document, now: float) -> Document:
        """Return credentials of the role's account."""
        account = request["RoleArn"].split(":")[4]
        role, name = request["RoleArn"].rsplit("/", 1)[-1], request["RoleSessionName"]
        return {
            "Credentials": {
                "AccessKeyId": access_key(account, is_role=True),
                "SecretAccessKey": "secret-of-the-role",
                "SessionToken": "token-of-the-role",
                "Expiration": datetime.now(UTC).timestamp() + ROLE_LASTS_S,
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"AROATEST:{name}",
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
            },
        }


def as_xml(name: str, answer: Document) -> bytes:
    """Return an answer as the query protocol words it."""
    return (
        f'<{name}Response xmlns="{NAMESPACE}"><{name}Result>{_elements(answer)}</{name}Result>'
        "<ResponseMetadata><RequestId>request</RequestId></ResponseMetadata>"
        f"</{name}Response>"
    ).encode()


def error_as_xml(code: str, message: str) -> bytes:
    """Return an error as the query protocol words it."""
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>request</RequestId>"
        "</ErrorResponse>"
    ).encode()


def _elements(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_elements(part)}</{name}>" for name, part in value.items())
    if isinstance(value, float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))
