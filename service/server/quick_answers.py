"""Keep the answers, as bytes, that the worker gives without a thread."""

import json


def _answer(status: str, kind: str, body: dict[str, object], *headers: str) -> bytes:
    content = json.dumps(body).encode() + b"\n"
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def health_request(path: str) -> bytes:
    """Return how a load balancer's health check of this path begins."""
    return f"GET {path} ".encode()


def last(answer: bytes) -> bytes:
    """Return the answer with a header that says that the connection ends."""
    return answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


def _problem(status: str, detail: str, *headers: str) -> bytes:
    code, _, title = status.partition(" ")
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": int(code), "detail": detail}
    return _answer(status, "application/problem+json", body, *headers)


HEALTHY = _answer("200 OK", "application/json", {"status": "ok"})
OVERLOADED = _problem(
    "503 Service Unavailable", "All slots are taken. Try again in a second.", "Retry-After: 1"
)
CUT_SHORT = _problem("400 Bad Request", "The request ended before it was whole.")
TOO_SLOW = _problem("408 Request Timeout", "The request came too slowly.")
