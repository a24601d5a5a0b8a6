"""Warm right now: warm clusters that idle at this minute, and what has just ended."""

from datetime import datetime

import pandas as pd

from analytics.vocabulary import EVENTS
from data.store.reader import Reader
from pages.kit import links, messages
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import Page
from pages.kit.formats import count, duration, moment, plain, usd_amount
from pages.kit.live import live_rows, page_now
from pages.kit.pool_names import pool_names
from pages.kit.rows import first_row
from pages.warm_now.charts import MOST_BARS, idle_bars

PAGE = Page(
    title="Warm right now",
    icon=":material/bolt:",
    lead="Warm clusters that idle at this minute: start a job on one before it expires, and it"
    " skips most of its startup.",
    position=45,
)
DRAWN_EVERY_S = 30
OLD_S = 20 * 60


def render(canvas: Canvas, reader: Reader) -> None:
    if messages.has_jobs(canvas, reader):
        canvas.live(lambda part: _draw(part, reader), every_s=DRAWN_EVERY_S)
        _webhook(canvas, reader)


def _draw(canvas: Canvas, reader: Reader) -> None:
    now = page_now(reader)
    clusters = live_rows(reader, "pools_now")
    _as_of(canvas, reader, now)
    if clusters.empty:
        box = canvas.box()
        box.subheader("No warm cluster is idle")
        box.text(
            "No job of the last records left a cluster whose keep-alive period still runs. Either"
            " all of them are in use or over, or the records are older than the period."
        )
        box.link("data", "Read the newest records from AWS")
    else:
        _headline(canvas, clusters)
        _clusters(canvas, clusters, now)
    _events(canvas, live_rows(reader, "announcements"))


def _as_of(canvas: Canvas, reader: Reader, now: datetime) -> None:
    """Say what time it is, and how old the records are."""
    read_at = query_rows(reader, "coverage", of_kind="jobs", by="source")["last_read_at"].max()
    if reader.home.is_demo:
        canvas.note(f"As of **{moment(now)}**, the end of the made-up history.")
        return
    age_s = (now - read_at).total_seconds()
    age = duration(age_s // 60 * 60) if age_s >= 60 else "less than a minute"
    canvas.note(
        f"As of **{moment(now)}** · jobs last read {moment(read_at)}, {age} ago · this page follows"
        " by itself"
    )
    if age_s > OLD_S:
        canvas.notice(
            f"The newest records are {age} old: since then a job may have reused a cluster, and"
            " others may have ended.",
            icon=":material/history:",
            tone="warning",
        )
        canvas.aside().link("data", "Read the newest records from AWS")


def _headline(canvas: Canvas, clusters: pd.DataFrame) -> None:
    expiring = clusters.dropna(subset=["expires_at"])
    next_one = None if expiring.empty else first_row(expiring)
    priced = clusters["usd_per_h"].dropna()
    canvas.kpis(
        [
            Kpi(
                "Idle clusters",
                count(len(clusters)),
                f"{count(clusters['instance_count'].sum(), 'instance')} of"
                f" {count(clusters['pool_key'].nunique(), 'pool')}",
                "Clusters that a job left and no job has reused yet.",
            ),
            Kpi(
                "Idle cost (USD per hour)",
                usd_amount(priced.sum() if len(priced) else None),
                "list price of all of them"
                if len(priced) == len(clusters)
                else f"{count(len(clusters) - len(priced), 'cluster')} without a known price left"
                " out",
            ),
            Kpi(
                "Next to expire",
                duration(next_one and next_one.remaining_s),
                f"at {next_one.expires_at:%H:%M} UTC, left by {plain(next_one.job_name)}"
                if next_one
                else "no keep-alive period is known",
            ),
            _quota(clusters),
        ]
    )


def _quota(clusters: pd.DataFrame) -> Kpi:
    """Return how full the warm pool quota is, of the type that is nearest to it."""
    known = clusters.dropna(subset=["quota_count"])
    known = known[known["quota_count"] > 0]
    if known.empty:
        return Kpi(
            "Warm pool quota used",
            "unknown",
            "sync reads the quotas from AWS",
            "Service Quotas: instances of a type for training warm pool usage.",
        )
    shares = (known["quota_used_count"] / known["quota_count"]).astype(float)
    fullest = first_row(known.loc[[shares.idxmax()]])
    return Kpi(
        "Warm pool quota used",
        f"{count(fullest.quota_used_count)} of {count(fullest.quota_count)}",
        f"{plain(fullest.instance_type)} in {fullest.region}, the fullest",
        "Idle instances of the type, of those that Service Quotas allows in account and region.",
    )


def _clusters(canvas: Canvas, clusters: pd.DataFrame, now: datetime) -> None:
    names = pool_names(clusters.drop_duplicates("pool_key"))
    named = clusters.assign(pool_name=[names[key] for key in clusters["pool_key"]])
    drawable = named.dropna(subset=["idle_since_at", "expires_at"])
    if len(drawable):
        canvas.header("How long they are kept")
        canvas.chart(
            idle_bars(named, now),
            key="idle_bars",
            alt=f"Bars: {count(len(drawable), 'idle cluster')} from the end of their job to their"
            " expiry, with the time now between the two.",
        )
        if len(drawable) > MOST_BARS:
            canvas.note(f"The {MOST_BARS} that expire first.")
    canvas.header("Idle clusters")
    canvas.table(
        named,
        ["pool_name", "instance_count", "expires_at", "remaining_s", "usd_per_h", "job_name",
         "user_name", "idle_since_at", "quota_used_count", "quota_count", "region", "account_id",
         "observed_at", "pool_key"],
        key="pools_now_table",
        alt="Idle warm clusters by expiry, with price, quota and the job that left each",
        what="clusters",
        file_name="pools_now",
    )  # fmt: skip
    row = canvas.row()
    links.definition(row, "pools_now")
    links.sql(row, "pools_now")


def _events(canvas: Canvas, events: pd.DataFrame) -> None:
    canvas.header("Just ended, about to expire")
    if events.empty:
        canvas.text("No job ended within the last hour, and no warm cluster is about to expire.")
        return
    newest_first = events.iloc[::-1]
    canvas.table(
        newest_first,
        ["event", "event_at", "job_name", "user_name", "status", "training_time_s",
         "instance_type", "instance_count", "usd_per_h"],
        key="announcements_table",
        alt="Jobs that ended within the last hour, and warm clusters that expire soon",
        what="events",
        file_name="announcements",
        placeholder="",
    )  # fmt: skip
    links.definition(canvas, "announcements")


def _webhook(canvas: Canvas, reader: Reader) -> None:
    how = canvas.aside().expander("Announce this in Slack, or by any other webhook")
    how.text(
        'Each sync posts what is new as one message, `{"text": ...}`: '
        f"{EVENTS['job_ended'].label.lower()}, {EVENTS['pool_expires'].label.lower()}. Every event"
        " is sent once. Put the address into `settings.toml` of the home folder; it stays there:"
    )
    how.code('webhook_url = "https://hooks.slack.com/services/..."', "toml")
