"""Host hours that several questions read: what fails while they are at hand says why."""

import duckdb
import pandas as pd
import pytest

from analytics.query import Filters
from analytics.utilization.host_hours import HostHours, at_hand, use_host_hours
from data.store.reader import Reader
from data.store.store import Store


def fail_meanwhile(reader: Reader) -> None:
    hours = HostHours(pd.DataFrame({"hour": [1]}), Filters(), 0.1, reader.version.number)
    with use_host_hours(hours), at_hand(reader, Filters(), 0.1) as is_there:
        assert is_there
        with reader.cursor() as cursor:
            cursor.execute("select 'no number'::integer")


def test_a_statement_that_fails_is_what_is_told(store: Store) -> None:
    """Not that the transaction is over, which a cancelled answer would else end with."""
    reader = Reader(store)
    with pytest.raises(duckdb.ConversionException):
        fail_meanwhile(reader)
    assert reader.scalar("select 1") == 1
