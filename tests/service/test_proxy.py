"""Test that X-Forwarded headers are believed only as far as there are proxies."""

import pytest
from flask import Flask, jsonify, request

from service.kit import Settings
from tests.service.installed import installed

FORGED = {
    "X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
}


def app_behind(hops: int) -> Flask:
    app = installed(Settings(environment="test", version="1", proxy_hops=hops))
    app.add_url_rule("/where", view_func=lambda: jsonify(addr=request.remote_addr, url=request.url))
    return app


@pytest.mark.parametrize(("hops", "addr"), [(0, "127.0.0.1"), (1, "3.3.3.3"), (2, "2.2.2.2"), (3, "1.1.1.1")])
def test_client_address_is_as_many_entries_back_as_there_are_proxies(hops: int, addr: str) -> None:
    response = app_behind(hops).test_client().get("/where", headers=FORGED)
    assert response.get_json()["addr"] == addr


@pytest.mark.parametrize(("hops", "url"), [(0, "http://localhost/where"), (1, "https://localhost/where")])
def test_only_the_scheme_comes_from_the_proxy(hops: int, url: str) -> None:
    assert app_behind(hops).test_client().get("/where", headers=FORGED).get_json()["url"] == url
