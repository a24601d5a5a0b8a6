"""The accounts that are read: as the AWS CLI finds them, or as `stoker.toml` lists them.

Credentials are found by botocore, where the AWS CLI finds them too. They are never stored or
logged.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import botocore.credentials
import botocore.exceptions
import botocore.loaders
import botocore.session
from msgspec import Meta, Struct

from data.aws.errors import credential_errors
from data.aws.wire import keep_wire_forms
from data.errors import StokerError
from data.store.home import Home
from data.toml_document import MisfitError, parse_toml

FILE_NAME = "stoker.toml"
SESSION_NAME = "stoker"


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account, how to get at it, and the regions that are read."""

    name: str
    account_id: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    regions: tuple[str, ...] = ()


class _Block(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An `[[account]]` block."""

    name: Annotated[str, Meta(min_length=1)]
    account_id: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    regions: list[str] = []


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of stoker.toml."""

    account: list[_Block] = []
    list_requests_per_s: Annotated[float, Meta(gt=0)] = 2.0
    other_requests_per_s: Annotated[float, Meta(gt=0)] = 10.0


@dataclass(frozen=True, slots=True)
class Connections:
    """What stoker.toml says: the accounts, and how many requests a second they may get."""

    accounts: tuple[Account, ...]
    list_requests_per_s: float = 2.0
    other_requests_per_s: float = 10.0


def load_connections(home: Home) -> Connections:
    """Read `home`'s stoker.toml; without one, the account that the AWS CLI would use.

    Raises:
        StokerError: the file is no TOML, or says what Stoker does not know.
    """
    return parse_connections(connections_text(home), home.root / FILE_NAME)


def connections_text(home: Home) -> str:
    """Return the text of `home`'s stoker.toml; without one, nothing.

    Raises:
        StokerError: it is no text.
    """
    path = home.root / FILE_NAME
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise not_toml(path, error) from error


def not_toml(path: Path, error: Exception) -> StokerError:
    """Return the error that says that a stoker.toml is no TOML."""
    return StokerError(f"{path} is not TOML: {error}.", next_action="Correct it, or remove it.")


def parse_connections(text: str, path: Path) -> Connections:
    """Return what the text of a stoker.toml says.

    Raises:
        StokerError: it is no TOML, or says what Stoker does not know.
    """
    try:
        file = parse_toml(text, _File)
    except tomllib.TOMLDecodeError as error:
        raise not_toml(path, error) from error
    except MisfitError as error:
        raise StokerError(
            f"{path}: {error}.",
            next_action="Write blocks like: [[account]] name = 'research', profile = 'research',"
            " regions = ['us-east-1'].",
        ) from error
    accounts = tuple(
        Account(
            name=block.name,
            account_id=block.account_id,
            profile=block.profile,
            role_arn=block.role_arn,
            external_id=block.external_id,
            regions=tuple(block.regions),
        )
        for block in file.account
    )
    return Connections(
        accounts or (Account("default"),), file.list_requests_per_s, file.other_requests_per_s
    )


def chosen_accounts(
    connections: Connections, profile: str | None, regions: Sequence[str]
) -> tuple[Account, ...]:
    """Return the accounts to read: those of a profile, in these regions, where they are given.

    >>> chosen_accounts(Connections((Account("default"),)), "research", ["eu-west-1"])[0].regions
    ('eu-west-1',)
    """
    accounts = connections.accounts
    if profile:
        known = tuple(one for one in accounts if one.profile == profile)
        accounts = known or (Account(profile, profile=profile),)
    if not regions:
        return accounts
    return tuple(replace(one, regions=tuple(regions)) for one in accounts)


def session(account: Account) -> botocore.session.Session:
    """Return a session with the credentials of an account.

    Raises:
        ExpiredCredentials: there are none, or they are not valid any more.
        StokerError: there is no such profile.
    """
    with credential_errors(account.name):
        found = new_session(account)
        keep_wire_forms(found)
        if found.get_credentials() is None:
            raise botocore.exceptions.NoCredentialsError
        return _in_role(account, found) if account.role_arn else found


def regions_of(account: Account, found: botocore.session.Session) -> tuple[str, ...]:
    """Return the regions to read: those of the account, else the one that the AWS CLI would use.

    Raises:
        StokerError: no region is known.
    """
    region = found.get_config_variable("region")
    regions = account.regions or ((region,) if region else ())
    if not regions:
        raise StokerError(
            f"No region is set for the account '{account.name}'.",
            next_action="Use --region, AWS_REGION, `aws configure set region R`, or regions = [...]"
            f" in {FILE_NAME}.",
        )
    return regions


def new_session(account: Account) -> botocore.session.Session:
    """Return a session of an account's profile, whatever its credentials."""
    found = botocore.session.Session(profile=account.profile)
    # the descriptions of the services are large: every session of this process reads the same ones
    found.register_component("data_loader", _loader(found.get_config_variable("data_path")))
    return found


@cache
def _loader(data_path: str | None) -> botocore.loaders.Loader:
    return botocore.loaders.create_loader(data_path)


def _in_role(account: Account, found: botocore.session.Session) -> botocore.session.Session:
    """Return a session in the account's role; its credentials renew themselves."""
    # the fetcher makes its own client of STS, and parses an instant of its answer
    in_role = new_session(account)
    keep_wire_forms(in_role)
    extra: dict[str, Any] = {"RoleSessionName": SESSION_NAME}
    if account.external_id:
        extra["ExternalId"] = account.external_id

    def client(service: str, **options: Any) -> Any:
        region = found.get_config_variable("region") or (account.regions or ("us-east-1",))[0]
        return new_session(account).create_client(service, **{"region_name": region, **options})

    fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
        client_creator=client,
        source_credentials=found.get_credentials(),
        role_arn=account.role_arn,
        extra_args=extra,
    )
    in_role._credentials = botocore.credentials.DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    return in_role
