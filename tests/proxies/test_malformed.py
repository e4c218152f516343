"""Test malformed and smuggled requests to the service behind each proxy."""

from tests.malformed import check
from tests.service.gunicorn_process import Server

# RFC 9112 lets a proxy read these malformed requests; it makes one sound request for the app of each.
TOLERATED = {
    # Section 2.2: a line may end with LF alone. nginx also ignores an empty header that has no colon.
    "nginx": {
        "lines end with LF",
        "chunk size ends with LF",
        "chunk ends with LF",
        "header without a colon",
    },
    # Section 6.1: chunks win over a length, and the connection ends. Section 5.2: a fold becomes a space.
    "apache": {
        "CL.TE",
        "TE.CL",
        "CL.TE, folded",
        "CL.TE, in capitals",
        "CL.TE, without a space",
        "CL.TE, after a tab",
        "folded header",
        "folded length",
    },
}


def test_all_are_refused_or_one_request_and_no_hidden_one_arrives(
    kind: str, proxy: Server, app: Server, report: list[str]
) -> None:
    report.append(check(kind, proxy, app, tolerated=TOLERATED[kind]))
