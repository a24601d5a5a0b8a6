"""The form, drawn with Streamlit, that says which column of a foreign export is which."""

from dataclasses import replace
from pathlib import PurePath
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from data.errors import StokerError
from data.ingest import preview
from data.ingest.pipeline import InputFile, Mapping
from data.store.reader import Reader
from pages.kit.formats import plain

REQUIRED = preview.required_columns()
NOT_THERE = "not in the file"
NO_ZONE = "included in the times"
SHOWN_FIRST = (
    *REQUIRED,
    "training_started_at",
    "training_ended_at",
    "status",
    "instance_type",
    "instance_count",
    "user_name",
    "pool_key",
)
ABREAST = 3


def draw_mapping_form(
    reader: Reader, input_file: InputFile, columns: pd.DataFrame, *, key: str
) -> Mapping | None:
    """Draw the form for one file; return the mapping once the user imports the file with it."""
    with st.container(border=True):
        st.subheader(f"Map the columns of {plain(input_file.name)}", anchor=False)
        st.markdown(
            "Its columns are not named as Stoker expects. The choices below are guesses from names"
            " and values. Check them, look at how the rows would be read, then import the file."
        )
        mapping, warnings = _mapping(input_file, columns, key)
        for warning in warnings:
            st.warning(plain(warning), icon=":material/straighten:")
        mapping = _choose_columns(mapping, columns, key)
        mapping = _edit_text(mapping, key)
        is_usable = _preview(reader, input_file, mapping)
        is_confirmed = st.button(
            f"Import {plain(input_file.name)}", key=f"{key}_import", disabled=not is_usable,
            icon=":material/download_done:",
        )  # fmt: skip
    return mapping if is_confirmed else None


def _mapping(input_file: InputFile, columns: pd.DataFrame, key: str) -> tuple[Mapping, list[str]]:
    """Return the mapping as it stands in this session, first the guess."""
    guess, warnings = preview.first_mapping(columns, PurePath(input_file.name).stem or "export")
    mapping: Mapping = st.session_state.setdefault(f"{key}_mapping", guess)
    return mapping, warnings


def _choose_columns(mapping: Mapping, columns: pd.DataFrame, key: str) -> Mapping:
    names = list(columns["name"])
    shown = [
        name
        for name in preview.readable_columns()
        if name in mapping.columns or name in SHOWN_FIRST
    ]
    shown.sort(key=lambda name: (name not in SHOWN_FIRST, name not in REQUIRED))
    more = st.multiselect(
        "Further columns to read",
        [name for name in preview.readable_columns() if name not in shown],
        key=f"{key}_more",
        placeholder="none",
    )
    columns_abreast = st.columns(ABREAST)
    for number, canonical in enumerate([*shown, *more]):
        rule = mapping.columns.get(canonical)
        current = rule.columns[0] if rule and rule.columns else NOT_THERE
        options = [NOT_THERE, *names]
        choice = columns_abreast[number % ABREAST].selectbox(
            f"{canonical}{' (needed)' if canonical in REQUIRED else ''}",
            options,
            index=options.index(current) if current in options else 0,
            key=f"{key}_{canonical}_{current}",
            help=_meaning(canonical),
        )
        if choice != current:
            mapping = _with_column(mapping, columns, canonical, choice)
    zones = [NO_ZONE, "UTC", *sorted(available_timezones() - {"UTC"})]
    zone = st.selectbox(
        "Time zone of times without an offset",
        zones,
        index=zones.index(mapping.time_zone) if mapping.time_zone in zones else 0,
        key=f"{key}_zone",
        width=340,
    )
    mapping = replace(mapping, time_zone=None if zone == NO_ZONE else zone)
    if mapping != st.session_state[f"{key}_mapping"]:
        st.session_state[f"{key}_mapping"] = mapping
        st.rerun()
    return mapping


def _with_column(mapping: Mapping, columns: pd.DataFrame, canonical: str, choice: str) -> Mapping:
    rules = {name: rule for name, rule in mapping.columns.items() if name != canonical}
    if choice != NOT_THERE:
        rules[canonical] = preview.guessed_rule(columns, canonical, choice)
    return replace(mapping, columns=rules)


def _meaning(canonical: str) -> str:
    return preview.readable_columns()[canonical]


def _edit_text(mapping: Mapping, key: str) -> Mapping:
    """Show the mapping as TOML, to change what the choices cannot say and to keep it."""
    with st.expander("The mapping as text: units, joined columns, constants, fixed values"):
        text = mapping.to_toml()
        # another text is another field: what was typed belongs to the text it was typed in
        edited = st.text_area(
            "Mapping (TOML)", value=text, height=260, key=f"{key}_toml_{mapping.hash}"
        )
        st.download_button(
            "Download the mapping", data=text, file_name=f"{mapping.name}.toml",
            mime="application/toml", key=f"{key}_download", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
        st.markdown(
            ":gray[:small[The command line takes the same file:"
            " `stoker ingest FILE --mapping MAPPING.toml`]]"
        )
        if edited.strip() and edited != text:
            try:
                st.session_state[f"{key}_mapping"] = Mapping.parse(edited, mapping.name)
            except StokerError as error:
                st.error(plain(f"{error.what} {error.next_action}"), icon=":material/error:")
            else:
                st.rerun()
    return mapping


def _preview(reader: Reader, input_file: InputFile, mapping: Mapping) -> bool:
    """Show how the first rows would be read; return whether the file can be imported."""
    try:
        rows = preview.rows_as_read(reader.home, input_file, mapping)
    except StokerError as error:
        st.error(plain(error.what), icon=":material/error:")
        st.info(plain(error.next_action), icon=":material/build:")
        return False
    bad_count = int(rows["reason"].notna().sum())
    st.markdown(f"**The first {len(rows)} rows as they would be read**")
    if bad_count:
        st.warning(
            f"{bad_count} of them would be rejected: {plain(rows['reason'].dropna().iloc[0])}",
            icon=":material/flag:",
        )
    st.dataframe(
        rows.dropna(axis="columns", how="all"),
        hide_index=True,
        placeholder="unknown",
        key=f"preview_{mapping.hash}",
        alt="The first rows of the file as the mapping reads them",
    )
    return bad_count < len(rows)
