"""Test the static files that a real app publishes and a real proxy serves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.gunicorn_process import Server
from tests.wait import wait_for

PATH = "/static/large.css"


@pytest.fixture(scope="module")
def app(started: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    shared = tmp_path_factory.mktemp("shared")
    # If root starts a proxy, its workers are another user, who must enter the folder.
    for folder in (shared, *shared.parents[:3]):
        folder.chmod(0o755)
    return started(GUNICORN_WORKERS="2", PROXY_HOPS="2", SHARED_FOLDER=str(shared))


@pytest.fixture(scope="module")
def proxy(run: Callable[..., Server], app: Server) -> Server:
    server = run(app.port, SHARED_FOLDER=app.shared)
    wait_for(server.answers, "the first answer")
    return server


def test_a_file_is_served_without_the_app(proxy: Server, app: Server) -> None:
    answer, body = proxy.get(PATH)
    assert (answer.status, body) == (200, app.get(PATH)[1])
    assert "X-Request-ID" not in answer.headers


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("path", [PATH, "/static/icon.svg", "/static/file.txt"])
def test_the_answer_is_that_of_the_app(proxy: Server, app: Server, path: str, scheme: str) -> None:
    of_file = {"Server", "Date", "Connection", "Last-Modified", "ETag", "Content-Disposition", "X-Request-ID"}
    # The policy is only reported here; where it is enforced, such files are left to the app.
    of_file |= {"Content-Security-Policy-Report-Only", "Reporting-Endpoints"}
    ours, theirs = (
        dict(server.get(path, X_Forwarded_Proto=scheme)[0].getheaders()) for server in (proxy, app)
    )
    ours.pop("Vary", "")
    assert {name: ours[name] for name in ours.keys() - of_file} == {
        name: theirs[name] for name in theirs.keys() - of_file
    }
    assert ("Strict-Transport-Security" in ours) == (scheme == "https")


def test_whoever_has_the_file_gets_304(proxy: Server) -> None:
    tag = proxy.get(PATH)[0].headers["ETag"]
    answer, body = proxy.get(PATH, If_None_Match=tag)
    assert (answer.status, body, answer.headers["ETag"]) == (304, b"", tag)
    assert proxy.get(PATH, If_None_Match='"other"')[0].status == 200


def test_whoever_has_it_compressed_gets_304(proxy: Server) -> None:
    answer, body = proxy.get(PATH, Accept_Encoding="gzip")
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert body.startswith(b"\x1f\x8b")
    tag = answer.headers["ETag"]
    assert proxy.get(PATH, If_None_Match=tag, Accept_Encoding="gzip")[0].status == 304


def test_no_time_says_that_a_file_is_unchanged(proxy: Server) -> None:
    # The time follows from the content and may lie before that of an older content.
    answer, _ = proxy.get(PATH, If_Modified_Since="Fri, 01 Jan 2038 00:00:00 GMT")
    assert answer.status == 200
    assert "Last-Modified" not in answer.headers


def test_a_part_of_a_file_can_be_asked_for(proxy: Server) -> None:
    whole = proxy.get(PATH)[1]
    answer, body = proxy.get(PATH, Range="bytes=3-9")
    assert (answer.status, body) == (206, whole[3:10])
    assert answer.headers["Content-Range"] == f"bytes 3-9/{len(whole)}"


def test_a_part_that_is_not_there_is_a_problem(proxy: Server) -> None:
    answer, _ = proxy.get(PATH, Range="bytes=999999999-")
    assert (answer.status, answer.headers.get_content_type()) == (416, "application/problem+json")
    assert "no-store" in answer.headers.get_all("Cache-Control", [])


def test_the_tag_follows_from_the_content(app: Server) -> None:
    copy = Path(app.shared, "static", PATH[1:])
    assert copy.stat().st_mtime < 10**9 + 10**8
    assert copy.stat().st_mode & 0o777 == 0o644
