"""Test that a job runs as its schedule has it, and that status says how its last run has ended."""

import json
from typing import Any

import pytest

from tests.operate.answers import NOW, definition, definition_arn, tasks, well
from tests.operate.recorded import Recorded
from tools.operate.errors import UsageError
from tools.operate.jobs import last_run, run_job
from tools.operate.status import status

_JOB = definition_arn(7)
_ENDED = {"job": "nightly", "message": "job nightly ended with exit code 3 after 12 s", "exit_code": 3}


def _described(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["taskDefinition"] != _JOB:
        return definition()
    described = definition(revision=7)
    described["taskDefinition"]["containerDefinitions"][0]["name"] = "nightly"
    return described


def _recorded(*said: str, **more: Any) -> Recorded:
    resource = {
        "LogicalResourceId": "TaskJobNightlyD587EA36",
        "PhysicalResourceId": _JOB,
        "ResourceType": "AWS::ECS::TaskDefinition",
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": NOW,
    }
    written = int(NOW.timestamp() * 1000) - 3 * 3600 * 1000
    streams = [
        {"logStreamName": "nightly/nightly/old", "lastEventTimestamp": written - 1000},
        {"logStreamName": "nightly/nightly/new", "lastEventTimestamp": written},
    ]
    ended = tasks(lastStatus="STOPPED", stoppedAt=NOW, containers=[{"name": "nightly", "exitCode": 3}])
    return Recorded(
        {
            **well(),
            "ListStackResources": {"StackResourceSummaries": [resource]},
            "DescribeTaskDefinition": _described,
            "DescribeLogStreams": {"logStreams": streams if said else []},
            "GetLogEvents": {
                "events": [{"message": line, "timestamp": 1} for line in said],
                "nextForwardToken": "f/1",
            },
            "RunTask": {**tasks(), "failures": []},
            "DescribeTasks": ended,
            **more,
        }
    )


def test_a_job_runs_its_own_definition_in_the_services_network() -> None:
    recorded = _recorded(GetLogEvents={"events": [], "nextForwardToken": "f/1"})
    assert run_job(recorded.deployed(), name="nightly", raw=False) == 3
    [asked] = recorded.parameters("RunTask")
    assert asked["taskDefinition"] == _JOB
    assert asked["overrides"] == {"containerOverrides": []}
    assert asked["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == ["subnet-1"]


def test_a_job_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="There is no job 'nigthly': choose one of nightly"):
        run_job(_recorded().deployed(), name="nigthly", raw=False)


def test_the_last_run_is_told_by_its_last_line() -> None:
    recorded = _recorded(json.dumps(_ENDED))
    assert last_run(recorded.deployed(), "nightly") == "3 h ago: ended with exit code 3 after 12 s"
    [asked] = recorded.parameters("GetLogEvents")
    assert asked["logStreamName"] == "nightly/nightly/new"


@pytest.mark.parametrize("line", ["no JSON", '{"message": "one of the app"}', "[1]"])
def test_a_run_without_its_last_line_has_not_ended(line: str) -> None:
    assert last_run(_recorded(line).deployed(), "nightly") == "3 h ago: it has not ended, or was killed"


def test_a_job_that_never_ran_is_told() -> None:
    assert last_run(_recorded().deployed(), "nightly") == "no run is in the log"


def test_status_has_the_last_run_of_each_job(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = _recorded(json.dumps(_ENDED), DescribeTasks=tasks())
    status(recorded.deployed())
    assert "Job         nightly: 3 h ago: ended with exit code 3 after 12 s" in capsys.readouterr().out
