"""The accounts and regions that are read, drawn with Streamlit; a change goes to stoker.toml."""

from collections.abc import Callable

import streamlit as st

from data.aws.account_file import listed_accounts, regions_in, remove_account, save_account
from data.aws.accounts import FILE_NAME, Account
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit import messages
from pages.kit.canvas import Canvas
from pages.kit.formats import plain

NEW = "a new account"
PROBLEM = "account_problem"


def draw_accounts(canvas: Canvas, reader: Reader) -> None:
    """Say which accounts are read, and let the user change them."""
    try:
        accounts = listed_accounts(reader.home)
    except StokerError as error:
        messages.show_error(canvas, error)
        return
    if accounts:
        canvas.text("\n".join(f"- {_line(account)}" for account in accounts))
    else:
        canvas.text(
            "Reads the account and the region that the AWS CLI would use here: its environment,"
            " profile, single sign-on or role."
        )
    title = f"Change accounts and regions ({FILE_NAME})" if accounts else (
        "Other accounts, roles or regions"
    )  # fmt: skip
    problem: StokerError | None = st.session_state.pop(PROBLEM, None)
    with st.expander(title, icon=":material/manage_accounts:", expanded=problem is not None):
        if problem is not None:
            st.error(plain(f"{problem.what} {problem.next_action}"), icon=":material/error:")
        st.markdown(
            f"They are blocks of `{FILE_NAME}` in the home folder, which you may write yourself"
            " too: your comments stay. Credentials are never in it; they are found as the"
            " AWS CLI finds them."
        )
        names = [NEW, *(account.name for account in accounts)]
        name = st.selectbox("Account", names, key=f"account_of_{len(accounts)}", width=340)
        known = next((account for account in accounts if account.name == name), None)
        _draw_form(reader, known or Account(""), is_new=known is None)


def _draw_form(reader: Reader, account: Account, *, is_new: bool) -> None:
    key = f"account_{account.name}"
    fields = {
        "name": ("Name", account.name, "Yours, to tell accounts apart."),
        "profile": ("Profile", account.profile, "Of the AWS CLI; empty: as it finds one itself."),
        "role_arn": ("Role ARN", account.role_arn, "A role to assume; empty: none."),
        "external_id": ("External ID", account.external_id, "If the role asks for one."),
        "account_id": ("Account ID", account.account_id, "12 digits; checked before reading."),
        "regions": ("Regions", ", ".join(account.regions), "With commas; empty: the AWS CLI's."),
    }
    with st.form(key, border=False):
        abreast = st.columns(2)
        for number, (field, (title, value, help_text)) in enumerate(fields.items()):
            abreast[number % 2].text_input(
                title, value=value or "", key=f"{key}_{field}", help=help_text
            )

        def save() -> None:
            given = {field: st.session_state[f"{key}_{field}"].strip() for field in fields}
            regions = regions_in(given.pop("regions"))
            texts = {field: text or None for field, text in given.items() if field != "name"}
            _try(
                lambda: save_account(
                    reader.home,
                    Account(given["name"], regions=regions, **texts),
                    replaces=None if is_new else account.name,
                )
            )

        row = st.container(horizontal=True, gap="small")
        with row:
            st.form_submit_button(
                "Add the account" if is_new else "Save", on_click=save, icon=":material/save:"
            )
            if not is_new:
                st.form_submit_button(
                    "Remove", icon=":material/delete:", type="tertiary",
                    on_click=lambda: _try(lambda: remove_account(reader.home, account.name)),
                )  # fmt: skip


def _try(change: Callable[[], None]) -> None:
    try:
        change()
    except StokerError as error:
        st.session_state[PROBLEM] = error


def _line(account: Account) -> str:
    """Return an account in a line."""
    how = [
        f"profile {plain(account.profile)}" if account.profile else "",
        f"role {plain(account.role_arn)}" if account.role_arn else "",
    ]
    regions = ", ".join(account.regions) or "the AWS CLI's region"
    number = f" ({account.account_id})" if account.account_id else ""
    return f"**{plain(account.name)}**{number}: " + " · ".join([*filter(None, how), regions])
