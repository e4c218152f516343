"""Send one GET request, with the standard library alone."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Long enough for a load balancer to open a connection to a new task.
PATIENCE_S = 10
# Read no more of a page than this: signs of a debugger are near its top.
MOST_BYTES = 1024**2


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a request."""

    status: int
    server: str
    body: bytes


class _SameHost(urllib.request.HTTPRedirectHandler):
    """A handler that follows redirects to the same host only, such as from http to https."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> urllib.request.Request | None:
        *_, url = rest
        same = urlsplit(url).hostname == urlsplit(req.full_url).hostname
        return super().redirect_request(req, *rest) if same else None


def ask(origin: str, path: str) -> Answer:
    """Return the answer to GET, also an error; raise OSError or HTTPException if there is none."""
    handlers: list[urllib.request.BaseHandler] = [_SameHost()]
    if urlsplit(origin).hostname in {"127.0.0.1", "::1", "localhost"}:
        handlers.append(urllib.request.ProxyHandler({}))
    headers = {"User-Agent": "smoke-test", "Accept": "text/html"}
    request = urllib.request.Request(origin + path, headers=headers)  # noqa: S310 (http or https: see _origin)
    try:
        response = urllib.request.build_opener(*handlers).open(request, timeout=PATIENCE_S)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        server = response.headers.get("Server", "")
        return Answer(status=response.status, server=server, body=response.read(MOST_BYTES))
