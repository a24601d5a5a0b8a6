"""Calls of AWS for one account and region: paced, retried, counted, with errors that say more.

botocore signs and parses; its own retries are off, so that every request is counted here and a
throttled operation slows down for all threads.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import botocore.config
import botocore.exceptions
import botocore.parsers
import botocore.session

from data.aws.accounts import Account
from data.aws.errors import (
    DENIED_CODES,
    EXPIRED_CODES,
    THROTTLING_CODES,
    UNKNOWN_KEY_CODES,
    GoneError,
    MissingPermission,
    credential_errors,
    expired,
    iam_action,
    is_missing,
)
from data.errors import StokerError
from data.raw.inputs import Cancelled

DEADLINE_S = 300.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
CONNECT_WITHIN_S, READ_WITHIN_S = 10, 60
AT_ONCE = 8
TRIES_TO_CONNECT = 4
SLOWEST_PER_S = 0.1
LIST_PER_S, OTHER_PER_S = 2.0, 10.0
# operations that give many records a request, and get few requests a second from AWS
_LISTS = ("List", "Search")
# operations that give one record a request, several at a time
_ONE_BY_ONE = ("sagemaker:DescribeTrainingJob", "sagemaker:ListTags", "batch:DescribeServiceJob")
# whatever the account's region, these are answered there alone
ENDPOINT_REGIONS = {"pricing": "us-east-1", "savingsplans": "us-east-1"}

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pace:
    """When the next request of one operation may be sent: slower when AWS throttles it."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_per_s, self._per_s, self._clock = per_s, per_s, clock
        self._next_at = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next place in the line; return how many seconds away it is."""
        with self._lock:
            now = self._clock()
            at = max(now, self._next_at)
            self._next_at = at + 1 / self._per_s
            return at - now

    def slow_down(self) -> None:
        """Halve the rate."""
        with self._lock:
            self._per_s = max(SLOWEST_PER_S, self._per_s / 2)

    def speed_up(self) -> None:
        """Come back to the full rate, step by step."""
        with self._lock:
            self._per_s = min(self._most_per_s, self._per_s + self._most_per_s / 20)


class Calls:
    """Calls for one account and region.

    `requests` and `retries` count by operation ("sagemaker:Search"): every request, and those of
    them that repeat one that failed.
    """

    def __init__(
        self,
        account: Account,
        session: botocore.session.Session,
        region: str,
        *,
        account_id: str | None = None,
        list_per_s: float = LIST_PER_S,
        other_per_s: float = OTHER_PER_S,
        deadline_s: float = DEADLINE_S,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.account, self.region = account, region
        self.requests: Counter[str] = Counter()
        self.retries: Counter[str] = Counter()
        self.is_cancelled = is_cancelled
        self._session = session
        self._list_per_s, self._other_per_s = list_per_s, other_per_s
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._paces: dict[str, Pace] = {}
        self._account_id = account_id or account.account_id
        self._has_answered = False

    @property
    def account_id(self) -> str:
        """The account's number; AWS is asked for it if it is not known."""
        if self._account_id is None:
            self.caller()
        return str(self._account_id)

    def caller(self) -> str:
        """Return the number of the account that the credentials are of."""
        account_id = str(self.call("sts", "GetCallerIdentity")["Account"])
        self._account_id = self._account_id or account_id
        return account_id

    @property
    def where(self) -> str:
        """The account and region, as a user would say it."""
        return f"{self.account.name}, {self.region}"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return AWS's answer to one operation.

        Raises:
            MissingPermission: the operation is denied.
            ExpiredCredentials: AWS does not take the credentials (any more).
            GoneError: what it is about does not exist any more.
            StokerError: AWS did not answer until the deadline, or refuses the request.
            Cancelled: the work is to end.
        """
        client = self._client(service)
        pace = self._pace(service, operation)
        name = iam_action(service, operation)
        give_up_at = time.monotonic() + self._deadline_s
        attempt = 0
        while True:
            self._wait(pace.reserve())
            with self._lock:
                self.requests[name] += 1
                self.retries[name] += attempt > 0
            try:
                with credential_errors(self.account.name):
                    answer: dict[str, Any] = client._make_api_call(operation, parameters)
            except botocore.exceptions.ClientError as error:
                if not self._may_repeat(error, service, operation, pace):
                    raise
                problem: Exception = error
            except (
                botocore.exceptions.HTTPClientError,
                botocore.exceptions.ConnectionError,
                botocore.parsers.ResponseParserError,
            ) as error:
                problem = error
            else:
                self._has_answered = True
                pace.speed_up()
                return answer
            attempt += 1
            wait_s = random.uniform(0.5, 1.0) * min(
                LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempt - 1, 10)
            )
            is_unreachable = not self._has_answered and attempt > TRIES_TO_CONNECT
            if is_unreachable or time.monotonic() + wait_s > give_up_at:
                raise StokerError(
                    f"AWS did not answer {name} in {self.where} ({attempt} requests): {problem}",
                    next_action="Check the network and the region's name, and run `stoker sync`"
                    " again: it goes on where it was.",
                ) from problem
            self._wait(wait_s)

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages of a list, empty ones too, to the last.

        Raises:
            StokerError: a token comes back again and again; and what `call` raises.
        """
        token_in, token_out = self._tokens(service, operation)
        token, seen = parameters.pop(token_in, None), set[str]()
        while True:
            extra = {token_in: token} if token else {}
            answer = self.call(service, operation, **parameters, **extra)
            yield answer
            token = answer.get(token_out)
            if not token:
                return
            if token in seen:
                raise StokerError(
                    f"AWS repeats a page of {service}:{operation} without end.",
                    next_action="Run `stoker sync` again later.",
                )
            seen.add(token)

    def at_once(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        """Yield what a function returns for each item, in order; a few of them run at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(function, items)

    def _may_repeat(
        self,
        error: "botocore.exceptions.ClientError",
        service: str,
        operation: str,
        pace: Pace,
    ) -> bool:
        """Whether a refused request may be sent again; what it means if not, is raised."""
        about = error.response.get("Error", {})
        code, message = str(about.get("Code", "")), str(about.get("Message", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in EXPIRED_CODES or code in UNKNOWN_KEY_CODES:
            raise expired(self.account.name, f"{code}: {message}") from error
        if code in DENIED_CODES:
            raise MissingPermission(iam_action(service, operation, message), self.where) from error
        if is_missing(code, message):
            raise GoneError(message) from error
        if code in THROTTLING_CODES or status == 429:
            pace.slow_down()
            return True
        if status >= 500 or code in ("RequestTimeout", "RequestTimeoutException"):
            return True
        raise StokerError(
            f"AWS refused {service}:{operation} in {self.where} ({code}: {message}).",
            next_action="Check that the region offers the service; else report it.",
        ) from error

    def _wait(self, wait_s: float) -> None:
        """Sleep, but not beyond a cancellation.

        Raises:
            Cancelled: the work is to end.
        """
        until = time.monotonic() + wait_s
        while True:
            if self.is_cancelled():
                raise Cancelled
            left_s = until - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(0.1, left_s))

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.create_client(
                    service,
                    region_name=ENDPOINT_REGIONS.get(service, self.region),
                    config=botocore.config.Config(
                        retries={"total_max_attempts": 1},
                        connect_timeout=CONNECT_WITHIN_S,
                        read_timeout=READ_WITHIN_S,
                        max_pool_connections=AT_ONCE + 2,
                        user_agent_extra="stoker",
                    ),
                )
            return self._clients[service]

    def rate(self, name: str) -> float:
        """Return how many requests a second an operation ("sagemaker:Search") gets."""
        is_list = name.partition(":")[2].startswith(_LISTS) and name not in _ONE_BY_ONE
        return self._list_per_s if is_list else self._other_per_s

    def threads(self, name: str) -> int:
        """Return how many requests of an operation run at a time."""
        return AT_ONCE if name in _ONE_BY_ONE else 1

    def _pace(self, service: str, operation: str) -> Pace:
        with self._lock:
            name = iam_action(service, operation)
            if name not in self._paces:
                self._paces[name] = Pace(self.rate(name))
            return self._paces[name]

    def _tokens(self, service: str, operation: str) -> tuple[str, str]:
        """Return the names of the token in a request and in an answer."""
        model = self._client(service).meta.service_model.operation_model(operation)
        for name in ("NextToken", "nextToken"):
            if model.input_shape and name in model.input_shape.members:
                return name, name
        message = f"{service}:{operation} has no pages"
        raise ValueError(message)


def answered_at(answer: dict[str, Any]) -> datetime:
    """Return when AWS gave an answer, by AWS's clock; by ours if it does not say."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (TypeError, ValueError):
        return datetime.now(UTC)
