"""Test that `why` names the cause of every known kind of failure, and says so when it knows none."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from infra.application import empty_app
from infra.parameters import Environment, Parameters
from infra.stack import WebStack
from tests.operate.answers import NOW, stacks, tasks, well, with_a_worker
from tests.operate.failures import FAILURES, Failure
from tests.operate.recorded import Recorded, Refusal
from tools import causes
from tools.operate.evidence import gather
from tools.operate.why import why

_NO_DEPLOYMENTS: dict[str, Any] = {"ListServiceDeployments": {"serviceDeployments": []}}


def test_every_known_cause_has_a_failure_that_shows_it() -> None:
    assert list(FAILURES) == [cause.name for cause in causes.CAUSES]


@pytest.mark.parametrize("name", FAILURES)
def test_it_names_the_right_cause_and_what_to_do(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    deployed = Recorded(FAILURES[name].answers()).deployed()
    known = causes.of(gather(deployed).lines())
    assert known
    assert known.name == name
    assert why(deployed) == 1
    told = capsys.readouterr().out
    assert f"Cause  {known.cause}\nFix    {known.fix}\n" in told


def test_a_role_that_aws_keeps_is_told_from_one_of_the_stack() -> None:
    """Test the words of https://github.com/aws/aws-cdk/issues/4108."""
    arn = (
        "arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService"
    )
    answers = Failure(stack=f"Unable to assume IAM role: {arn} (Service: ApplicationAutoScaling)").answers()
    known = causes.of(gather(Recorded(answers).deployed()).lines())
    assert known
    assert known.name == "linked-role-missing"


def test_gunicorns_way_to_say_that_its_configuration_raises_is_known() -> None:
    answers = Failure(
        stop=("EssentialContainerExited", "Essential container in task exited"),
        exit_code=1,
        log=("Error: broken at import",),
    ).answers()
    known = causes.of(gather(Recorded(answers).deployed()).lines())
    assert known
    assert known.name == "boot-failure"


def test_it_goes_from_the_stack_to_the_last_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    failure = FAILURES["package-missing"]
    assert why(Recorded(failure.answers()).deployed()) == 1
    told = capsys.readouterr().out
    expected = [
        "WebService (AWS::ECS::Service) UPDATE_FAILED",
        "ROLLBACK_SUCCESSFUL: Service deployment rolled back",
        "Task 01234567",
        "EssentialContainerExited: Essential container in task exited",
        "web exit code 3",
        "No module named 'redis'",
    ]
    assert [told.index(part) for part in expected] == sorted(told.index(part) for part in expected)


def test_a_cause_that_nobody_knows_is_told_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    strange = Failure(stop=("Strange", "Never seen before"), deployment="Odd", stack="Odd too")
    assert why(Recorded(strange.answers()).deployed()) == 1
    assert "Not one that is known here: Strange: Never seen before" in capsys.readouterr().out


def _rolled_back(name: str = "circuit-breaker", *groups: dict[str, Any]) -> dict[str, Any]:
    """Return AWS's answers after a first deployment that failed, and whose rollback left some log groups."""
    answers = FAILURES[name].answers()
    [stack] = answers["DescribeStacks"]["Stacks"]
    answers["DescribeStacks"] = {"Stacks": [{**stack, "StackStatus": "ROLLBACK_COMPLETE", "Outputs": []}]}
    return {**answers, "DescribeLogGroups": {"logGroups": list(groups)}}


def test_of_a_failed_first_deploy_without_a_log_the_stack_alone_can_tell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert why(Recorded(_rolled_back()).deployed()) == 1
    told = capsys.readouterr().out
    assert "UPDATE_FAILED: Resource handler returned" in told
    # It does not send a person to a command that sends here.
    assert "`make logs`" not in told


def test_of_a_failed_first_deploy_the_log_that_is_left_can_tell(capsys: pytest.CaptureFixture[str]) -> None:
    groups = (
        {"logGroupName": "Web-dev-TaskLog1-OLD", "creationTime": 1},
        {"logGroupName": "Web-dev-TaskLog1-NEW", "creationTime": 2},
    )
    recorded = Recorded(_rolled_back("package-missing", *groups))
    assert why(recorded.deployed()) == 1
    told = capsys.readouterr().out
    assert told.startswith("Cause  The image lacks a Python package")
    assert "No module named 'redis'" in told
    assert {asked["logGroupName"] for asked in recorded.parameters("GetLogEvents")} == {
        "Web-dev-TaskLog1-NEW"
    }


def test_a_first_deploy_that_is_failing_now_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    answers = FAILURES["secret-missing"].answers()
    [stack] = answers["DescribeStacks"]["Stacks"]
    resources = [
        ("AWS::ECS::Cluster", "WebCapacityCluster1", "the-cluster"),
        (
            "AWS::ECS::Service",
            "WorkerService1",
            "arn:aws:ecs:eu-west-1:123456789012:service/the-cluster/other",
        ),
        ("AWS::ECS::Service", "WebService1", "arn:aws:ecs:eu-west-1:123456789012:service/the-cluster/mine"),
    ]
    listed = [
        {
            "ResourceType": kind,
            "LogicalResourceId": name,
            "PhysicalResourceId": physical,
            "ResourceStatus": "CREATE_IN_PROGRESS",
            "LastUpdatedTimestamp": NOW,
        }
        for kind, name, physical in resources
    ]
    answers |= {
        "DescribeStacks": {"Stacks": [{**stack, "StackStatus": "CREATE_IN_PROGRESS", "Outputs": []}]},
        "ListStackResources": {"StackResourceSummaries": listed},
        "DescribeLogGroups": {"logGroups": [{"logGroupName": "Web-dev-TaskLog1-NEW", "creationTime": 2}]},
    }
    recorded = Recorded(answers)
    assert why(recorded.deployed()) == 1
    assert capsys.readouterr().out.startswith("Cause  A secret or parameter that the task definition names")
    assert recorded.parameters("DescribeServices")[0] == {"cluster": "the-cluster", "services": ["mine"]}


def test_what_the_release_command_said_is_shown_as_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert why(Recorded(_rolled_back("release-command")).deployed()) == 1
    told = capsys.readouterr().out
    assert told.startswith("Cause  The release command failed")
    assert "Its last lines\n  migrating\n  no such column\n" in told


def test_a_release_command_without_its_secret_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    said = "The release command could not start: ResourceInitializationError: unable to pull secrets or"
    answers = Failure(stack=f"{said} registry auth: ParameterNotFound").answers()
    assert why(Recorded(answers).deployed()) == 1
    assert capsys.readouterr().out.startswith("Cause  A secret or parameter")


def test_cause_and_fix_are_the_first_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for failure in FAILURES.values():
        why(Recorded(failure.answers()).deployed())
        first, second, *_ = capsys.readouterr().out.splitlines()
        assert (first[:7], second[:7]) == ("Cause  ", "Fix    ")


def test_no_fix_leads_back_to_the_command_that_gave_it() -> None:
    assert [
        cause.name for cause in causes.CAUSES if "make why" in cause.fix or "make logs" in cause.fix
    ] == []


def test_a_cluster_that_went_with_the_deploy_is_no_error() -> None:
    answers = FAILURES["circuit-breaker"].answers()
    gone = Refusal("ClusterNotFoundException", "Cluster not found.")
    assert why(Recorded({**answers, "DescribeServices": gone}).deployed()) == 1


def test_where_nothing_failed_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {**well(), **_NO_DEPLOYMENTS, "ListTasks": {"taskArns": []}}
    assert why(Recorded(nothing).deployed()) == 0
    assert "Nothing failed: Web-dev is UPDATE_COMPLETE" in capsys.readouterr().out


def test_a_task_that_died_after_a_good_deployment_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    died = FAILURES["out-of-memory"].answers()
    answers = {**died, **_NO_DEPLOYMENTS, "DescribeStacks": well()["DescribeStacks"]}
    assert why(Recorded(answers).deployed()) == 1
    told = capsys.readouterr().out
    assert "The last deployment of Web-dev succeeded, but a task died since" in told
    assert "more memory than the task has" in told


def test_what_died_before_the_last_good_deployment_is_over() -> None:
    died = FAILURES["out-of-memory"].answers()
    later = NOW + timedelta(minutes=1)
    good = {"serviceDeploymentArn": "arn:good", "status": "SUCCESSFUL", "createdAt": later}
    answers = {
        **died,
        "DescribeStacks": well()["DescribeStacks"],
        "ListServiceDeployments": {"serviceDeployments": [good]},
        "DescribeServiceDeployments": {"serviceDeployments": [good]},
    }
    assert why(Recorded(answers).deployed()) == 0


def test_a_task_of_the_release_before_does_not_explain_the_new_one() -> None:
    answers = FAILURES["package-missing"].answers()
    [task] = answers["DescribeTasks"]["tasks"]
    older = {**task, "createdAt": NOW - timedelta(hours=3), "stoppedAt": NOW + timedelta(seconds=1)}
    older |= {"taskArn": f"{task['taskArn']}-older", "stopCode": "SpotInterruption"}
    answers["DescribeTasks"] = {"tasks": [older, task]}
    assert gather(Recorded(answers).deployed()).tasks == [
        "EssentialContainerExited: Essential container in task exited"
    ]


def test_a_deployment_that_cloudformations_rollback_began_hides_no_failure() -> None:
    failed = FAILURES["package-missing"].answers()
    [brief] = failed["ListServiceDeployments"]["serviceDeployments"]
    rolled = {"serviceDeploymentArn": "arn:rolled", "status": "SUCCESSFUL", "createdAt": NOW}
    answers = {**failed, "ListServiceDeployments": {"serviceDeployments": [rolled, brief]}}
    recorded = Recorded(answers)
    assert why(recorded.deployed()) == 1
    [asked] = recorded.parameters("DescribeServiceDeployments")
    assert asked["serviceDeploymentArns"] == [brief["serviceDeploymentArn"]]


def test_a_task_that_was_to_end_is_no_failure() -> None:
    meant = tasks(
        stopCode="ServiceSchedulerInitiated",
        stoppedReason="Scaling activity initiated by (deployment ecs-svc/2)",
        stoppedAt=NOW,
    )
    assert why(Recorded({**well(), **_NO_DEPLOYMENTS, "DescribeTasks": meant}).deployed()) == 0


def test_a_failed_deployment_of_a_service_beside_the_web_service_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed = FAILURES["package-missing"].answers()
    nothing: dict[str, Any] = {"serviceDeployments": []}
    answers = {
        **failed,
        **with_a_worker(),
        "DescribeStacks": failed["DescribeStacks"],
        "DescribeTasks": failed["DescribeTasks"],
        "ListTasks": lambda asked: (
            failed["ListTasks"] if asked["serviceName"] == "the-worker" else {"taskArns": []}
        ),
        "ListServiceDeployments": lambda asked: (
            failed["ListServiceDeployments"] if asked["service"] == "the-worker" else nothing
        ),
    }
    assert why(Recorded(answers).deployed()) == 1
    assert "lacks a Python package" in capsys.readouterr().out


_ROOT = Path(__file__).resolve().parents[2]
_ADVICE = " ".join(f"{cause.cause} {cause.fix}" for cause in causes.CAUSES)


def _fields(model: type[Parameters], first: str) -> list[type[Parameters]]:
    """Return the classes of parameters that a field may hold."""
    annotation = model.model_fields[first].annotation
    return [each for each in (annotation, *get_args(annotation)) if isinstance(each, type)]


def _is_parameter(dotted: str) -> bool:
    models: list[type] = [Environment]
    for name in dotted.split("."):
        holders = [each for each in models if issubclass(each, Parameters) and name in each.model_fields]
        if not holders:
            return False
        models = [kind for each in holders for kind in _fields(each, name)]
    return True


def test_every_parameter_that_a_fix_names_exists() -> None:
    first = "|".join(Environment.model_fields)
    named = {found[0] for found in re.finditer(rf"(?<!/)\b({first})(\.[a-z_]+)+", _ADVICE)} - {"image.tag"}
    assert "tasks.memory_mib" in named
    assert [each for each in sorted(named) if not _is_parameter(each)] == []


def test_every_file_that_a_fix_names_exists() -> None:
    named = set(re.findall(r"\b(?:infra|service|docs|tools)/[\w/]+(?:\.\w+)?", _ADVICE))
    assert "infra/environments.py" in named
    assert [each for each in sorted(named) if not (_ROOT / each).exists()] == []


def test_the_attributes_of_the_stack_that_a_fix_names_exist() -> None:
    stack = WebStack(empty_app(), "Web-test", environment=Environment(name="test"))
    named = re.findall(r"\bstack((?:\.[a-z_]+)+)", _ADVICE)
    assert named
    for dotted in named:
        value: object = stack
        for name in dotted.strip(".").split("."):
            value = getattr(value, name)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_of_a_first_deploy_that_failed_it_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], status: str
) -> None:
    answers = FAILURES["package-missing"].answers() | {"DescribeStacks": stacks(status)}
    assert why(Recorded(answers).deployed()) == 1
    told = capsys.readouterr().out
    assert f"The stack is {status}: its first deploy failed" in told
    assert "`make destroy ENV=dev` clears it away" in told


def test_of_a_first_deploy_in_the_local_cloud_it_says_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    answers = FAILURES["package-missing"].answers() | {"DescribeStacks": stacks("ROLLBACK_COMPLETE")}
    deployed = Recorded(answers).deployed()
    deployed.local = True
    assert why(deployed) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "`make up` clears it away, and deploys again" in told
    assert "make destroy" not in told


def test_of_a_later_deploy_it_says_no_such_thing(capsys: pytest.CaptureFixture[str]) -> None:
    why(Recorded(FAILURES["package-missing"].answers()).deployed())
    assert "make destroy" not in capsys.readouterr().out
