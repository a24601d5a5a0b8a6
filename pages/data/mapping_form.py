"""The form, drawn with Streamlit, that says which column of a foreign export is which."""

from dataclasses import replace
from pathlib import PurePath
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from data.errors import StokerError
from data.ingest import preview
from data.ingest.pipeline import FileFormat, InputFile, LeaveOut, Mapping
from data.store.reader import Reader
from pages.kit.formats import plain

REQUIRED = preview.required_columns()
NOT_THERE = "not in the file"
NO_ZONE = "included in the times"
NO_COLUMN = "none"
LEFT_OPEN = "left open"
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
            "The choices below are guesses from names and values. Check them, look at how the rows"
            " would be read, then import the file."
        )
        columns = _layout(reader, input_file, columns, key)
        mapping = _mapping(input_file, columns, key)
        mapping = _choose_zone(mapping, columns, key)
        mapping = _choose_columns(mapping, columns, key)
        mapping = _translate(mapping, columns, key)
        mapping = _leave_rows_out(mapping, columns, key)
        if mapping != st.session_state[f"{key}_mapping"]:
            st.session_state[f"{key}_mapping"] = mapping
            st.rerun()
        mapping = _edit_text(mapping, key)
        for warning in preview.live_warnings(columns, mapping):
            st.warning(plain(warning), icon=":material/straighten:")
        is_usable = _preview(reader, input_file, mapping)
        is_confirmed = st.button(
            f"Import {plain(input_file.name)}", key=f"{key}_import", disabled=not is_usable,
            icon=":material/download_done:",
        )  # fmt: skip
    return mapping if is_confirmed else None


def _layout(reader: Reader, input_file: InputFile, columns: pd.DataFrame, key: str) -> pd.DataFrame:
    """Ask of a delimited text whether its first line names the columns; return the columns."""
    if not preview.is_delimited(input_file):
        return columns
    looks_named = all(str(name)[:1].isalpha() for name in columns["name"])
    has_header = st.checkbox(
        "The first line names the columns", value=True, key=f"{key}_header",
        help="Without a header the columns are column_1, column_2 and so on.",
    )  # fmt: skip
    if has_header:
        if not looks_named:
            st.warning(
                "Some columns have numbers for names. If the first line is a row of its own, say so"
                " above.", icon=":material/straighten:",
            )  # fmt: skip
        return columns
    known = f"{key}_without_header"
    if known not in st.session_state:
        st.session_state[known] = preview.columns_to_map(reader.home, input_file, has_header=False)
    found: pd.DataFrame | None = st.session_state[known]
    return columns if found is None else found


def _mapping(input_file: InputFile, columns: pd.DataFrame, key: str) -> Mapping:
    """Return the mapping as it stands in this session, first the guess."""
    guess, _ = preview.first_mapping(columns, PurePath(input_file.name).stem or "export")
    has_header = st.session_state.get(f"{key}_header", True)
    known: Mapping | None = st.session_state.get(f"{key}_mapping")
    if known is None or known.format.has_header != has_header:
        layout = FileFormat() if has_header else FileFormat(header=False)
        known = replace(guess, format=layout)
        st.session_state[f"{key}_mapping"] = known
    return known


def _choose_zone(mapping: Mapping, columns: pd.DataFrame, key: str) -> Mapping:
    """Ask for the zone of times without an offset: without it, each of their rows is rejected."""
    local = preview.zone_columns(columns, mapping)
    if local and mapping.time_zone is None:
        samples = columns[columns["name"] == local[0]]["samples"].iloc[0]
        example = f", such as {plain(samples[0])}" if len(samples) else ""
        st.warning(
            f"Times in {plain(local[0])} have no offset{example}. In which time zone was the file"
            " written?", icon=":material/schedule:",
        )  # fmt: skip
    zones = [NO_ZONE, "UTC", *sorted(available_timezones() - {"UTC"})]
    zone = st.selectbox(
        "Time zone of times without an offset",
        zones,
        index=zones.index(mapping.time_zone) if mapping.time_zone in zones else 0,
        key=f"{key}_zone",
        width=340,
    )
    return replace(mapping, time_zone=None if zone == NO_ZONE else zone)


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
    return mapping


def _translate(mapping: Mapping, columns: pd.DataFrame, key: str) -> Mapping:
    """Ask what values mean that are not known: statuses, instance types, input modes."""
    asked = preview.questions(columns, mapping)
    if not asked:
        return mapping
    st.markdown("**What do these values mean?** Rows with a value left open are rejected.")
    abreast = st.columns(ABREAST)
    for number, question in enumerate(asked):
        rule = mapping.columns[question.canonical]
        values = dict(rule.values)
        # a type that is newer than this list is a type all the same
        own = [question.value] if question.canonical == "instance_type" else []
        others = [name for name in question.options if name not in question.near]
        options = [LEFT_OPEN, *question.near, *own, *others]
        current = values.get(question.value, LEFT_OPEN)
        choice = abreast[number % ABREAST].selectbox(
            f"{question.canonical}: {plain(question.value)}",
            options,
            index=options.index(current) if current in options else 0,
            key=f"{key}_value_{question.canonical}_{question.value}_{current}",
            help="The likeliest meanings come first.",
        )
        values.pop(question.value, None)
        if choice != LEFT_OPEN:
            values[question.value] = choice
        if values != dict(rule.values):
            translated = replace(rule, values=tuple(sorted(values.items())))
            mapping = replace(mapping, columns=mapping.columns | {question.canonical: translated})
    return mapping


def _leave_rows_out(mapping: Mapping, columns: pd.DataFrame, key: str) -> Mapping:
    """Ask which rows are not to be read, by the values of a column."""
    values = {
        name: listed
        for name, listed in zip(columns["name"], columns["values"], strict=True)
        if len(listed) > 1
    }
    known = {one.column: one for one in mapping.leave_out}
    with st.expander("Leave rows out", expanded=bool(known)):
        by, which = st.columns(2)
        chosen = by.selectbox(
            "By the column", [NO_COLUMN, *values], key=f"{key}_leave_by",
            help="Columns with few different values are listed; the mapping as text also takes"
            " patterns.",
        )  # fmt: skip
        if chosen == NO_COLUMN:
            return mapping
        current = known.get(chosen, LeaveOut(chosen))
        if current.pattern is not None:
            return mapping
        listed = which.multiselect(
            "Rows with", values[chosen], default=[v for v in current.values if v in values[chosen]],
            key=f"{key}_leave_{chosen}", placeholder="none",
        )  # fmt: skip
    kept = tuple(one for one in mapping.leave_out if one.column != chosen)
    unlisted = tuple(value for value in current.values if value not in values[chosen])
    wanted = (*listed, *unlisted)
    return replace(mapping, leave_out=(*kept, LeaveOut(chosen, wanted)) if wanted else kept)


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
    is_left_out = rows["left_out"].notna()
    bad = rows["reason"].dropna()
    st.markdown(f"**The first {len(rows)} rows as they would be read**")
    if is_left_out.any():
        reasons = ", ".join(dict.fromkeys(rows["left_out"].dropna()))
        st.info(f"{int(is_left_out.sum())} of them would be left out: {plain(reasons)}.",
                icon=":material/filter_alt:")  # fmt: skip
    if len(bad):
        st.warning(f"{len(bad)} of them would be rejected: {plain(bad.iloc[0])}",
                   icon=":material/flag:")  # fmt: skip
    st.dataframe(
        rows.drop(columns="is_time_unclear").dropna(axis="columns", how="all"),
        hide_index=True,
        placeholder="unknown",
        key=f"preview_{mapping.hash}",
        alt="The first rows of the file as the mapping reads them",
    )
    return len(bad) + int(is_left_out.sum()) < len(rows)
