"""Ask AWS about a deployed environment."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.operate.errors import NotDeployedError

# The container that runs the app, with or without a proxy before it.
APP = "web"
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=60)
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
_TASKS_AT_ONCE = 100
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
_SERVICES_AT_ONCE = 10

# Type and beginning of the logical id of what these outputs name.
_LOOKED_UP = {"ClusterName": ("AWS::ECS::Cluster", ""), "ServiceName": ("AWS::ECS::Service", "WebService")}


@dataclass
class Deployed:
    """An environment's stack and the services in it; the stack's description and resources are asked once."""

    environment: str
    session: Session
    # What the local cloud's runner keeps of the last task that failed; AWS keeps nothing of that kind.
    last_words: dict[str, Any] | None = None
    local: bool = False  # in the local cloud of `make up`
    answer: Any = None  # what a command found, for --json
    _clients: dict[str, Any] = field(default_factory=dict)
    _definitions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """Return the name of the stack."""
        return f"Web-{self.environment}"

    def client(self, service: str) -> Any:
        """Return a boto3 client that asks again when AWS is too busy to answer."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, config=_CONFIG)  # type: ignore[call-overload] # any service
        return self._clients[service]

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield every item of a listing, page by page."""
        for page in self.client(service).get_paginator(operation).paginate(**parameters):
            yield from page.get(key, [])

    @cached_property
    def description(self) -> dict[str, Any]:
        """Return the stack's description; raise NotDeployedError if there is no such stack."""
        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        except ClientError as error:
            if "does not exist" not in error.response["Error"].get("Message", ""):
                raise
            account = self.client("sts").get_caller_identity()["Account"]
            raise NotDeployedError(
                f"{self.stack} is not deployed in account {account}, region {self.session.region_name}."
                f" Deploy it (`make deploy ENV={self.environment}`), or use another account's credentials."
            ) from None
        return dict(stack)

    def output(self, key: str) -> str:
        """Return an output of the stack, which has none before its first deployment has succeeded.

        Until then the service and its cluster are looked up. Raises NotDeployedError if there are none.
        """
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self.description.get("Outputs", [])}
        found = outputs.get(key) or self._looked_up(key)
        if not found:
            raise NotDeployedError(
                f"{self.stack} is {self.description['StackStatus']} and has no output {key}. `make why"
                f" ENV={self.environment}` says what failed."
            )
        return str(found)

    def _looked_up(self, key: str) -> str:
        if key not in _LOOKED_UP:
            return ""
        kind, logical_id = _LOOKED_UP[key]
        found = (
            str(item["PhysicalResourceId"]).rpartition("/")[2]
            for item in self.held
            if item["ResourceType"] == kind
            and item["LogicalResourceId"].startswith(logical_id)
            and item.get("PhysicalResourceId")
            and not item["ResourceStatus"].startswith("DELETE")
        )
        return next(found, "")

    @cached_property
    def log_group(self) -> str:
        """Return the group that the tasks write to; after a failed first deployment, the one that is left."""
        outputs = {item["OutputKey"]: item["OutputValue"] for item in self.description.get("Outputs", [])}
        if "LogGroupName" in outputs:
            return str(outputs["LogGroupName"])
        groups = self.log_groups()
        if not groups:
            raise NotDeployedError(
                f"{self.stack} is {self.description['StackStatus']}, and it has no log: no task has started."
                f" `make why ENV={self.environment}` says what CloudFormation knows."
            )
        return str(max(groups, key=lambda group: group.get("creationTime", 0))["logGroupName"])

    def log_groups(self) -> list[dict[str, Any]]:
        """Return the log groups of the tasks, also those that failed first deployments have left."""
        prefix = f"{self.stack}-TaskLog"
        return list(self.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix))

    @property
    def cluster(self) -> str:
        """Return the name of the ECS cluster."""
        return self.output("ClusterName")

    def service(self) -> dict[str, Any]:
        """Return the ECS service as it is now."""
        name = self.output("ServiceName")
        found = self.client("ecs").describe_services(cluster=self.cluster, services=[name])["services"]
        if not found or found[0]["status"] == "INACTIVE":
            raise NotDeployedError(
                f"{self.stack} says that its service is {name}, but ECS has none of this name: somebody"
                f" deleted it. `npx cdk drift {self.stack}` shows what else is gone."
            )
        return dict(found[0])

    def is_there(self) -> bool:
        """Return whether there is a service: the rollback of a first deployment deletes it."""
        try:
            self.service()
        except NotDeployedError:
            return False
        except ClientError as error:
            if error.response["Error"]["Code"] != "ClusterNotFoundException":
                raise
            return False
        return True

    @cached_property
    def held(self) -> list[dict[str, Any]]:
        """Return what the stack holds, as CloudFormation lists it."""
        return list(
            self.pages(
                "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=self.stack
            )
        )

    def resources(self, *kinds: str) -> list[str]:
        """Return the physical ids of the stack's resources of some types."""
        return [item["PhysicalResourceId"] for item in self.held if item["ResourceType"] in kinds]

    def others(self) -> list[dict[str, Any]]:
        """Return the services beside the web service, such as a queue's worker."""
        arns = self.resources("AWS::ECS::Service")
        rest = [arn for arn in arns if arn.rpartition("/")[2] != self.output("ServiceName")]
        return [
            service
            for first in range(0, len(rest), _SERVICES_AT_ONCE)
            for service in self.client("ecs").describe_services(
                cluster=self.cluster, services=rest[first : first + _SERVICES_AT_ONCE]
            )["services"]
            if service["status"] == "ACTIVE"
        ]

    def tasks(self, status: str = "RUNNING", *, service: str = "") -> list[dict[str, Any]]:
        """Return a service's tasks, by default the web service's, that are RUNNING or STOPPED.

        ECS forgets stopped tasks within an hour.
        """
        arns = list(
            self.pages(
                "ecs",
                "list_tasks",
                "taskArns",
                cluster=self.cluster,
                serviceName=service or self.output("ServiceName"),
                desiredStatus=status,
            )
        )
        return [
            task
            for first in range(0, len(arns), _TASKS_AT_ONCE)
            for task in self.client("ecs").describe_tasks(
                cluster=self.cluster, tasks=arns[first : first + _TASKS_AT_ONCE]
            )["tasks"]
        ]

    def definition(self, arn: str) -> dict[str, Any]:
        """Return a task definition, also one that is INACTIVE."""
        if arn not in self._definitions:
            answer = self.client("ecs").describe_task_definition(taskDefinition=arn)
            self._definitions[arn] = answer["taskDefinition"]
        return self._definitions[arn]

    def version(self, definition: str) -> str:
        """Return what a task definition calls the release that it runs."""
        variables = {
            item["name"]: item["value"]
            for container in self.definition(definition)["containerDefinitions"]
            for item in container.get("environment", [])
        }
        return str(variables.get("VERSION", "?"))


def short(arn: str) -> str:
    """Return the first characters of a task's id, which every command takes for the whole."""
    return arn.rpartition("/")[2][:8]


def revision(definition: str) -> str:
    """Return family:revision of a task definition's ARN."""
    return definition.rpartition("/")[2]
