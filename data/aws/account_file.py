"""Changes stoker.toml: an account is added, changed or removed; comments and all else stay."""

import os
import re
from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from data.aws.accounts import (
    FILE_NAME,
    Account,
    connections_text,
    load_connections,
    not_toml,
    parse_connections,
)
from data.errors import StokerError
from data.store.home import Home, private

FIELDS = ("name", "account_id", "profile", "role_arn", "external_id", "regions")
FORMS = {
    "account_id": (r"\d{12}", "12 digits, like 123456789012"),
    "role_arn": (
        r"arn:aws[a-z-]*:iam::\d{12}:role/\S+",
        "like arn:aws:iam::123456789012:role/name",
    ),
}
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")


def listed_accounts(home: Home) -> tuple[Account, ...]:
    """Return the accounts that the file lists; none where the AWS CLI's account is read.

    Raises:
        StokerError: the file is no TOML, or says what Stoker does not know.
    """
    has_blocks = bool(_document(home).get("account"))
    return load_connections(home).accounts if has_blocks else ()


def save_account(home: Home, account: Account, *, replaces: str | None = None) -> None:
    """Write an account: in place of the one of a name, else as a further one.

    Raises:
        StokerError: a value cannot be, the name is in use, or the file cannot be read.
    """
    check_account(account)
    document = _document(home)
    blocks = _blocks(document)
    names = [str(block.get("name")) for block in blocks]
    if account.name in names and account.name != replaces:
        raise StokerError(
            f"There is an account '{account.name}' already.", next_action="Choose another name."
        )
    if replaces is not None and replaces in names:
        _fill(blocks[names.index(replaces)], account)
    else:
        block = tomlkit.table()
        _fill(block, account)
        blocks.append(block)
    _write(home, document)


def remove_account(home: Home, name: str) -> None:
    """Take an account out of the file; what was read of it stays.

    Raises:
        StokerError: the file cannot be read.
    """
    document = _document(home)
    blocks = _blocks(document)
    for number in reversed(range(len(blocks))):
        if blocks[number].get("name") == name:
            del blocks[number]
    if not len(blocks):
        del document["account"]
    _write(home, document)


def check_account(account: Account) -> None:
    """Refuse values that AWS would not know.

    Raises:
        StokerError: one cannot be.
    """
    if not account.name.strip():
        raise StokerError("The account has no name.", next_action="Give it one, like research.")
    for field, (form, example) in FORMS.items():
        value = getattr(account, field)
        if value and not re.fullmatch(form, value):
            raise StokerError(f"'{value}' is no {field}.", next_action=f"Write {example}.")
    for region in account.regions:
        if not REGION.fullmatch(region):
            raise StokerError(
                f"'{region}' is no region.", next_action="Write regions like us-east-1, eu-west-1."
            )


def regions_in(text: str) -> tuple[str, ...]:
    """Return the regions of a text, with commas or spaces between them, each once.

    >>> regions_in("us-east-1, eu-west-1 us-east-1")
    ('us-east-1', 'eu-west-1')
    """
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,]+", text) if part))


def _document(home: Home) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(connections_text(home))
    except TOMLKitError as error:
        raise not_toml(home.root / FILE_NAME, error) from error


def _blocks(document: tomlkit.TOMLDocument) -> AoT:
    blocks = document.get("account")
    if not isinstance(blocks, AoT):
        if blocks is not None:
            raise StokerError(
                f"{FILE_NAME} lists its accounts in a form that this page does not change.",
                next_action="Write each as a block that begins with [[account]].",
            )
        blocks = tomlkit.aot()
        document["account"] = blocks
    found = document["account"]
    assert isinstance(found, AoT)
    return found


def _fill(block: Table, account: Account) -> None:
    """Set what differs: an equal value keeps its place, its form and its comment."""
    for field in FIELDS:
        value: Any = getattr(account, field)
        value = list(value) if isinstance(value, Sequence) and field == "regions" else value
        if not value:
            block.pop(field, None)
        elif block.get(field) != value:
            block[field] = value


def _write(home: Home, document: tomlkit.TOMLDocument) -> None:
    """Replace the file as a whole, once it is known to be read as it was meant."""
    path = home.root / FILE_NAME
    text = tomlkit.dumps(document)
    parse_connections(text, path)
    passing = path.with_suffix(".toml.new")
    with open(passing, "w", encoding="utf-8", opener=private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)
