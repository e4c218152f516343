"""Note what the access log and all metrics tell of a request and its answer."""

import random
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# A stranger's request id ends up in every log line: it must be short, without spaces, quotes or line ends.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
TRACE_ROOT = re.compile(r"(?:^|;)\s*Root=([A-Za-z0-9-]{1,64})(?:;|$)")
# Under this key tracing leaves the id of a trace that it has begun itself.
TRACE_ID = "service.trace_id"
# https://www.w3.org/TR/trace-context/#traceparent-header
TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


class Exchange:
    """One request and how it was answered."""

    __slots__ = (
        "_started",
        "broken",
        "duration_s",
        "endless",
        "environ",
        "path_info",
        "request_id",
        "response_bytes",
        "route",
        "shed",
        "status",
        "trace_id",
    )

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._started = time.perf_counter()
        self.environ = environ
        # As it was asked for: an app below a prefix changes PATH_INFO on its way.
        self.path_info: str = environ.get("PATH_INFO", "")
        self.trace_id = trace_id(environ)
        # Not a secret, so no need to ask the kernel, as uuid4 does in six times the time.
        self.request_id = request_id(environ) or self.trace_id or f"{random.getrandbits(128):032x}"
        self.status = 500  # if the app breaks before it answers
        # The rule, such as /orders/<id>. None where no rule matched: a stranger could make up any path.
        self.route: str | None = None
        self.response_bytes = 0
        self.endless = False  # the answer does not say how long it is
        self.broken = False  # the answer ended before its end, after its status had been sent
        self.shed = False  # refused, because it has waited too long
        self.duration_s = 0.0

    def answered(self, status: str) -> None:
        """Note the status and the rule that matched; called while Flask still knows the request."""
        self.status = int(status[:3])
        self.trace_id = self.environ.get(TRACE_ID, self.trace_id)
        # Werkzeug leaves the request here, with the rule that Flask found: no hook is needed.
        rule = getattr(self.environ.get("werkzeug.request"), "url_rule", None)
        self.route = rule.rule if rule else None

    def names(self) -> dict[str, object]:
        """Return what tells one request from others."""
        return {
            "request_id": self.request_id,
            "method": self.environ["REQUEST_METHOD"],
            "path": self.path_info,
            "duration_s": round(time.perf_counter() - self._started, 1),
        }

    def end(self) -> None:
        """Stop the clock."""
        self.duration_s = time.perf_counter() - self._started


Observer = Callable[[Exchange], None]


def request_id(environ: "WSGIEnvironment") -> str | None:
    """Return the caller's id if it is harmless."""
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    return given if given and REQUEST_ID.fullmatch(given) else None


def trace_id(environ: "WSGIEnvironment") -> str | None:
    """Return the id of the trace that a caller (W3C's header) or else the load balancer has begun."""
    if (parent := environ.get("HTTP_TRACEPARENT")) and (found := TRACE_PARENT.fullmatch(parent)):
        return found[1]
    if (amazon := environ.get("HTTP_X_AMZN_TRACE_ID")) and (found := TRACE_ROOT.search(amazon)):
        return found[1]
    return None
