"""Read what is deployed through the ECS, ELBv2 and EC2 APIs, as ECS itself would know it."""

from dataclasses import dataclass
from typing import Any

from tools.local_cloud.cloud import Cloud
from tools.local_cloud.errors import LocalCloudError


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A target group's health check."""

    protocol: str
    path: str
    codes: str
    interval_s: int
    timeout_s: int
    unhealthy_threshold: int


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """The container and port that the load balancer sends requests to."""

    target_group: str
    container: str
    port: int
    drain_s: int
    check: HealthCheck


@dataclass(frozen=True, kw_only=True)
class Service:
    """One deployed ECS service."""

    arn: str
    cluster: str
    name: str
    desired: int
    definition: str
    deployment: str
    rollout: str
    zones: tuple[str, ...]
    minimum_percent: int
    maximum_percent: int
    breaker: bool
    failures_allowed: int
    grace_s: int
    balanced: Balanced | None  # None for a service without a load balancer, such as a queue's worker
    beside: tuple[Balanced, ...] = ()  # further target groups of the same container


def _failures_allowed(breaker: dict[str, Any], desired: int) -> int:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    threshold = breaker.get("thresholdConfiguration", {})
    value = int(threshold.get("value", 50))
    if threshold.get("type") == "COUNT":
        return value
    return min(200, max(3, -(-desired * value // 100)))


class Deployed:
    """A reader of services, which reads only once what cannot change between two deployments."""

    def __init__(self, cloud: Cloud) -> None:
        self._ecs = cloud.client("ecs")
        self._elb = cloud.client("elbv2")
        self._ec2 = cloud.client("ec2")
        self._definitions: dict[str, dict[str, Any]] = {}
        self._zones: dict[tuple[str, ...], tuple[str, ...]] = {}

    def services(self) -> list[Service]:
        """Return the active services of all clusters."""
        found = []
        for cluster in self._ecs.list_clusters()["clusterArns"]:
            names = self._ecs.list_services(cluster=cluster)["serviceArns"]
            if names:
                answer = self._ecs.describe_services(cluster=cluster, services=names)["services"]
                found += [self._service(item) for item in answer if item["status"] == "ACTIVE"]
        return found

    def definition(self, arn: str) -> dict[str, Any]:
        """Return a task definition; they never change."""
        if arn not in self._definitions:
            answer = self._ecs.describe_task_definition(taskDefinition=arn)
            self._definitions[arn] = answer["taskDefinition"]
        return self._definitions[arn]

    def _service(self, item: dict[str, Any]) -> Service:
        deployment = next(entry for entry in item["deployments"] if entry["status"] == "PRIMARY")
        configuration = item["deploymentConfiguration"]
        breaker = configuration.get("deploymentCircuitBreaker", {})
        subnets = item["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
        balanced = [self._balanced(each) for each in item["loadBalancers"]]
        if len({each.container for each in balanced}) > 1:
            raise LocalCloudError(
                f"Service {item['serviceName']} has target groups for {len(balanced)} containers;"
                " the local runner plays services whose requests all go to one."
            )
        return Service(
            arn=item["serviceArn"],
            cluster=item["clusterArn"],
            name=item["serviceName"],
            desired=item["desiredCount"],
            definition=item["taskDefinition"],
            deployment=deployment["id"],
            rollout=deployment["rolloutState"],
            zones=self._zones_of(tuple(sorted(subnets))),
            minimum_percent=configuration.get("minimumHealthyPercent", 100),
            maximum_percent=configuration.get("maximumPercent", 200),
            breaker=breaker.get("enable", False),
            failures_allowed=_failures_allowed(breaker, item["desiredCount"]),
            grace_s=item.get("healthCheckGracePeriodSeconds", 0),
            balanced=balanced[0] if balanced else None,
            beside=tuple(balanced[1:]),
        )

    def _zones_of(self, subnets: tuple[str, ...]) -> tuple[str, ...]:
        if subnets not in self._zones:
            answer = self._ec2.describe_subnets(SubnetIds=list(subnets))["Subnets"]
            self._zones[subnets] = tuple(sorted({subnet["AvailabilityZone"] for subnet in answer}))
        return self._zones[subnets]

    def _balanced(self, balancer: dict[str, Any]) -> Balanced:
        arn = balancer["targetGroupArn"]
        [group] = self._elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        answer = self._elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        attributes = {entry["Key"]: entry["Value"] for entry in answer}
        return Balanced(
            target_group=arn,
            container=balancer["containerName"],
            port=balancer["containerPort"],
            drain_s=int(attributes.get("deregistration_delay.timeout_seconds", 300)),
            check=HealthCheck(
                protocol=group.get("HealthCheckProtocol", "HTTP"),
                path=group.get("HealthCheckPath", "/"),
                codes=group.get("Matcher", {}).get("HttpCode", "200"),
                interval_s=group["HealthCheckIntervalSeconds"],
                timeout_s=group["HealthCheckTimeoutSeconds"],
                unhealthy_threshold=group["UnhealthyThresholdCount"],
            ),
        )
