"""Files to import that lie in S3: listed and read by pyarrow, with the credentials of botocore.

Of bills that are delivered again and again side by side, the newest delivery of each is read.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from data.aws.accounts import load_connections, session
from data.aws.errors import MissingPermission, expired, no_credentials
from data.datasets.bills.deliveries import DELIVERY
from data.errors import StokerError
from data.raw.inputs import InputFile, spool
from data.raw.other_files import why_passed_over
from data.store.home import Home

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

SCHEME = "s3://"
_EXPIRED = ("EXPIRED_TOKEN", "ExpiredToken")
_UNKNOWN_KEY = ("INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "INVALID_CLIENT_TOKEN_ID")


def s3_files(address: str, home: Home) -> Iterator[InputFile]:
    """Yield the files below an address, or the one at it, the oldest first; each is read once.

    The credentials are those of the first account of `home`'s stoker.toml, else as the AWS CLI
    finds them.

    Raises:
        MissingPermission: S3 does not allow to list, or to read.
        ExpiredCredentials: there are no credentials, or they are not valid any more.
        StokerError: there is nothing at the address.
    """
    bucket, _, key = address.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise StokerError(
            f"{address} names no bucket.", next_action="Write it as s3://bucket/prefix/."
        )
    path = f"{bucket}/{key}".rstrip("/")
    with _said(address, "s3:ListBucket"):
        files = _file_system(bucket, home)
        found = newest_deliveries(_listed(files, path))
    if not found:
        raise StokerError(
            f"{address} has no files.", next_action="List it with: aws s3 ls --recursive"
        )
    folder = path if found[0].path != path else path.rpartition("/")[0]
    for one in found:
        name = one.path.removeprefix(f"{folder}/")
        with (
            _said(f"{SCHEME}{one.path}", "s3:GetObject"),
            files.open_input_stream(one.path, compression=None) as opened,
        ):
            file = spool(opened, home, name)
        yield file


def newest_deliveries(found: "list[FileInfo]") -> "list[FileInfo]":
    """Return the files of the newest delivery in each folder that has several, oldest first.

    Deliveries are folders named by an assembly id or by the time of an execution.
    """
    newest: dict[str, tuple[Any, str]] = {}
    for one in found:
        folder, delivery = _delivery(one.path)
        if delivery:
            newest[folder] = max(newest.get(folder, (one.mtime, delivery)), (one.mtime, delivery))
    kept = [
        one
        for one in found
        for folder, delivery in [_delivery(one.path)]
        if not delivery or newest[folder][1] == delivery
    ]
    return sorted(kept, key=lambda one: (one.mtime, one.path))


def _delivery(path: str) -> tuple[str, str]:
    """Return the folder that holds deliveries, and which of them a file is of; both may be ''."""
    folders = path.split("/")[:-1]
    for place, name in enumerate(folders):
        if re.fullmatch(DELIVERY, name):
            return "/".join(folders[:place]), name
    return "", ""


def _listed(files: "S3FileSystem", path: str) -> "list[FileInfo]":
    from pyarrow.fs import FileSelector, FileType

    at = files.get_file_info(path)
    if at.type is FileType.File:
        return [at]
    listed = files.get_file_info(FileSelector(path, recursive=True, allow_not_found=True))
    return [
        one
        for one in listed
        if one.type is FileType.File
        and one.size
        and why_passed_over(one.path.removeprefix(path).strip("/").split("/"), one.size) is None
    ]


def _file_system(bucket: str, home: Home) -> "S3FileSystem":
    """Return S3 as the first account's credentials reach it: read only, as nothing here writes."""
    from pyarrow.fs import S3FileSystem, resolve_s3_region

    account = load_connections(home).accounts[0]
    found = session(account)
    credentials = found.get_credentials().get_frozen_credentials()
    keys = {
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key,
        "session_token": credentials.token,
    }
    # as botocore honours them
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        region = found.get_config_variable("region") or "us-east-1"
        return S3FileSystem(
            **keys, region=region, scheme=parts.scheme, endpoint_override=parts.netloc
        )
    return S3FileSystem(**keys, region=resolve_s3_region(bucket))


@contextmanager
def _said(where: str, iam_action: str) -> Iterator[None]:
    """Say of what S3 refuses what to do."""
    try:
        yield
    except FileNotFoundError as error:
        raise StokerError(
            f"{where} does not exist.", next_action="Check the bucket and the prefix."
        ) from error
    except OSError as error:
        text = str(error)
        if "ACCESS_DENIED" in text or "HTTP status 403" in text:
            raise MissingPermission(iam_action, where) from error
        if any(word in text for word in _EXPIRED):
            raise expired("default", "the token has expired") from error
        if any(word in text for word in _UNKNOWN_KEY):
            raise no_credentials("default") from error
        raise StokerError(
            f"{where} cannot be read: {text.splitlines()[0]}",
            next_action="Check the address, the region and the network, and try again.",
        ) from error
