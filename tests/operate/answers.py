"""Record AWS's answers about a deployed dev environment; each test changes those it is about."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC)
HEAD = "arn:aws:ecs:eu-west-1:123456789012"
CLUSTER, SERVICE, GROUP = "the-cluster", "the-service", "/the/log/group"
QUEUES = "https://sqs.eu-west-1.amazonaws.com/123456789012"
TARGETS = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/1"


def definition_arn(revision: int) -> str:
    return f"{HEAD}:task-definition/web:{revision}"


def stacks(status: str = "UPDATE_COMPLETE", **more: Any) -> dict[str, Any]:
    outputs = {
        "Url": "https://www.example.com",
        "ClusterName": CLUSTER,
        "ServiceName": SERVICE,
        "LogGroupName": GROUP,
    }
    stack = {
        "StackName": "Web-dev",
        "StackId": "arn:stack",
        "CreationTime": NOW,
        "StackStatus": status,
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }
    return {"Stacks": [stack | more]}


def service(*, revision: int = 2, rollout: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    deployment = {
        "id": f"ecs-svc/{revision}",
        "status": "PRIMARY",
        "taskDefinition": definition_arn(revision),
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": rollout,
        "rolloutStateReason": "ECS deployment completed.",
        "createdAt": NOW - timedelta(hours=3),
    }
    described = {
        "serviceName": SERVICE,
        "serviceArn": f"{HEAD}:service/{CLUSTER}/{SERVICE}",
        "status": "ACTIVE",
        "taskDefinition": definition_arn(revision),
        "desiredCount": 1,
        "runningCount": 1,
        "loadBalancers": [{"targetGroupArn": TARGETS, "containerName": "web", "containerPort": 8000}],
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}
        },
        "deployments": [deployment],
        "events": [],
    }
    return {"services": [described | more]}


def tasks(**more: Any) -> dict[str, Any]:
    address = {"name": "privateIPv4Address", "value": "10.0.0.7"}
    interface = {"name": "networkInterfaceId", "value": "eni-1"}
    task = {
        "taskArn": f"{HEAD}:task/{CLUSTER}/0123456789abcdef",
        "taskDefinitionArn": definition_arn(2),
        "availabilityZone": "eu-west-1a",
        "lastStatus": "RUNNING",
        "createdAt": NOW - timedelta(hours=3),
        "startedAt": NOW - timedelta(hours=3),
        "attachments": [{"type": "ElasticNetworkInterface", "details": [address, interface]}],
        "containers": [{"name": "web", "runtimeId": "0123456789abcdef-1"}],
    }
    return {"tasks": [task | more]}


def definition(*, revision: int = 2, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    options = {"awslogs-group": GROUP, "awslogs-stream-prefix": "web"}
    container = {
        "name": "web",
        "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/assets:tag{revision}",
        "environment": [{"name": "VERSION", "value": f"version-{revision}"}],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    described = {
        "taskDefinitionArn": definition_arn(revision),
        "family": "web",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "revision": revision,
        "status": status,
        "containerDefinitions": [container],
    }
    return {"taskDefinition": described | more}


def of_revision(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeTaskDefinition."""
    return definition(revision=int(parameters["taskDefinition"].rpartition(":")[2]))


def rule(priority: str, *, action: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    forward = {"Type": "forward", "TargetGroupArn": TARGETS}
    return {
        "RuleArn": f"{LISTENER}/rule/{priority}",
        "Priority": priority,
        "Conditions": [],
        "Actions": [action or forward],
        **more,
    }


def metrics(**values: list[float]) -> dict[str, Any]:
    """Answer GetMetricData; a metric without values has none."""
    names = ("Requests", "Responses5xx", "Latency", "Saturation")
    return {
        "MetricDataResults": [
            {"Id": name.lower(), "Label": name, "Values": values.get(name, []), "StatusCode": "Complete"}
            for name in names
        ]
    }


def well() -> dict[str, Any]:
    """Answer every question about an environment that is healthy."""
    return {
        "DescribeStacks": stacks(),
        "ListStackResources": {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": "Errors",
                    "PhysicalResourceId": "errors-alarm",
                    "ResourceType": "AWS::CloudWatch::Alarm",
                    "ResourceStatus": "CREATE_COMPLETE",
                    "LastUpdatedTimestamp": NOW,
                }
            ]
        },
        "DescribeServices": service(),
        "ListTasks": {"taskArns": [f"{HEAD}:task/{CLUSTER}/0123456789abcdef"]},
        "DescribeTasks": tasks(),
        "DescribeTaskDefinition": of_revision,
        "DescribeTargetHealth": {
            "TargetHealthDescriptions": [
                {"Target": {"Id": "10.0.0.7", "Port": 8000}, "TargetHealth": {"State": "healthy"}}
            ]
        },
        "DescribeAlarms": {"MetricAlarms": [], "CompositeAlarms": []},
        "DescribeTargetGroups": {
            "TargetGroups": [{"TargetGroupArn": TARGETS, "LoadBalancerArns": [BALANCER]}]
        },
        "DescribeListeners": {"Listeners": [{"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS"}]},
        "DescribeRules": {"Rules": [rule("default")]},
        "DescribeTags": {"TagDescriptions": []},
        "GetMetricData": metrics(
            Requests=[60, 0, 240], Responses5xx=[3], Latency=[12.5, 41.2], Saturation=[12]
        ),
        "GetTemplate": {"TemplateBody": json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}})},
        "DescribeNetworkInterfaces": {"NetworkInterfaces": [{"Association": {"PublicIp": "203.0.113.9"}}]},
    }


def with_a_worker(**more: Any) -> dict[str, Any]:
    """Answer as `well` does, for a stack with a second service, `the-worker`, without a load balancer."""
    worker = {"serviceName": "the-worker", "serviceArn": f"{HEAD}:service/{CLUSTER}/the-worker"}

    def described(parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["services"] == [SERVICE]:
            return service()
        return service(revision=9, **{**worker, "loadBalancers": [], **more})

    answers = well()
    of_service = answers["ListStackResources"]["StackResourceSummaries"][0] | {
        "ResourceType": "AWS::ECS::Service"
    }
    return answers | {
        "DescribeServices": described,
        "ListStackResources": {
            "StackResourceSummaries": [
                of_service | {"PhysicalResourceId": arn}
                for arn in (f"{HEAD}:service/{CLUSTER}/{SERVICE}", worker["serviceArn"])
            ]
        },
    }


def of_the_worker(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeTaskDefinition for a service whose second one is the worker `mail`, with a queue."""
    described = of_revision(parameters)
    if parameters["taskDefinition"] == definition_arn(9):
        [container] = described["taskDefinition"]["containerDefinitions"]
        container["name"] = "mail"
        container["environment"].append({"name": "QUEUE_URL_MAIL", "value": f"{QUEUES}/work"})
    return described
