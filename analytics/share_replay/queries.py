"""The queries of share replay."""

from analytics.share_replay import settings_queries

QUERIES = settings_queries.QUERIES
