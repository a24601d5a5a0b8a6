"""The editor of stoker.toml: accounts change, comments and all else stay as they were."""

import pytest

from data.aws.account_file import listed_accounts, remove_account, save_account
from data.aws.accounts import Account
from data.errors import StokerError
from data.store.home import Home

WRITTEN = """\
# who is who: see the wiki
list_requests_per_s = 1.5  # our limit

[[account]]
name = "research"   # the big one
profile = 'research'
regions = ["us-east-1",  # training
           "eu-west-1"]

# shared services
[[account]]
name = "shared"
role_arn = "arn:aws:iam::123456789012:role/reader"
"""


def write(home: Home, text: str = WRITTEN) -> None:
    (home.root / "stoker.toml").write_text(text)


def text_of(home: Home) -> str:
    return (home.root / "stoker.toml").read_text()


def test_a_changed_account_leaves_every_other_line_as_it_was(home: Home) -> None:
    write(home)
    shared = listed_accounts(home)[1]
    changed = Account("shared", role_arn=shared.role_arn, external_id="x", regions=("us-west-2",))
    save_account(home, changed, replaces="shared")
    assert text_of(home) == WRITTEN + 'external_id = "x"\nregions = ["us-west-2"]\n'
    assert listed_accounts(home)[1] == changed
    save_account(home, shared, replaces="shared")
    assert text_of(home) == WRITTEN


def test_an_account_that_is_saved_as_it_was_changes_nothing(home: Home) -> None:
    write(home)
    for account in listed_accounts(home):
        save_account(home, account, replaces=account.name)
    assert text_of(home) == WRITTEN


def test_accounts_are_added_and_removed(home: Home) -> None:
    assert listed_accounts(home) == ()
    first = Account("first", account_id="123456789012", profile="p", regions=("us-east-1",))
    save_account(home, first)
    save_account(home, Account("second"))
    assert listed_accounts(home) == (first, Account("second"))
    assert (home.root / "stoker.toml").stat().st_mode & 0o077 == 0
    remove_account(home, "first")
    remove_account(home, "second")
    assert listed_accounts(home) == ()
    assert text_of(home).strip() == ""


def test_removing_one_keeps_what_is_said_of_the_others(home: Home) -> None:
    write(home)
    remove_account(home, "shared")
    assert "# who is who: see the wiki" in text_of(home)
    assert "# the big one" in text_of(home)
    assert [account.name for account in listed_accounts(home)] == ["research"]


@pytest.mark.parametrize(
    "account",
    [Account(" "), Account("a", account_id="12"), Account("a", role_arn="role/reader"),
     Account("a", regions=("virginia",)), Account("research")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(home: Home, account: Account) -> None:
    write(home)
    with pytest.raises(StokerError):
        save_account(home, account)
    assert text_of(home) == WRITTEN


def test_a_file_that_is_no_toml_is_not_overwritten(home: Home) -> None:
    write(home, "[[account]\n")
    with pytest.raises(StokerError, match="not TOML"):
        save_account(home, Account("a"))
    assert text_of(home) == "[[account]\n"
