"""The advisors there are, and what they recommend as one ranked list."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from analytics.query import Filters
from analytics.recommendation import Recommendation, ranked
from analytics.relations import JOBS, QUEUE_JOBS, STEP_TIMES, Relation
from analytics.vocabulary import ADVICE_KINDS
from data.errors import WrongUseError
from data.store.reader import Reader

if TYPE_CHECKING:
    import pandas as pd

    from analytics.query import Query

Texts = Mapping[str, str]
Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked about which rows; a query that two advisors need is run once."""

    reader: Reader
    filters: Filters
    known: dict[Any, "pd.DataFrame"] = field(default_factory=dict)

    def rows(self, query: str, given: Texts) -> "pd.DataFrame":
        """Return the rows of a query."""
        from analytics.query import run_query

        key = (query, tuple(sorted(given.items())))
        if key not in self.known:
            self.known[key] = run_query(self.reader, _query(query), self.filters, **given)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Advisor:
    """What recommends one kind of change.

    Args:
        of: what it recommends something for, in the plural.
        relation: what its filters apply to.
        parameters: those it knows, of all that advisors are given.
        recommend: what it recommends.
    """

    kind: str
    of: str
    relation: Relation
    parameters: frozenset[str]
    recommend: Callable[[Asked, Texts], list[Recommendation]]

    def unknown_columns(self, filters: Filters) -> list[str]:
        """Return the columns of the filters that it cannot filter by."""
        names = dict.fromkeys(name for name, _ in filters.where)
        return [name for name in names if name not in self.relation.columns]


@dataclass(frozen=True, slots=True)
class Advice:
    """One list over all advisors asked, most to gain first, and who could not answer."""

    recommendations: list[Recommendation]
    asked: tuple[Advisor, ...]
    left_out: Mapping[str, list[str]]
    """The columns that kept an advisor out, by its kind."""

    def unchanged(self) -> "Iterator[tuple[Advisor, int, Counter[str]]]":
        """Yield advisors that leave something as it is: on how much they speak, and verdicts."""
        for advisor in self.asked:
            own = [one for one in self.recommendations if one.kind == advisor.kind]
            settled = Counter(one.verdict for one in own if not one.is_change)
            if settled:
                yield advisor, len(own), settled


def advice(
    reader: Reader,
    filters: Filters,
    given: Texts,
    kinds: Iterable[str],
    report: Report = lambda _step, _share: None,
) -> Advice:
    """Return what the advisors of some kinds recommend.

    `report` is called with who is asked, and how many of them were; it raises to end the work.

    Raises:
        WrongUseError: none of them can be filtered like that, or a value cannot be.
    """
    wanted = frozenset(kinds)
    chosen = [one for one in ADVISORS if one.kind in wanted]
    left_out = {one.kind: names for one in chosen if (names := one.unknown_columns(filters))}
    asked = tuple(one for one in chosen if one.kind not in left_out)
    if not asked and chosen:
        filters.condition(chosen[0].relation)  # says what is wrong
        raise WrongUseError("No advisor can be filtered like that.", next_action="Use one filter.")
    from analytics.keep_alive.advice import share_advice

    found: list[Recommendation] = []
    question = Asked(reader, filters)
    with reader.snapshot(), share_advice():  # what a quota has to allow is what that advice needs
        for number, one in enumerate(asked):
            report(f"Advice: {ADVICE_KINDS[one.kind].label.lower()}", number / len(asked))
            own = {name: text for name, text in given.items() if name in one.parameters}
            found += one.recommend(question, own)
    return Advice(ranked(found), asked, left_out)


def _query(name: str) -> "Query":
    from analytics.catalog import query_named

    return query_named(name)


def _keep_alive(asked: Asked, given: Texts) -> list[Recommendation]:
    return _of_rows("keep_alive.recommendations", asked.rows("keep_alive_advice", given))


def _share_settings(asked: Asked, given: Texts) -> list[Recommendation]:
    rows = asked.rows("share_settings_advice", given)
    return _of_rows("share_replay.recommendations", rows)


def _input_mode(asked: Asked, given: Texts) -> list[Recommendation]:
    return _of_rows("startup.recommendations", asked.rows("startup_advice", given), "input_mode")


def _startup(asked: Asked, given: Texts) -> list[Recommendation]:
    return _of_rows("startup.recommendations", asked.rows("startup_advice", given), "startup")


def _merge_pools(asked: Asked, given: Texts) -> list[Recommendation]:
    return _of_rows("merging.recommendations", asked.rows("pool_merges", given))


def _quota(asked: Asked, given: Texts) -> list[Recommendation]:
    return _of_rows("quotas.recommendations", asked.rows("quota_advice", given))


def _of_rows(module: str, rows: "pd.DataFrame", *more: str) -> list[Recommendation]:
    """Return the rows of a query as recommendations, as a module of ours makes them."""
    recommendations = import_module(f"analytics.{module}").recommendations
    found: list[Recommendation] = recommendations(rows, *more)
    return found


def _instance_groups(asked: Asked, given: Texts) -> list[Recommendation]:
    from analytics.instance_groups.advice_rows import advices
    from analytics.instance_groups.recommendations import recommendations

    values = _query("instance_group_advice").values(given)
    with asked.reader.snapshot():
        return recommendations(advices(asked.reader, asked.filters, values))


VALUE = "value_of_waiting_usd_per_h"
MINIMUM = "minimum_gain_usd_per_month"
ADVISORS = (
    Advisor(
        "keep_alive",
        "pools",
        JOBS,
        frozenset((VALUE, "limit_s", "p90_target_s", MINIMUM, "pool_key")),
        _keep_alive,
    ),
    Advisor("input_mode", "pools", JOBS, frozenset((VALUE, MINIMUM)), _input_mode),
    Advisor("startup", "pools", JOBS, frozenset((VALUE, MINIMUM)), _startup),
    Advisor(
        "merge_pools",
        "groups of pools",
        JOBS,
        frozenset((VALUE, "limit_s", "p90_target_s", MINIMUM, "pool_key")),
        _merge_pools,
    ),
    Advisor(
        "quota",
        "quotas",
        JOBS,
        # those of keep-alive advice: a quota has to allow what that advises
        frozenset((VALUE, "limit_s", "p90_target_s", MINIMUM)),
        _quota,
    ),
    Advisor("instance_groups", "workloads", STEP_TIMES, frozenset((VALUE,)), _instance_groups),
    Advisor("share_settings", "queues", QUEUE_JOBS, frozenset((VALUE,)), _share_settings),
)
