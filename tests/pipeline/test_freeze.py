"""Test that after a failed deployment nothing is deployed until a person has closed the issue."""

import pytest

from tests.pipeline.conftest import Hub
from tools.pipeline import __main__ as command
from tools.pipeline.errors import PipelineError
from tools.pipeline.freeze import LABEL, freeze, locks
from tools.pipeline.github import GitHub


def frozen_by(github: GitHub, environment: str = "prod") -> str:
    return freeze(github, environment=environment, commit="1a2b3c", run_url="run/1", outcome="It was so.")


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that a job of a workflow has."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/web")
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setenv("GITHUB_API_URL", hub.elsewhere)


@pytest.mark.usefixtures("run")
def test_a_pipeline_without_the_issue_is_open() -> None:
    assert command.main(["frozen"]) == 0


@pytest.mark.usefixtures("run")
def test_a_failed_deployment_freezes_it_until_the_issue_is_closed(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["freeze", "prod", "--outcome", "The smoke test failed."]) == 0
    assert command.main(["frozen"]) == 1
    said = capsys.readouterr().err
    assert "#1 (Deployment to prod failed: the pipeline is frozen)" in said
    assert "Close it" in said
    hub.issues[0]["state"] = "closed"
    assert command.main(["frozen"]) == 0


def test_the_issue_says_what_happened_and_what_to_do(github: GitHub, hub: Hub) -> None:
    frozen_by(github)
    (issue,) = hub.issues
    assert issue["labels"] == [LABEL]
    for said in ("1a2b3c", "**prod**", "It was so.", "run/1", "make why ENV=prod", "Close this issue"):
        assert said in issue["body"]


def test_a_second_failure_is_told_in_the_same_issue(github: GitHub, hub: Hub) -> None:
    frozen_by(github)
    frozen_by(github, "dev")
    assert len(hub.issues) == 1
    assert "**dev**" in hub.comments[0]["body"]


def test_the_label_may_be_there_already(github: GitHub, hub: Hub) -> None:
    hub.labels.append(LABEL)
    frozen_by(github)
    assert len(locks(github)) == 1


def test_a_pull_request_with_the_label_freezes_nothing(github: GitHub, hub: Hub) -> None:
    hub.issues.append({"number": 1, "state": "open", "labels": [LABEL], "pull_request": {}})
    assert locks(github) == []


@pytest.mark.usefixtures("run")
def test_nothing_is_deployed_while_github_does_not_say(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.broken = True
    assert command.main(["frozen"]) == 2
    assert "GitHub answered 500" in capsys.readouterr().err


def test_outside_a_workflow_it_says_what_is_missing() -> None:
    with pytest.raises(PipelineError, match="GITHUB_REPOSITORY and GITHUB_TOKEN must be set"):
        GitHub.of_this_run({})


def test_a_github_that_is_not_there_is_an_error_not_an_open_pipeline() -> None:
    with pytest.raises(PipelineError, match="does not answer"):
        locks(GitHub(repository="octo/web", token="token", url="http://127.0.0.1:9"))
