"""What a page says besides its answer: errors, empty states, what the figures rest on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from analytics.query import Filters
from data.errors import StokerError
from data.store.store import Store
from pages.kit import cache, filters, formats, links, text
from pages.kit.labels import word
from pages.kit.notes import note, small


@contextmanager
def shown_errors() -> Iterator[None]:
    """Turn a StokerError into a notice; let every other error reach the developer."""
    try:
        yield
    except StokerError as error:
        show_error(error)
        st.stop()


def show_error(error: StokerError) -> None:
    """Say what went wrong, and what to do."""
    st.error(formats.plain(error.what), icon=":material/error:")
    st.info(formats.plain(error.next_action), icon=":material/build:")


def has_jobs(store: Store) -> bool:
    """Whether the store has any job; if not, say why and what to do."""
    cache.bring_up_to_date(store)
    if not cache.answer(store, "coverage").empty:
        return True
    with st.container(border=True, gap="small"):
        text.header("No jobs here yet")
        st.markdown(
            "Stoker reads the history of your SageMaker training jobs from files that you give it."
            " Nothing is written to AWS, and nothing leaves this machine."
        )
        st.markdown("**Add your jobs:** upload an export on the Data page.")
        links.page_link("data", "Upload job history")
        st.markdown("**Or look around first** with a made-up history:")
        st.code("stoker serve --demo", language=None)
    return False


def no_match(what: str = "No job") -> None:
    """Say that the filters leave nothing, and offer to clear them."""
    text.inform(f"{what} matches these filters. Widen the time range, or clear the filters.",
            icon=":material/filter_alt:")  # fmt: skip
    st.button("Show all jobs", on_click=filters.clear, key="clear_from_notice")


def sample_line(store: Store, chosen: Filters) -> bool:
    """Say how many jobs the page rests on, and of which days; False where there are none."""
    counts = cache.answer(store, "warm_pool_hit_rate", chosen, by="all")
    if counts.empty or not counts["job_count"].iloc[0]:
        no_match()
        return False
    coverage = cache.answer(store, "coverage")
    first, last = coverage["first_created_at"].min(), coverage["last_created_at"].max()
    first = max(first, chosen.since) if chosen.since else first
    last = min(last, formats.last_moment(chosen.until)) if chosen.until else last
    jobs = counts.iloc[0]
    parts = [
        f"**{formats.count(jobs.job_count, 'job')}** created {formats.days(first, last)} (UTC)",
        _gaps(int(coverage["empty_day_count"].max()), int(coverage["longest_gap_days"].max())),
    ]
    note(" · ".join(part for part in parts if part))
    return True


def findings(found: pd.DataFrame) -> None:
    """Say what stands out in the records, and what to do."""
    if found.empty:
        return
    text.header("Also worth knowing")
    text.say(
        "\n".join(
            f"- **{word('finding', finding.finding)}** ({formats.count(finding.job_count, 'job')},"
            f" such as {formats.plain(finding.example_job_name)}). {finding.explanation}"
            f" {finding.next_action}"
            for finding in found.itertuples()
        )
    )


def price_line(estimated_usd: float, total_usd: float, unknown_price_job_count: int) -> str:
    """Return how far costs rest on estimates, and what they leave out."""
    parts = []
    if not formats.is_unknown(estimated_usd) and estimated_usd:
        parts.append(
            f"{formats.share_of(estimated_usd, total_usd)} of the total"
            f" ({formats.usd(estimated_usd)}) rests on estimated prices."
        )
    elif not formats.is_unknown(total_usd):
        parts.append("No cost rests on an estimated price.")
    if unknown_price_job_count:
        parts.append(
            f"{formats.count(unknown_price_job_count, 'job')} without a known price"
            f" {'is' if unknown_price_job_count == 1 else 'are'} not in it."
        )
    return " ".join(parts)


def left_out(shown: int, all_count: int, what: str) -> None:
    """Say that a table or chart shows only some of its rows."""
    if shown < all_count:
        small(
            f"{formats.count(shown)} of {formats.count(all_count)} {what} shown;"
            " the download has all."
        )


def _gaps(empty_day_count: int, longest_gap_days: int) -> str:
    if not empty_day_count:
        return "no day without jobs"
    return (
        f"{formats.count(empty_day_count, 'day')} without jobs in the records"
        f" (longest stretch {formats.count(longest_gap_days, 'day')})"
    )
