"""Let a browser into the deployed load balancer by a port of this machine.

ministack finds a load balancer by `Host: <its DNS name>`, which a browser cannot send. A request to this port
goes to the main listener: HTTPS if there is one, else the lowest port. A request whose `Host` does name the
load balancer goes to the listener on the port in `Host`, 80 by default. Rules, actions, target group and
X-Forwarded headers are those of the deployment.

Limits: TLS itself is not spoken (an HTTPS listener is entered by plain HTTP and still says
`X-Forwarded-Proto: https`); request bodies are buffered, responses are streamed; a target is picked at
random; every request opens a new connection to its target; the first load balancer is used.
"""

from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import alb

from tools.local_cloud.emulator import websockets
from tools.local_cloud.emulator.resources import Props


def _headers(scope: Props) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joint = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    return headers


async def read_body(receive: Any) -> bytes | None:
    """Return the whole request body, or nothing when the client left."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _named(host: str) -> tuple[tuple[str, str, str], Props] | None:
    """Return the load balancer that a request names, else the first one, under its account and region."""
    balancers = alb._lbs._data.items()
    same = [item for item in balancers if item[1]["DNSName"] == host.partition(":")[0]]
    return next(iter(same or balancers), None)


def _listener_port(balancer: Props, host: str) -> int | None:
    name, _, port = host.partition(":")
    if name == balancer["DNSName"]:
        return int(port or 80)
    arn = balancer["LoadBalancerArn"]
    listeners = [item for item in alb._listeners.values() if item["LoadBalancerArn"] == arn]
    listeners.sort(key=lambda item: (item.get("Protocol") != "HTTPS", item["Port"]))
    return listeners[0]["Port"] if listeners else None


async def answer(scope: Props, receive: Any, send: Any) -> None:
    """Answer one HTTP request, or one for a WebSocket, through the deployed load balancer."""
    websocket = scope["type"] == "websocket"
    body = b"" if websocket else await read_body(receive)
    if body is None:
        return
    headers, query = _headers(scope), scope["query_string"].decode("latin-1")
    host = headers.get("host", "")
    (account, region, _), balancer = _named(host) or (("", "", ""), None)
    with request_scope(account, region):
        port = _listener_port(balancer, host) if balancer else None
        if balancer is None or port is None:
            text = b"No load balancer is deployed yet.\n"
            response: Any = (503, {"Content-Type": "text/plain"}, text)
        else:
            arn = balancer["LoadBalancerArn"]
            idle_s = float(alb._lb_attr(arn, "idle_timeout.timeout_seconds", "60"))
            websockets.idle_s.set(idle_s if websocket else 0)
            response = await alb.dispatch_request(
                balancer,
                scope.get("method", "GET"),
                scope["path"],
                headers,
                body,
                parse_qs(query, keep_blank_values=True),
                port,
                client_ip=scope["client"][0],
                raw_query_string=query,
                raw_path=scope["raw_path"].decode("latin-1"),
            )
        if websocket:
            await websockets.answer(response, send, receive)
        else:
            await app._send_if_handled(send, response, receive, head=scope["method"] == "HEAD")
