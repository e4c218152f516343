"""Yours: test the page and the JSON behind it."""

import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import service

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FOLDER = Path(service.__file__).parent / "app"


@pytest.mark.parametrize("path", ["/", "/api/v1/info"])
def test_programs_get_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "*/*"}).get_json()
    assert answer["worker"] == os.getpid()
    assert (answer["version"], answer["environment"], answer["task"]) == ("abc123", "test", None)


def test_browsers_get_a_page(client: FlaskClient) -> None:
    assert client.get("/", headers=BROWSER).content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
def test_pages_say_to_search_engines_what_they_are(client: FlaskClient, path: str) -> None:
    # Lighthouse's audit: https://developer.chrome.com/docs/lighthouse/seo/meta-description
    page = client.get(path, headers=BROWSER).text
    [description] = re.findall(r'<meta name="description" content="([^"]*)">', page)
    assert 20 < len(description) < 160


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_caches_know_that_the_answer_depends_on_accept(client: FlaskClient, accept: str) -> None:
    headers = client.get("/", headers={"Accept": accept}).headers
    assert (headers["Vary"], headers["Cache-Control"]) == ("Accept", "no-store")


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
def test_pages_need_nothing_that_the_policy_forbids(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(
        r"<script(?![^>]*src=)|<style|style=|\son\w+=|//", response.text.replace("<!doctype", "")
    )


@pytest.mark.parametrize(("path", "files"), [("/", 4), ("/api/v1/docs", 6)])
def test_pages_find_what_they_link_to(client: FlaskClient, path: str, files: int) -> None:
    page = client.get(path, headers=BROWSER).text
    linked = re.findall(r'(?:src|href|data-document|data-info|data-ready)="([^"]+)"', page)
    assert len(linked) >= files
    for each in linked:
        with client.get(each) as response:
            assert response.status_code == 200, each


def test_page_offers_what_its_script_fills_in(client: FlaskClient) -> None:
    script = (FOLDER / "static/which_task.js").read_text()
    used = set(re.findall(r'(?:byId|addRow|show)\("(\w+)"', script))
    page = client.get("/", headers=BROWSER).text
    assert {"answered", "failed", "ticks", "health", "busy"} <= used
    assert [name for name in used if f'id="{name}"' not in page] == []
