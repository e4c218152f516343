"""Test that a pull request has one comment of each kind, harmless whoever wrote its text."""

import pytest

from tests.pipeline.conftest import Hub
from tools.pipeline.comment import MOST_CHARACTERS, harmless, put
from tools.pipeline.github import GitHub


def test_the_comment_of_a_kind_is_written_over(github: GitHub, hub: Hub) -> None:
    put(github, pull_request=7, kind="review", text="first")
    put(github, pull_request=7, kind="review", text="second")
    (comment,) = hub.comments
    assert comment["body"] == "<!-- flask-fargate: review -->\nsecond"


def test_other_kinds_and_other_pull_requests_have_their_own(github: GitHub, hub: Hub) -> None:
    put(github, pull_request=7, kind="review", text="a")
    put(github, pull_request=7, kind="preview", text="b")
    put(github, pull_request=8, kind="review", text="c")
    assert [comment["body"][-1] for comment in hub.comments] == ["a", "b", "c"]


def test_it_is_found_behind_many_others(github: GitHub, hub: Hub) -> None:
    for _ in range(150):
        hub.comment(7, "hello", author="somebody")
    put(github, pull_request=7, kind="review", text="first")
    put(github, pull_request=7, kind="review", text="second")
    assert len(hub.comments) == 151


def test_nobody_elses_comment_is_written_over(github: GitHub, hub: Hub) -> None:
    hub.comment(7, "<!-- flask-fargate: review -->\nmine", author="somebody")
    put(github, pull_request=7, kind="review", text="ours")
    assert hub.comments[0]["body"].endswith("mine")


@pytest.mark.parametrize("text", ["@octocat", "ask @octo/team", "(@x)", "**@x**", "\n@x"])
def test_it_mentions_nobody(text: str) -> None:
    assert harmless(text).replace("\u200b", "") == text
    assert "@\u200b" in harmless(text)


@pytest.mark.parametrize("text", ["web@sha256:1a2b", "me@example.com"])
def test_what_is_no_mention_can_still_be_copied(text: str) -> None:
    assert harmless(text) == text


def test_it_passes_for_no_other_comment() -> None:
    assert not harmless("<!-- flask-fargate: preview -->").startswith("<!--")


def test_control_characters_are_left_out() -> None:
    assert harmless("a\x00\x1b[31mb\tc\n") == "a[31mb\tc\n"


def test_a_long_text_is_cut_where_github_takes_it() -> None:
    cut = harmless("x" * 200_000)
    assert len(cut) == MOST_CHARACTERS
    assert cut.endswith("the whole report is the artifact of the run.")
