"""Test that TRUSTED_HOSTS means the names that DNS means, and no others."""

import pytest
from flask import Flask, request
from werkzeug.sansio.utils import host_is_trusted

from service.kit import Settings, init_app


def status(trusted: object, host: str | None, own: object = None) -> int:
    """Return how an app with these hosts, of the kit's setting or its own, answers a request for a host."""
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = own
    app.add_url_rule("/", "index", lambda: request.host)
    given = {"environment": "test", "version": "1", "proxy_hops": 0, "trusted_hosts": trusted}
    init_app(app, Settings.model_validate(given))
    return app.test_client().get("/", environ_overrides={"HTTP_HOST": host}).status_code


SAME = [
    "www.good.com",
    "WWW.GOOD.COM",
    "www.good.com.",
    "Www.Good.Com.",
    "www.good.com:443",
    "WWW.GOOD.COM.:8000",
]
OTHER = [
    "good.com",
    "www.good.com.evil.com",
    "evil.com",
    "",
    "www.good.com..",
    "www.good.com,evil.com",
    "a b",
]


@pytest.mark.parametrize("host", SAME)
def test_a_trusted_host_is_answered_however_it_is_written(host: str) -> None:
    assert status("www.good.com", host) == 200
    assert status(None, host, own=["WWW.good.com."]) == 200
    assert status(".good.com", host) == 200


@pytest.mark.parametrize("host", OTHER)
def test_another_host_is_refused(host: str) -> None:
    assert status("www.good.com", host) == 400


@pytest.mark.parametrize(
    "host", ["www.good.com", "evil.com", "www.good.com,evil.com", "", "a b", "[::1]:8000"]
)
def test_a_plain_host_gets_what_werkzeug_alone_answers(host: str) -> None:
    alone = 200 if host_is_trusted(host, ["www.good.com"]) else 400
    assert status("www.good.com", host) == alone
