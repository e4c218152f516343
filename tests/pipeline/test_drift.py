"""Test that the drift of all environments is one issue, which is opened, updated and closed."""

from pathlib import Path

import pytest

from tests.pipeline.conftest import Hub
from tools.pipeline.drift import Found, judged, load, save, tell, text_of
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub

# Each text ends as the output of `cdk drift` does.
CLEAN = "Stack Web-dev\nNo drift detected\n\n✨  Number of resources with drift: 0 (3 unchecked)"
DRIFTED = "Stack Web-dev\n[~] AWS::EC2::SecurityGroup\n\n✨  Number of resources with drift: 12"


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        (0, CLEAN, "as described"),
        (1, DRIFTED, "drifted"),
        (1, "Unable to resolve AWS account to use.", "not known"),
        (1, CLEAN, "not known"),
    ],
)
def test_an_error_is_told_from_drift(code: int, text: str, state: str) -> None:
    assert judged("dev", code, text).state == state


def test_colours_are_left_out() -> None:
    assert judged("dev", 1, "\x1b[31mred\x1b[0m").text == "red"


def found(*states: str) -> list[Found]:
    return [
        Found(name, state, f"text of {name}")  # type: ignore[arg-type]  # plain words for states
        for name, state in zip(("dev", "staging", "prod"), states, strict=False)
    ]


def test_drift_opens_an_issue_and_the_next_night_renews_it(github: GitHub, hub: Hub) -> None:
    tell(github, found("drifted", "as described"), run_url="run/1")
    tell(github, found("drifted", "drifted"), run_url="run/2")
    (issue,) = hub.issues
    assert issue["labels"] == ["drift"]
    assert "run/2" in issue["body"]
    assert "text of staging" in issue["body"]


def test_the_issue_is_closed_when_nothing_differs(github: GitHub, hub: Hub) -> None:
    tell(github, found("drifted"), run_url="run/1")
    tell(github, found("as described"), run_url="run/2")
    assert hub.issues[0]["state"] == "closed"
    assert hub.comments[0]["body"] == "Gone since run/2."


def test_nights_without_drift_leave_no_trace(github: GitHub, hub: Hub) -> None:
    tell(github, found("as described", "as described"), run_url="run/1")
    assert hub.issues == []


def test_an_environment_that_could_not_be_asked_is_told_too(github: GitHub, hub: Hub) -> None:
    tell(github, found("not known"), run_url="run/1")
    assert "| dev | not known |" in hub.issues[0]["body"]


def test_what_the_cli_says_stays_within_its_block() -> None:
    body = text_of([Found("dev", "drifted", "```\n@octocat\n```")], run_url="run/1")
    assert "\n````\n```\n@octocat\n```\n````\n" in body


def test_the_body_stays_short_enough_for_github() -> None:
    many = [Found(f"env-{number}", "drifted", "x" * 100_000) for number in range(4)]
    assert len(text_of(many, run_url="run/1")) < 65_536


def test_what_jobs_leave_is_put_together(tmp_path: Path) -> None:
    for each in found("drifted", "as described"):
        save(each, tmp_path / f"drift-{each.environment}")
    assert load(tmp_path) == found("drifted", "as described")


def test_no_news_is_not_good_news(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no environment was looked at"):
        load(tmp_path)
