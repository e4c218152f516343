"""Test that a pull request has one comment of each kind."""

from tests.pipeline.conftest import Hub
from tools.pipeline.comment import put
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
