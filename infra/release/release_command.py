"""Run one task of a new version to its end before the service is updated."""

from collections.abc import Mapping, Sequence

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.network import Network
from infra.release.function import Function
from infra.task import Task

_NAME = "release"


class ReleaseCommand(Construct):
    """A custom resource that runs `command` for each new version; if it fails, the old version serves on.

    Resources that depend on this construct wait for the command. It is not run on rollback, and not when only
    the network changes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        command: Sequence[str],
        secrets: Mapping[str, ecs.Secret],
        timeout_s: int,
        task: Task,
        cluster: ecs.ICluster,
        network: Network,
        security_group: ec2.ISecurityGroup,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        """Create it; `secrets` are for the command alone, not for the service."""
        super().__init__(scope, id)
        self.definition = task.one_off_definition(
            "Release", name=_NAME, command=command, more_secrets=secrets
        )
        function = Function(
            self,
            "Run",
            module="release",
            description="Runs the release command of a new version, for CloudFormation",
            # 60 s more, to read the last lines of the log and to answer CloudFormation.
            timeout_s=timeout_s + 60,
            log_days=log_days,
            removal_policy=removal_policy,
        )
        self._allow(function, task, cluster)
        placement = network.vpc.select_subnets(
            subnets=network.task_subnets.subnets, subnet_group_name=network.task_subnets.subnet_group_name
        )
        resource = CustomResource(
            self,
            "Command",
            resource_type="Custom::ReleaseCommand",
            service_token=function.function.function_arn,
            service_timeout=Duration.seconds(timeout_s + 120),
            properties={
                "Cluster": cluster.cluster_name,
                "TaskDefinition": self.definition.task_definition_arn,
                "Container": _NAME,
                "Subnets": placement.subnet_ids,
                "SecurityGroups": [security_group.security_group_id, *network.task_security_group_ids],
                "AssignPublicIp": "ENABLED" if network.tasks_need_public_ips else "DISABLED",
                "LogGroup": task.log_group.log_group_name,
                "TimeoutS": str(timeout_s),
            },
        )
        # On the first deployment the task waits for its roles, and for the network that its image comes over.
        resource.node.add_dependency(task, network, security_group)

    def _allow(self, function: Function, task: Task, cluster: ecs.ICluster) -> None:
        stack = Stack.of(self)
        in_cluster = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
        # All revisions: a right to the new one alone might not have taken effect in IAM when it is needed.
        revisions = stack.format_arn(
            service="ecs", resource="task-definition", resource_name=f"{self.definition.family}:*"
        )
        tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{cluster.cluster_name}/*")
        roles = [task.definition.task_role.role_arn, task.definition.obtain_execution_role().role_arn]
        for statement in (
            iam.PolicyStatement(actions=["ecs:RunTask"], resources=[revisions], conditions=in_cluster),
            iam.PolicyStatement(
                actions=["ecs:DescribeTasks", "ecs:StopTask"], resources=[tasks], conditions=in_cluster
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=roles,
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[stack.stack_id]),
        ):
            function.role.add_to_principal_policy(statement)
        task.log_group.grant(function.role, "logs:GetLogEvents")
        for each in (revisions, tasks):
            acknowledge(
                function.role,
                rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(stack, each)}]",
                reason="One family's revisions, one cluster's tasks: which of them, the next release knows.",
            )
