"""Test that a preview is removed when its pull request is closed or unchanged for long, and no other is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tests.environments import preview
from tests.pipeline.conftest import Hub
from tools.pipeline import __main__ as command
from tools.pipeline import in_aws
from tools.pipeline.errors import PipelineError
from tools.pipeline.previews import DAYS_TAG, Preview, deployed, due, remove

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def summary(name: str, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    return {"StackName": name, "StackId": f"arn:{name}", "StackStatus": status, "CreationTime": NOW}


def described(name: str, days: str | None = "7", **more: Any) -> dict[str, Any]:
    tags = [{"Key": DAYS_TAG, "Value": days}] if days else []
    return {"Stacks": [summary(name) | {"Tags": tags} | more]}


def of(number: int, *, days_ago: int = 0, days: int | None = 7) -> Preview:
    return Preview(f"Web-pr-{number}", number, NOW - timedelta(days=days_ago), days)


def chosen(*previews: Preview, open_ones: set[int]) -> dict[int, str]:
    return {each.number: reason for each, reason in due(previews, open_pull_requests=open_ones, now=NOW)}


def test_only_previews_are_found(cloudformation: Any, stub: Stubber) -> None:
    names = [
        "Web-prod",
        "Web-pr-12",
        "Web-pr-x",
        "Web-preview",
        "My-Web-pr-1",
        "Pipeline",
        "Web-pr-0",
        "Web-pr-12-old",
    ]
    stub.add_response("list_stacks", {"StackSummaries": [summary(name) for name in names]})
    stub.add_response("describe_stacks", described("Web-pr-12"), {"StackName": "arn:Web-pr-12"})
    assert [each.stack for each in deployed(cloudformation)] == ["Web-pr-12"]


def test_what_is_gone_already_is_not_found(cloudformation: Any, stub: Stubber) -> None:
    gone = [summary("Web-pr-1", "DELETE_COMPLETE"), summary("Web-pr-2", "DELETE_IN_PROGRESS")]
    stub.add_response("list_stacks", {"StackSummaries": gone})
    assert list(deployed(cloudformation)) == []


def test_the_age_of_one_counts_from_its_last_change(cloudformation: Any, stub: Stubber) -> None:
    stub.add_response("list_stacks", {"StackSummaries": [summary("Web-pr-1"), summary("Web-pr-2")]})
    stub.add_response("describe_stacks", described("Web-pr-1"))
    later = NOW + timedelta(days=3)
    stub.add_response("describe_stacks", described("Web-pr-2", None, LastUpdatedTime=later))
    assert list(deployed(cloudformation)) == [
        Preview("Web-pr-1", 1, NOW, 7),
        Preview("Web-pr-2", 2, later, None),
    ]


def test_closed_ones_and_expired_ones_are_due() -> None:
    previews = (of(1), of(2), of(3, days_ago=8), of(4, days_ago=7))
    assert chosen(*previews, open_ones={1, 3, 4}) == {
        2: "#2 is closed",
        3: "unchanged for more than 7 days",
    }


def test_one_without_a_date_stays_while_its_pull_request_is_open() -> None:
    assert chosen(of(1, days_ago=400, days=None), open_ones={1}) == {}


def test_the_tag_is_the_one_that_previews_have() -> None:
    assert preview(1).tags[DAYS_TAG].isdecimal()


def test_all_are_deleted_before_any_is_waited_for(cloudformation: Any, stub: Stubber) -> None:
    for name in ("Web-pr-1", "Web-pr-2"):
        stub.add_response("delete_stack", {}, {"StackName": name})
    for name in ("Web-pr-1", "Web-pr-2"):
        gone = {"Stacks": [summary(name, "DELETE_COMPLETE")]}
        stub.add_response("describe_stacks", gone, {"StackName": name})
    remove(cloudformation, ["Web-pr-1", "Web-pr-2"], poll_s=0)
    stub.assert_no_pending_responses()


def test_one_that_stays_is_an_error(cloudformation: Any, stub: Stubber) -> None:
    stub.add_response("delete_stack", {}, {"StackName": ANY})
    stub.add_response("describe_stacks", {"Stacks": [summary("Web-pr-1", "DELETE_FAILED")]})
    with pytest.raises(PipelineError, match="not removed: Web-pr-1"):
        remove(cloudformation, ["Web-pr-1"], poll_s=0)


@pytest.mark.parametrize(("arguments", "removed"), [([], "Web-pr-2"), (["--pull-request", "1"], "Web-pr-1")])
def test_the_sweep_asks_github_which_are_open_unless_it_is_told_which_to_remove(
    cloudformation: Any,
    stub: Stubber,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    removed: str,
) -> None:
    hub.pulls.append({"number": 1, "state": "open"})
    monkeypatch.setattr(in_aws, "_cloudformation", lambda _: cloudformation)
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/web")
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setenv("GITHUB_API_URL", hub.elsewhere)
    stub.add_response("list_stacks", {"StackSummaries": [summary("Web-pr-1"), summary("Web-pr-2")]})
    recently = datetime.now(UTC)
    for name in ("Web-pr-1", "Web-pr-2"):
        stub.add_response("describe_stacks", described(name, LastUpdatedTime=recently))
    stub.add_response("delete_stack", {}, {"StackName": removed})
    stub.add_response("describe_stacks", {"Stacks": [summary(removed, "DELETE_COMPLETE")]})
    assert command.main(["sweep", *arguments]) == 0
    assert "1 of 2 previews removed." in capsys.readouterr().out
