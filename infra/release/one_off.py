"""Let a function run one task of its own to its end, and tell it where."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.network import Network
from infra.release.function import Function
from infra.task import Task


def one_off_place(
    *,
    definition: ecs.FargateTaskDefinition,
    name: str,
    task: Task,
    cluster: ecs.ICluster,
    network: Network,
    security_group: ec2.ISecurityGroup,
    timeout_s: int,
) -> dict[str, Any]:
    """Return what functions/one_off.py reads: the task, its container, its place, and its time."""
    placement = network.vpc.select_subnets(
        subnets=network.task_subnets.subnets, subnet_group_name=network.task_subnets.subnet_group_name
    )
    return {
        "Cluster": cluster.cluster_name,
        "TaskDefinition": definition.task_definition_arn,
        "Container": name,
        "Subnets": placement.subnet_ids,
        "SecurityGroups": [security_group.security_group_id, *network.task_security_group_ids],
        "AssignPublicIp": "ENABLED" if network.tasks_need_public_ips else "DISABLED",
        "LogGroup": task.log_group.log_group_name,
        "TimeoutS": str(timeout_s),
    }


def allow_one_off(
    function: Function, *, definition: ecs.FargateTaskDefinition, task: Task, cluster: ecs.ICluster
) -> None:
    """Let the function run tasks of this definition, look at them, stop them, and read their log."""
    stack = Stack.of(function)
    in_cluster = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
    # All revisions: a right to the new one alone might not have taken effect in IAM when it is needed.
    revisions = stack.format_arn(
        service="ecs", resource="task-definition", resource_name=f"{definition.family}:*"
    )
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{cluster.cluster_name}/*")
    roles = [definition.task_role.role_arn, definition.obtain_execution_role().role_arn]
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
    ):
        function.role.add_to_principal_policy(statement)
    task.log_group.grant(function.role, "logs:GetLogEvents")
    for each in (revisions, tasks):
        acknowledge(
            function.role,
            rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(stack, each)}]",
            reason="One family's revisions, one cluster's tasks: which of them, the next release knows.",
        )
