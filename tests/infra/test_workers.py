"""Test workers: another command of the same image, its queue, who may do what, and what is told."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.parameters import (
    DatabaseBudget,
    Endpoints,
    Environment,
    NewSecret,
    NewVpc,
    Queue,
    Sidecar,
    Tasks,
    Worker,
    explain,
    needs,
)
from infra.parameters.quotas import ON_DEMAND
from tests.infra.configured import container, statements, task_definition, template_of

MAIL = Worker(name="mail", command=("python", "-m", "shop.mail"), queue=Queue(attempts=5), longest_job_s=40)
BROKER = Worker(name="celery-fast", command=("celery", "worker"), cpu=256, memory_mib=512, max=2)


@pytest.fixture(scope="module")
def made() -> Template:
    """Return the template of a service with a worker of each kind, a secret and a release command."""
    return template_of(
        workers=(MAIL, BROKER),
        secrets={"KEY": NewSecret()},
        variables={"COLOUR": "red"},
        release_command=("true",),
        removal="destroy",
    )


def only(made: Template, kind: str, name: str) -> dict[str, Any]:
    """Return the resource of a type whose logical id begins with a name."""
    (found,) = (each for key, each in made.find_resources(kind).items() if key.startswith(name))
    return dict(found)


def properties(made: Template, kind: str, name: str) -> dict[str, Any]:
    return dict(only(made, kind, name)["Properties"])


def variables(made: Template, name: str) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in container(made, name)["Environment"]}


def refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", **values)
    return explain(caught.value)


def test_runs_another_command_of_the_same_image(made: Template) -> None:
    web, worker = container(made, "web"), container(made, "mail")
    assert worker["Command"] == ["python", "-m", "shop.mail"]
    assert worker["Image"] == web["Image"]


def test_has_the_settings_secrets_and_log_of_the_service(made: Template) -> None:
    web, worker = container(made, "web"), container(made, "mail")
    assert variables(made, "mail") == variables(made, "web")
    assert variables(made, "mail")["COLOUR"] == "red"
    assert worker["Secrets"] == web["Secrets"]
    log = worker["LogConfiguration"]["Options"]
    assert log["awslogs-group"] == web["LogConfiguration"]["Options"]["awslogs-group"]
    assert log["awslogs-stream-prefix"] == "mail"


def test_is_as_locked_up_as_the_service(made: Template) -> None:
    web, worker = container(made, "web"), container(made, "mail")
    for name in ("User", "ReadonlyRootFilesystem", "LinuxParameters"):
        assert worker[name] == web[name]


def test_app_and_worker_get_the_address_of_the_queue(made: Template) -> None:
    for name in ("web", "mail", "celery-fast", "release"):
        assert variables(made, name)["QUEUE_URL_MAIL"]["Ref"].startswith("WorkerMailWorkQueue")


def test_its_tasks_may_have_a_size_of_their_own(made: Template) -> None:
    _, fast = task_definition(made, "celery-fast")
    _, mail = task_definition(made, "mail")
    assert (fast["Cpu"], fast["Memory"]) == ("256", "512")
    assert (mail["Cpu"], mail["Memory"]) == ("512", "1024")


def test_work_may_end_before_its_task_does(made: Template) -> None:
    assert container(made, "mail")["StopTimeout"] == 45
    # A policy compares it with Gunicorn's timeouts, whose variables a worker has, too.
    web = container(made, "web")["StopTimeout"]
    assert container(made, "celery-fast")["StopTimeout"] == 65 > web
    short = template_of(workers=(MAIL.model_copy(update={"longest_job_s": 1}),))
    assert container(short, "mail")["StopTimeout"] == web


def test_no_second_task_gets_a_message_that_is_in_work(made: Template) -> None:
    assert properties(made, "AWS::SQS::Queue", "WorkerMailWorkQueue")["VisibilityTimeout"] == 80


def test_what_fails_too_often_is_put_aside_and_kept_longer(made: Template) -> None:
    queue = properties(made, "AWS::SQS::Queue", "WorkerMailWorkQueue")
    aside = properties(made, "AWS::SQS::Queue", "WorkerMailWorkDeadLetters")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    # SQS keeps messages for four days unless asked.
    assert "MessageRetentionPeriod" not in queue
    assert aside["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_queues_are_encrypted_and_take_tls_alone(made: Template) -> None:
    for each in made.find_resources("AWS::SQS::Queue").values():
        assert each["Properties"]["SqsManagedSseEnabled"] is True
    assert len(made.find_resources("AWS::SQS::QueuePolicy")) == 2
    for each in made.find_resources("AWS::SQS::QueuePolicy").values():
        (statement,) = each["Properties"]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "sqs:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def actions(made: Template, role: str) -> set[str]:
    """Return what a role may do with queues."""
    given = [each["Action"] for each in statements(made, role)]
    flat = {action for each in given for action in (each if isinstance(each, list) else [each])}
    return {action for action in flat if action.startswith("sqs:")}


def test_all_may_send_and_its_worker_alone_may_receive(made: Template) -> None:
    send = {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    receive = {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"}
    assert actions(made, "TaskDefinitionTaskRole") == send
    assert actions(made, "TaskWorkerCeleryFastTaskRole") == send
    assert actions(made, "TaskWorkerMailTaskRole") == send | receive


def test_waits_for_the_release_command_as_the_service_does(made: Template) -> None:
    for name in ("WebService", "WorkerMailService", "WorkerCeleryFastService"):
        assert "ReleaseCommand" in str(only(made, "AWS::ECS::Service", name)["DependsOn"])


def test_no_load_balancer_knows_it(made: Template) -> None:
    assert properties(made, "AWS::ECS::Service", "WorkerMailService").get("LoadBalancers", []) == []


def test_a_broken_release_of_it_rolls_back(made: Template) -> None:
    configuration = properties(made, "AWS::ECS::Service", "WorkerMailService")["DeploymentConfiguration"]
    assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


def test_no_deployment_sets_the_number_of_tasks(made: Template) -> None:
    assert "DesiredCount" not in properties(made, "AWS::ECS::Service", "WorkerMailService")


def test_there_are_as_many_tasks_as_there_is_work_for(made: Template) -> None:
    target = "WorkerMailServiceTaskCountTarget"
    for side, threshold, changes in (("Lower", 50, [-10]), ("Upper", 100, [50, 100])):
        policy = properties(made, "AWS::ApplicationAutoScaling::ScalingPolicy", f"{target}Backlog{side}")
        steps = policy["StepScalingPolicyConfiguration"]["StepAdjustments"]
        assert [step["ScalingAdjustment"] for step in steps] == changes
        alarm = properties(made, "AWS::CloudWatch::Alarm", f"{target}Backlog{side}")
        assert alarm["Threshold"] == threshold
        (expression,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
        assert expression == "(waiting + working) / FILL(tasks, 1)"


def test_without_a_queue_cpu_adds_tasks(made: Template) -> None:
    policy = properties(
        made, "AWS::ApplicationAutoScaling::ScalingPolicy", "WorkerCeleryFastServiceTaskCountTargetCpu"
    )
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70


def test_a_rotated_secret_restarts_it(made: Template) -> None:
    (update,) = (
        each for each in statements(made, "RotationRestart") if "ecs:UpdateService" in each["Action"]
    )
    assert len(update["Resource"]) == 3
    names = properties(made, "AWS::Lambda::Function", "RotationRestart")["Environment"]["Variables"]
    assert str(names["SERVICES"]).count("Fn::GetAtt") == 3


def test_a_failed_deployment_of_it_is_told(made: Template) -> None:
    rule = properties(made, "AWS::Events::Rule", "MonitoringDeploymentFailed")
    told = str(rule["EventPattern"]["resources"])
    assert all(name in told for name in ("WebService", "WorkerMailService", "WorkerCeleryFastService"))


@pytest.mark.parametrize(
    ("name", "metric", "comparison", "threshold", "without_data"),
    [
        ("MailNobodyWorks", "CPUUtilization", "LessThanThreshold", 1, "breaching"),
        ("CeleryFastNobodyWorks", "CPUUtilization", "LessThanThreshold", 1, "breaching"),
        (
            "MailDeadLetters",
            "ApproximateNumberOfMessagesVisible",
            "GreaterThanThreshold",
            0,
            "notBreaching",
        ),
        ("MailOldestMessage", "ApproximateAgeOfOldestMessage", "GreaterThanThreshold", 900, "notBreaching"),
    ],
)
def test_tells_when_nobody_works_and_when_work_fails_or_waits(
    made: Template, name: str, metric: str, comparison: str, threshold: int, without_data: str
) -> None:
    alarm = properties(made, "AWS::CloudWatch::Alarm", f"Monitoring{name}")
    assert (alarm["MetricName"], alarm["ComparisonOperator"]) == (metric, comparison)
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (threshold, without_data)
    assert alarm["AlarmActions"][0]["Ref"].startswith("MonitoringTopic")


def test_an_environment_without_workers_has_nothing_of_it() -> None:
    made = template_of()
    made.resource_count_is("AWS::SQS::Queue", 0)
    made.resource_count_is("AWS::ECS::Service", 1)


@pytest.mark.parametrize(("removal", "policy"), [("retain", "RetainExceptOnCreate"), ("destroy", "Delete")])
def test_messages_stay_where_the_environment_does(removal: str, policy: str) -> None:
    made = template_of(workers=(MAIL,), removal=removal)
    made.has_resource("AWS::SQS::Queue", Match.object_like({"DeletionPolicy": policy}))
    assert {each["DeletionPolicy"] for each in made.find_resources("AWS::SQS::Queue").values()} == {policy}


@pytest.mark.parametrize(
    ("worker", "problem"),
    [
        ({"name": "web"}, "name is 'web', one of web, proxy, collector, release, which the kit uses"),
        (
            {"name": "Mail"},
            "must be lower-case letters, digits and '-', first a letter, but 'Mail' was given",
        ),
        ({"command": ()}, "should have at least 1 item"),
        ({"min": 3, "max": 2}, "min (3) is more than max (2): raise max or lower min"),
        ({"longest_job_s": 116}, "less than or equal to 115, but 116 was given"),
        ({"cpu": 256}, "cpu is 256 and memory_mib None: give both, or none for those of `tasks`"),
        ({"cpu": 256, "memory_mib": 4096}, "Fargate does not offer memory_mib 4096 with cpu 256"),
    ],
)
def test_refuses_what_cannot_be(worker: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Worker(**{"name": "mail", "command": ("work",), **worker})
    assert problem in explain(caught.value)


def test_refuses_names_that_are_taken() -> None:
    sidecar = Sidecar(name="mail", image="public.ecr.aws/x/y:1")
    assert "workers, jobs and sidecars are called mail, mail: give each a name" in refusal(
        workers=(MAIL,), sidecars=(sidecar,)
    )
    assert "QUEUE_URL_MAIL is given, but it follows from workers" in refusal(
        workers=(MAIL,), variables={"QUEUE_URL_MAIL": "x"}
    )


def test_refuses_tasks_that_cannot_reach_the_queue() -> None:
    closed = {"workers": (MAIL,), "network": NewVpc(egress=Endpoints())}
    assert "services are none, by which tasks do not reach the queue of worker 'mail': add 'sqs'" in refusal(
        **closed
    )
    assert Environment(name="test", workers=(MAIL,), network=NewVpc(egress=Endpoints(services=("sqs",))))


def test_its_connections_count_with_those_of_the_service() -> None:
    few: dict[str, Any] = {
        "tasks": Tasks(min=1, max=1, workers=2, threads=4),
        "database": DatabaseBudget(max_connections=60),
    }
    many = MAIL.model_copy(update={"max": 9})
    assert Environment(name="test", **few, workers=(MAIL,))
    said = refusal(**few, workers=(many.model_copy(update={"connections": 2}),))
    assert "a pool of 4 and 18 of workers are 26 connections, and 52 during a deployment" in said


def test_its_tasks_count_for_addresses_and_quotas() -> None:
    small = NewVpc(cidr="10.0.0.0/22")
    assert Environment(name="test", network=small, tasks=Tasks(max=4))
    crowd = MAIL.model_copy(update={"max": 30})
    assert "tasks.max is 4 beside 30 of workers" in refusal(
        network=small, tasks=Tasks(max=4), workers=(crowd,)
    )
    both = Environment(name="test", tasks=Tasks(max=2), workers=(BROKER,))
    assert [each.total for each in needs([both]) if each.quota is ON_DEMAND] == [2 * 2 * 0.5 + 2 * 2 * 0.25]


def _checked(made: Template, name: str, folder: Path, *, age_s: float | None) -> int:
    """Run a container's own health check beside a heartbeat of some age; return the exit code."""
    how, python, *words = container(made, name)["HealthCheck"]["Command"]
    assert (how, python) == ("CMD", "python")
    file = folder / "heartbeat"
    if age_s is not None:
        file.touch()
        os.utime(file, (time.time() - age_s, time.time() - age_s))
    environment = {"HEARTBEAT_FILE": str(file)}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize(("age_s", "healthy"), [(0, True), (40, True), (80, False), (None, False)])
def test_a_worker_with_heartbeats_is_healthy_while_they_are_young(
    tmp_path: Path, age_s: float | None, healthy: bool
) -> None:
    made = template_of(workers=(MAIL.model_copy(update={"heartbeat_s": 60}),), removal="destroy")
    assert variables(made, "mail")["HEARTBEAT_FILE"] == "/tmp/heartbeat"
    assert (_checked(made, "mail", tmp_path, age_s=age_s) == 0) is healthy


def test_a_worker_without_is_healthy_once_it_has_lived_ten_seconds(made: Template, tmp_path: Path) -> None:
    assert "HEARTBEAT_FILE" not in variables(made, "mail")
    assert container(made, "mail")["HealthCheck"]["Interval"] == 10
    assert _checked(made, "mail", tmp_path, age_s=None) == 0


def test_a_heartbeat_that_a_piece_of_work_would_miss_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        Worker(name="mail", command=("true",), longest_job_s=60, heartbeat_s=60)
    assert "raise heartbeat_s above it, or lower longest_job_s" in explain(caught.value)
