"""Test that the proxies say of files and refusals what the service says, and to the same metrics."""

import json
import re
from pathlib import Path

import pytest

from infra.task.proxy import SOURCES
from service.kit import browser_security, emf
from service.kit.static_checks import TYPES

KINDS = ("nginx", "apache")


def text(kind: str, name: str) -> str:
    return Path(SOURCES, kind, name).read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_files_have_the_types_that_the_kit_expects(kind: str) -> None:
    page = text(kind, "types.conf")
    if kind == "nginx":
        found = re.findall(r"^  (\S+/\S+) ([a-z0-9 ]+);$", page, re.MULTILINE)
        with_charset = re.findall(r"charset_types (.+);", page)[0].split()
        # nginx gives text/html a charset without being told.
        charset = {
            name for media, names in found for name in names.split() if media in {*with_charset, "text/html"}
        }
        types = {name: media for media, names in found for name in names.split()}
    else:
        found = re.findall(r"^AddType (\S+) (.+)$", page, re.MULTILINE)
        types = {name[1:]: media for media, names in found for name in names.split()}
        charset = {name[1:] for name in re.findall(r"^AddCharset utf-8 (.+)$", page, re.MULTILINE)[0].split()}
    assert {
        name: f"{media}; charset=utf-8" if name in charset else media for name, media in types.items()
    } == TYPES


@pytest.mark.parametrize(("kind", "name"), [("nginx", "headers.conf"), ("apache", "refusals.conf")])
def test_both_have_the_security_headers_of_the_app(kind: str, name: str) -> None:
    found = re.findall(
        r"^(?:add_header|Header always set) (\S+) (\"[^\"]+\"|\S+) ", text(kind, name), re.MULTILINE
    )
    given = [(name, value.strip('"')) for name, value in found]
    assert given[: len(browser_security.HEADERS)] == browser_security.HEADERS
    assert browser_security.HSTS[1] in text(kind, "refusals.conf")


@pytest.mark.parametrize("kind", KINDS)
def test_their_lines_are_of_the_metrics_that_the_app_reports(kind: str) -> None:
    page = text(kind, "refusals.conf").replace("'\n  '", "")
    directive = json.loads(re.findall(r'"CloudWatchMetrics":\[(\{.+?\})\]\},"timestamp"', page)[0])
    assert (directive["Namespace"], directive["Dimensions"]) == (emf.NAMESPACE, [[emf.DIMENSION]])
    assert {each["Name"]: each["Unit"] for each in directive["Metrics"]}.items() <= emf.UNITS.items()
