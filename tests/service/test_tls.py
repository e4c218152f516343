"""Test TLS from the load balancer to the task, with a certificate that the task makes itself."""

import socket
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.server import certificate
from tests.service.gunicorn_process import Server


@pytest.fixture(scope="module")
def server(started: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    return started(TLS_TO_TASKS="1", TMPDIR=str(tmp_path_factory.mktemp("tmp")))


def test_answers_by_tls_1_2_or_later(server: Server) -> None:
    assert server.get("/healthz")[0].status == 200
    old = ssl._create_unverified_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(plain)


def test_keeps_a_connection_for_the_next_request(server: Server) -> None:
    connection = server.connect()
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}\n'
    connection.close()


def test_does_not_answer_plain_http(server: Server) -> None:
    assert b"200 OK" not in server.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")


def test_every_start_makes_a_key_of_its_own_that_others_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (one, key), (two, _) = certificate.make(), certificate.make()
    assert one.read_bytes() != two.read_bytes()
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_the_certificate_outlives_any_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = ssl._ssl._test_decode_cert(str(certificate.make()[0]))  # type: ignore[attr-defined]
    begins, ends = (ssl.cert_time_to_seconds(made[name]) for name in ("notBefore", "notAfter"))
    assert begins < time.time()
    assert ends > time.time() + 365 * 24 * 3600
