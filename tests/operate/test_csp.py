"""Test that `csp` proposes the policy under which a browser has nothing to report, and no wider one."""

import json
from typing import Any

import pytest

from tests.operate.answers import GROUP, well
from tests.operate.recorded import Recorded
from tools.operate.__main__ import main
from tools.operate.csp import csp, propose

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'self'"


def line(directive: str, source: str, page: str = "/", **changes: Any) -> dict[str, Any]:
    members = {"message": "csp violation", "directive": directive, "source": source, "page": page}
    return {"message": json.dumps({**members, "policy": POLICY, **changes}), "timestamp": 1, "eventId": "1"}


def said(capsys: pytest.CaptureFixture[str], *events: dict[str, Any]) -> str:
    recorded = Recorded({**well(), "FilterLogEvents": {"events": list(events)}})
    assert csp(recorded.deployed(), since="2h") == 0
    [asked] = recorded.parameters("FilterLogEvents")
    assert (asked["logGroupName"], asked["filterPattern"]) == (GROUP, '"csp violation"')
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("violations", "proposed"),
    [
        ([("script-src", "inline")], f"{POLICY}; script-src 'self' 'unsafe-inline'"),
        ([("img-src", "https://a.org")], POLICY.replace("data:", "data: https://a.org")),
        ([("object-src", "self")], POLICY.replace("'none'", "'self'")),
        ([("form-action", "https://pay.org")], f"{POLICY} https://pay.org"),
        ([("frame-ancestors", "https://a.org")], f"{POLICY}; frame-ancestors https://a.org"),
        (
            [("font-src", "data"), ("font-src", "https://a.org")],
            f"{POLICY}; font-src 'self' data: https://a.org",
        ),
        ([("connect-src", "wss://a.org")], f"{POLICY}; connect-src 'self' wss://a.org"),
        (
            [("script-src", "https://a.org"), ("worker-src", "blob")],
            f"{POLICY}; script-src 'self' https://a.org; worker-src 'self' https://a.org blob:",
        ),
        ([], POLICY),
    ],
)
def test_the_policy_is_widened_by_what_is_needed_alone(
    violations: list[tuple[str, str]], proposed: str
) -> None:
    assert propose(POLICY, violations) == proposed


def test_violations_are_shown_with_their_pages_and_the_policy_to_write(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pages = [line("script-src-elem", "inline", f"/{number}") for number in range(5)]
    shown = said(capsys, *pages, line("style-src-attr", "inline"))
    assert "script-src" in shown
    assert "and 2 more" in shown
    assert "\"script-src 'self' 'unsafe-inline'; \"" in shown
    assert "\"style-src 'self' 'unsafe-inline'\"" in shown
    assert "hash" in shown
    assert "Anybody can send reports" in shown


def test_lines_of_another_kind_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    others = [
        {"message": 'said "csp violation"'},
        {"message": json.dumps({"message": "request", "path": "csp violation"})},
        {"message": '["csp violation"]'},
    ]
    assert said(capsys, *others).startswith("No browser has reported a violation in the last 2h.")


def test_a_wrong_time_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["csp", "dev", "--since", "soon"]) == 2
    assert "--since is a number and s, m, h or d" in capsys.readouterr().err
