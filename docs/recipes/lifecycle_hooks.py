"""Lifecycle hooks: ask a function, or a person, before users see the new version.

For a smoke test of the new version, and for a release that somebody has to approve. Free, except for the
function. Not for migrations: `release_command` runs those before any task of the new version starts. Not
with the deployment `Rolling`, where users reach new tasks as soon as these are healthy.

    if stack.parameters.name == "prod":
        add_hooks(stack, function=smoke_test(stack, paths=["/healthz", "/"]), approval_minutes=60)

Your own function returns {"hookStatus": "SUCCEEDED"} to go on, "FAILED" to roll back, or "IN_PROGRESS" to
be called again; any other answer, and any error, rolls back. To approve:

    aws ecs describe-service-deployments --service-deployment-arns ... # shows the hookId
    aws ecs continue-service-deployment --hook-id ... --action CONTINUE # or ROLLBACK

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnElement, Duration, RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_groups import log_group
from infra.parameters import BlueGreen, Internet, NewLoadBalancer
from infra.stack import WebStack

Stage = ecs.DeploymentLifecycleStage
# The stages in which the new version answers at the test listener only.
_TESTED = (Stage.TEST_TRAFFIC_SHIFT, Stage.POST_TEST_TRAFFIC_SHIFT)
# CloudFormation ends an update after 36 hours.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
_LONGEST_PAUSE_MINUTES = 24 * 60
_TIMEOUT_S = 10
_SMOKE_TEST = f"""import os
from urllib.request import urlopen


def handler(event, context):
    for url in os.environ["URLS"].split():
        try:
            with urlopen(url, timeout={_TIMEOUT_S}) as answer:
                print(answer.status, url)
        except Exception as error:
            print(f"{{error}}: {{url}}")
            return {{"hookStatus": "FAILED"}}
    return {{"hookStatus": "SUCCEEDED"}}
"""


def smoke_test(stack: WebStack, *, paths: Sequence[str]) -> lambda_.Function:
    """Create a function that asks each path of the test listener, and fails without a 2xx within 10 s.

    The function asks over the internet. Raises ValueError where the test listener cannot be reached so.
    """
    environment = stack.parameters
    deployment, choice = environment.deployment, environment.load_balancer
    if not isinstance(deployment, BlueGreen) or deployment.test_port is None:
        raise ValueError(
            f"deployment is {deployment!r}, which has no test listener: set BlueGreen(test_port=8443)"
        )
    is_open = isinstance(choice, NewLoadBalancer) and isinstance(choice.ingress, Internet)
    if not is_open:
        raise ValueError(
            "a smoke test comes over the internet, to which this load balancer is closed: give a function "
            "of your own, in the VPC"
        )
    log = log_group(
        stack,
        "SmokeTestLog",
        log_days=environment.log_days,
        removal_policy=RemovalPolicy.RETAIN if environment.removal == "retain" else RemovalPolicy.DESTROY,
    )
    # Made here, because the role that the L2 makes may write to every log of the account.
    role = iam.Role(stack, "SmokeTestRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log.grant_write(role)
    return lambda_.Function(
        stack,
        "SmokeTest",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline(_SMOKE_TEST),
        environment={
            "URLS": " ".join(f"{stack.front_door.url}:{deployment.test_port}{path}" for path in paths)
        },
        timeout=Duration.seconds(len(paths) * (_TIMEOUT_S + 1) + 5),
        role=role,
        log_group=log,
    )


def add_hooks(
    stack: WebStack,
    *,
    function: lambda_.Function | None = None,
    approval_minutes: int | None = None,
    stage: ecs.DeploymentLifecycleStage = Stage.POST_TEST_TRAFFIC_SHIFT,
) -> None:
    """Stop each deployment at `stage` until `function` succeeds and a person approves; else roll back.

    Without an approval within `approval_minutes` the deployment rolls back. Call this once. Raises ValueError
    for a deployment that has no such stage, and without a function and a person to ask.
    """
    deployment = stack.parameters.deployment
    beside, test_port = isinstance(deployment, BlueGreen), getattr(deployment, "test_port", None)
    if not beside:
        raise ValueError(
            f"deployment is {type(deployment).__name__}, whose tasks users see at once: set it to BlueGreen, "
            "Canary or Linear"
        )
    if stage in _TESTED and test_port is None:
        raise ValueError(
            f"stage is {stage.name} and deployment.test_port is None, so nobody could see the new version "
            "then: set test_port, or stage to POST_SCALE_UP"
        )
    if function is None and approval_minutes is None:
        raise ValueError("there is nobody to ask: give function, approval_minutes or both")
    # A second call would overwrite the first; the CDK refuses a second construct of this name.
    Construct(stack, "LifecycleHooks")
    if function:
        _ask_function(stack, function, stage)
    if approval_minutes is not None:
        _ask_person(stack, approval_minutes, stage, beside_function=function is not None)


def _ask_function(stack: WebStack, function: lambda_.Function, stage: ecs.DeploymentLifecycleStage) -> None:
    hook = ecs.DeploymentLifecycleLambdaTarget(function, "Hook", lifecycle_stages=[stage])
    stack.web.service.add_lifecycle_hook(hook)
    logical_id = stack.get_logical_id(cast("CfnElement", function.node.default_child))
    acknowledge(
        stack.web.service,
        rule=f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>:*]",
        reason="ECS may call this one function, by whichever version.",
    )


def _ask_person(
    stack: WebStack, minutes: int, stage: ecs.DeploymentLifecycleStage, *, beside_function: bool
) -> None:
    if not 1 <= minutes <= _LONGEST_PAUSE_MINUTES:
        raise ValueError(
            f"approval_minutes is {minutes}: give 1 to {_LONGEST_PAUSE_MINUTES}, since CloudFormation waits"
        )
    # Set through the L1: the L2 of aws-cdk-lib 2.275.0 supports functions only.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    hook = {
        "TargetType": "PAUSE",
        "LifecycleStages": [stage.name],
        "TimeoutConfiguration": {"TimeoutInMinutes": minutes, "Action": "ROLLBACK"},
    }
    service, hooks = cast("ecs.CfnService", stack.web.service.node.default_child), "LifecycleHooks"
    path, value = (f"{hooks}.1", hook) if beside_function else (hooks, [hook])
    service.add_property_override(f"DeploymentConfiguration.{path}", value)
