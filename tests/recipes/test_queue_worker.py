from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.queue_worker import QueueWorker
from infra.parameters import Endpoints, NewVpc
from infra.stack import WebStack
from tests.recipes.stacks import stack_of


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("queue-worker")


def properties(made: Template, kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for key, each in made.find_resources(kind).items() if key.startswith(name))
    return dict(found["Properties"])


@pytest.fixture
def containers(made: Template) -> dict[str, Any]:
    return {
        container["Name"]: container
        for task in made.find_resources("AWS::ECS::TaskDefinition").values()
        for container in task["Properties"]["ContainerDefinitions"]
    }


def work(stack: WebStack, **changes: Any) -> QueueWorker:
    return QueueWorker(stack, "Worker", command=["work"], **{"longest_job_s": 60, **changes})


def test_runs_another_command_of_the_same_image(containers: dict[str, Any]) -> None:
    assert containers["worker"]["Image"] == containers["web"]["Image"]
    assert containers["worker"]["Command"] == ["python", "-m", "shop.jobs"]


def test_has_the_services_settings_and_the_queue(containers: dict[str, Any]) -> None:
    web, worker = (
        {pair["Name"]: pair["Value"] for pair in containers[name]["Environment"]}
        for name in ("web", "worker")
    )
    assert worker["QUEUE_URL"]["Ref"].startswith("WorkerQueue")
    assert worker == web


def test_has_no_more_rights_than_the_service(containers: dict[str, Any]) -> None:
    for name in ("User", "ReadonlyRootFilesystem", "LinuxParameters"):
        assert containers["worker"][name] == containers["web"][name]
    # The service has a folder more, which it shares with its proxy.
    web = [each for each in containers["web"]["MountPoints"] if each["SourceVolume"] != "shared"]
    assert containers["worker"]["MountPoints"] == web


def test_nobody_can_reach_it(made: Template) -> None:
    service = properties(made, "AWS::ECS::Service", "Worker")
    assert service["LoadBalancers"] == []
    assert "SecurityGroupIngress" not in properties(made, "AWS::EC2::SecurityGroup", "Worker")


def test_a_broken_release_of_it_rolls_back(made: Template) -> None:
    configuration = properties(made, "AWS::ECS::Service", "Worker")["DeploymentConfiguration"]
    assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


def test_a_job_may_end_before_its_task_does(containers: dict[str, Any]) -> None:
    assert containers["worker"]["StopTimeout"] == 65


def test_a_short_job_has_the_services_own_time_to_end() -> None:
    stack = stack_of("test")
    work(stack, longest_job_s=1)
    containers = [
        container
        for task in Template.from_stack(stack).find_resources("AWS::ECS::TaskDefinition").values()
        for container in task["Properties"]["ContainerDefinitions"]
    ]
    assert {container["StopTimeout"] for container in containers} == {stack.timeouts.stop_timeout_s}


def test_no_second_task_gets_a_job_that_is_at_work(made: Template) -> None:
    queue = properties(made, "AWS::SQS::Queue", "WorkerQueue")
    assert queue["VisibilityTimeout"] == 120


def test_a_job_that_keeps_failing_is_put_aside_and_told(made: Template) -> None:
    queue = properties(made, "AWS::SQS::Queue", "WorkerQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 3
    alarm = properties(made, "AWS::CloudWatch::Alarm", "WorkerJobsFailed")
    assert alarm["Threshold"] == 0
    assert alarm["AlarmActions"][0]["Ref"].startswith("MonitoringTopic")


def test_one_role_sends_and_receives(made: Template) -> None:
    roles = {
        task["Properties"]["TaskRoleArn"]["Fn::GetAtt"][0]
        for task in made.find_resources("AWS::ECS::TaskDefinition").values()
    }
    assert len(roles) == 1
    (statements,) = (
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in made.find_resources("AWS::IAM::Policy").items()
        if name.startswith("TaskDefinitionTaskRole")
    )
    allowed = {action for statement in statements for action in statement["Action"]}
    assert {"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"} <= allowed


def test_there_are_as_many_tasks_as_there_is_work_for(made: Template) -> None:
    steps = {
        key: each["Properties"]["StepScalingPolicyConfiguration"]["StepAdjustments"]
        for key, each in made.find_resources("AWS::ApplicationAutoScaling::ScalingPolicy").items()
        if key.startswith("Worker")
    }
    changes = {"Lower": [-10], "Upper": [50, 100]}
    for side, expected in changes.items():
        (found,) = (each for key, each in steps.items() if f"Backlog{side}" in key)
        assert [step["ScalingAdjustment"] for step in found] == expected
    for side, threshold in {"Lower": 50, "Upper": 100}.items():
        alarm = properties(made, "AWS::CloudWatch::Alarm", f"WorkerServiceTaskCountTargetBacklog{side}")
        assert alarm["Threshold"] == threshold
        (expression,) = (metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric)
        assert expression == "(waiting + working) / FILL(tasks, 1)"


def test_no_deployment_sets_the_number_of_tasks(made: Template) -> None:
    assert "DesiredCount" not in properties(made, "AWS::ECS::Service", "Worker")


@pytest.mark.parametrize(("removal", "policy"), [("retain", "Retain"), ("destroy", "Delete")])
def test_jobs_stay_where_the_environment_does(removal: str, policy: str) -> None:
    stack = stack_of("test", removal=removal)
    work(stack)
    queues = Template.from_stack(stack).find_resources("AWS::SQS::Queue").values()
    assert {queue["DeletionPolicy"] for queue in queues} == {policy}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"longest_job_s": 116}, "longest_job_s is 116: give 1 to 115, since Fargate ends a task"),
        ({"min_tasks": 0}, "min_tasks is 0 and max_tasks 10: give 1 or more"),
        ({"min_tasks": 3, "max_tasks": 2}, "min_tasks is 3 and max_tasks 2: give 1 or more"),
    ],
)
def test_refuses_numbers_that_do_not_go_together(changes: dict[str, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        work(stack_of("test"), **changes)


def test_refuses_tasks_that_cannot_reach_the_queue() -> None:
    with pytest.raises(ValueError, match="services are none, by which tasks do not reach SQS: add 'sqs'"):
        work(stack_of("test", network=NewVpc(egress=Endpoints())))


def test_takes_tasks_that_reach_it_by_an_endpoint() -> None:
    work(stack_of("test", network=NewVpc(egress=Endpoints(services=("sqs",)))))
