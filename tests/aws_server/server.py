"""An HTTP server that plays AWS: every answer is one that botocore's models allow.

    with AwsServer(AwsHistory(Clock(now))) as aws:
        aws.set_environment(monkeypatch)

An operation is named as IAM names it (`sagemaker:Search`). `requests` counts what was asked,
`answered` what was not refused, `refused` by operation and error code.
"""

import re
import threading
import time
from collections import Counter, defaultdict
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import orjson
import pytest
from botocore import xform_name

from tests.aws_server import errors
from tests.aws_server.batch import Batch
from tests.aws_server.clock import Clock
from tests.aws_server.cloudwatch import CloudWatch
from tests.aws_server.errors import AwsError
from tests.aws_server.history import ACCOUNT, REGION, AwsHistory
from tests.aws_server.knobs import Knobs
from tests.aws_server.models import SERVICES, AnswerCheck, operation, paths, targets
from tests.aws_server.prices import Pricing, SavingsPlans
from tests.aws_server.quotas import ServiceQuotas
from tests.aws_server.sagemaker import SageMaker
from tests.aws_server.strange import make_strange
from tests.aws_server.sts import Sts, access_key, as_xml, error_as_xml

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_ACCOUNT = re.compile(r"\d{12}")
OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


class AwsServer:
    """AWS for the accounts and regions of the histories; elsewhere there is nothing."""

    def __init__(self, *histories: AwsHistory, knobs: Knobs | None = None) -> None:
        self.histories = {(one.account, one.region): one for one in histories}
        self.clock: Clock = histories[0].clock
        self.knobs = knobs or Knobs()
        self.check = AnswerCheck()
        self.wrong_answers: list[str] = []
        self.requests: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.busy_s = 0.0
        self.received: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._rng = np.random.default_rng(self.knobs.seed)
        self._credited: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        self._used = 0
        self._services: dict[tuple[str, str, str], Any] = {}
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.aws = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "AwsServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if kind is None and self.wrong_answers:
            raise AssertionError("\n".join(self.wrong_answers))

    @property
    def url(self) -> str:
        """The address, for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def environment(self, account: str = ACCOUNT, region: str = REGION) -> dict[str, str]:
        """Return the variables that lead boto3 here, and away from everything else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": access_key(account),
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests",
            "AWS_DEFAULT_REGION": region,
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def set_environment(
        self, monkeypatch: pytest.MonkeyPatch, account: str = ACCOUNT, region: str = REGION
    ) -> None:
        """Lead boto3 here for the rest of a test."""
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment(account, region).items():
            monkeypatch.setenv(name, value)

    def forget_requests(self) -> None:
        """Begin to count anew; new credentials were handed out."""
        with self._lock:
            self.requests.clear()
            self.answered.clear()
            self.refused.clear()
            self.received.clear()
            self.busy_s = 0.0
            self._used = 0

    def answer(self, action: str, request: dict[str, Any], account: str, region: str) -> Any:
        """Return the answer to a request, or raise what AWS says instead."""
        knobs = self.knobs
        with self._lock:
            self.requests[action] += 1
            self._used += 1
            self.received.append((action, request))
            refusal = self._refusal(action, account)
        delay = knobs.delays.get(action, knobs.delays.get("*", 0))
        if delay:
            time.sleep(delay)
        now = self.clock.tick()
        if refusal is None:
            handler = self._handler(action, account, region)
            begun = time.perf_counter()
            try:
                answer = handler(request, now)
                self.check.check(action, answer)
            except AwsError as error:
                refusal = error
            except KeyError as error:
                refusal = AwsError("ValidationException", f"{error} is required")
            finally:
                with self._lock:
                    self.busy_s += time.perf_counter() - begun
        with self._lock:
            if refusal is not None:
                self.refused[action, refusal.code] += 1
                raise refusal
            self.answered[action] += 1
        return make_strange(answer, knobs)

    def _refusal(self, action: str, account: str) -> AwsError | None:
        knobs = self.knobs
        if knobs.expires_after is not None and self._used > knobs.expires_after:
            return errors.expired(action)
        if action in knobs.denied:
            return errors.denied(action, f"arn:aws:iam::{account}:user/stoker")
        if knobs.throttle_next.get(action, 0) > 0:
            knobs.throttle_next[action] -= 1
            return errors.throttled(action)
        limit = knobs.limits.get(action, knobs.limits.get("*"))
        if limit and not self._has_credit(action, limit):
            return errors.throttled(action)
        luck = self._rng.random()
        if luck < knobs.throttled_share:
            return errors.throttled(action)
        if luck < knobs.throttled_share + knobs.failed_share:
            return errors.failed(action)
        return None

    def _has_credit(self, action: str, limit: float) -> bool:
        """Whether a token bucket that holds one second of requests has one left."""
        now = time.monotonic()
        credit, at = self._credited[action]
        credit = min(max(limit, 1.0), credit + (now - at) * limit)
        self._credited[action] = (credit - 1 if credit >= 1 else credit, now)
        return credit >= 1

    def _handler(self, action: str, account: str, region: str) -> Any:
        prefix, name = action.split(":")
        service = self._service(prefix, account, region)
        handler = getattr(service, xform_name(name), None)
        if handler is None:
            raise AwsError("UnknownOperationException", f"{action} is not played", 400)
        return handler

    def _service(self, prefix: str, account: str, region: str) -> Any:
        with self._lock:
            key = (prefix, account, region)
            if key not in self._services:
                self._services[key] = self._new_service(prefix, account, region)
            return self._services[key]

    def _new_service(self, prefix: str, account: str, region: str) -> Any:
        if prefix == "sts":
            return Sts(account)
        history = self.histories.get((account, region))
        if history is None:
            history = AwsHistory(self.clock, jobs=0, account=account, region=region, queues=())
        services: dict[str, Any] = {
            "sagemaker": SageMaker,
            "batch": Batch,
            "cloudwatch": CloudWatch,
            "pricing": Pricing,
            "savingsplans": SavingsPlans,
            "servicequotas": ServiceQuotas,
        }
        return services[prefix](history, self.knobs)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    aws: AwsServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a wrong answer is in `wrong_answers`, and a client may be killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Http

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action = ""
        try:
            action, request = self._request(body)
            account, region = self._caller()
            answer = self.server.aws.answer(action, request, account, region)
        except AwsError as error:
            self._send_error(action, error)
        except Exception as error:
            self.server.aws.wrong_answers.append(f"{action}: {error!r}")
            self._send_error(action, AwsError("InternalFailure", repr(error), 500))
            raise
        else:
            self._send_answer(action, answer)

    do_GET = do_POST

    def _request(self, body: bytes) -> tuple[str, dict[str, Any]]:
        target = self.headers.get("X-Amz-Target")
        if target:
            prefix, name = target.split(".")
            return f"{SERVICES[targets()[prefix]]}:{name}", orjson.loads(body or b"{}")
        action = paths().get((self.command, self.path.split("?")[0]))
        if action:
            return action, orjson.loads(body or b"{}")
        form = dict(parse_qsl(body.decode()))
        if "Action" in form:
            return f"sts:{form.pop('Action')}", form
        raise AwsError("UnknownOperationException", f"{self.command} {self.path}", 404)

    def _caller(self) -> tuple[str, str]:
        signed = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        account = _ACCOUNT.search(signed[1]) if signed else None
        if signed is None or account is None:
            raise AwsError("MissingAuthenticationTokenException", "Not signed", 403)
        return account[0], signed[2]

    def _send_answer(self, action: str, answer: Any) -> None:
        if action.startswith("sts:"):
            self._send(200, as_xml(operation(action).name, answer), "text/xml")
        else:
            self._send(200, orjson.dumps(answer, option=OPTIONS), "application/x-amz-json-1.1")

    def _send_error(self, action: str, error: AwsError) -> None:
        if action.startswith("sts:"):
            self._send(error.status, error_as_xml(error.code, error.message), "text/xml")
            return
        body = orjson.dumps({"__type": error.code, "message": error.message})
        kind = "application/x-amz-json-1.1"
        self._send(error.status, body, kind, ("x-amzn-ErrorType", error.code))

    def _send(self, status: int, body: bytes, kind: str, *headers: tuple[str, str]) -> None:
        try:
            self.send_response_only(status)
            aws = self.server.aws
            self.send_header(
                "Date", formatdate(aws.clock.now + aws.knobs.clock_skew_s, usegmt=True)
            )
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-RequestId", "request")
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):  # the client was killed
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
