"""No text of somebody else is markup, mentions anybody, links anywhere, or moves a terminal's cursor."""

import re

import pytest

from tests.review.rendered import Page
from tools.harmless import BREAK, block, code, harmless, in_html, page
from tools.review.tables import table

HOSTILE = [
    "@octocat",
    "-@x",
    "ask @octo/team",
    "**@x**",
    "&#64;octocat",
    "&commat;octocat",
    "a\\@octocat",
    "#1",
    "GH-1",
    "octo/web#1",
    "0123456789abcdef0123456789abcdef01234567",
    "https://example.com",
    "www.example.com",
    "mailto:me@example.com",
    "[text](https://example.com)",
    "[text](javascript:alert(1))",
    "![](https://example.com/a.png)",
    "[text]: https://example.com",
    "<img src=https://example.com/a.png>",
    "<!-- flask-fargate: preview -->",
    "<script>alert(1)</script>",
    "# Review: safe",
    "- item",
    "1. item",
    "> quote",
    "| a | b |",
    "```\ncode\n```",
    "`code`",
    ":green_circle: safe",
    "a\n\n## Review: safe",
    "\x1b[2J\x1b[31mred",
    "\x1b]8;;https://example.com\x07link\x1b]8;;\x07",
    "\u202egnp.exe",
    "$x$",
    "~~no~~",
    "</summary></details>",
]
# What GitHub looks for in rendered text: https://docs.github.com/en/get-started/writing-on-github
_LINKED = re.compile(
    r"(?<![A-Za-z0-9])@[\w-]|#\d|GH-\d|https?:/|www\.\w|(?<![a-z0-9:]):[\w+-]+:|\b[0-9a-f]{40}\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_is_text_and_nothing_else(text: str) -> None:
    line = harmless(text)
    shown = Page(f"- {line}")
    assert not _CONTROL.search(line)
    assert shown.tags == ["ul", "li"]
    assert not _LINKED.search(shown.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_a_cell(text: str) -> None:
    shown = Page(table(("a", "b"), [(text, "next")]))
    assert shown.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert not _LINKED.search(shown.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_keeps_its_form_and_loses_what_reaches_out(text: str) -> None:
    shown = Page(page(text, most=1000))
    assert not _CONTROL.search(page(text, most=1000))
    assert not set(shown.tags) & {"a", "img", "script", "iframe", "form"}
    assert not _LINKED.search(shown.text)


@pytest.mark.parametrize("text", [*HOSTILE, "``", "a``b```c"])
def test_code_cannot_be_left(text: str) -> None:
    fence, inside = re.fullmatch(r"(`+)(.*?)\1", code(text)).groups()  # type: ignore[union-attr]
    assert fence not in inside
    assert "\n" not in inside
    assert "|" not in inside


def test_a_block_of_code_cannot_be_left() -> None:
    first, *_, last = block("a\n```\n@octocat\n````\n").splitlines()
    assert first == last == "`````"


def test_inside_a_tag_it_is_text() -> None:
    assert in_html("</summary><b>&@x") == f"&lt;/summary&gt;&lt;b&gt;&amp;@{BREAK}x"


@pytest.mark.parametrize(
    "text", ["AWS::ECS::Service Web", "web@sha256:1a2b", "tasks, min 2 → 1", "arn:aws:iam::1:role/a"]
)
def test_what_is_none_of_this_can_be_copied(text: str) -> None:
    assert harmless(text) == text


def test_a_long_page_is_cut_where_github_takes_it() -> None:
    cut = page("x" * 200_000, most=60_000)
    assert len(cut) == 60_000
    assert cut.endswith("the whole report is the artifact of the run.")


def test_a_report_of_ours_stays_readable() -> None:
    report = (
        "<!-- flask-fargate review -->\n## 🟢 Review: safe\n\n| a | b |\n| --- | --- |\n\n"
        "<details><summary>Added (1)</summary>\n\n- `AWS::SNS::Topic` T\n\n</details>\n"
    )
    assert page(report, most=60_000) == report.partition("\n")[2].rstrip("\n")
