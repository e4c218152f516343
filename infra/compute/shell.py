"""Prepare tasks for `aws ecs execute-command`, and log all that is typed there."""

from typing import cast

from aws_cdk import Annotations, CfnElement, RemovalPolicy, Stack
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.log_groups import log_group
from infra.task import Task

# ECS starts an agent in each container, as root, which writes to these folders. AWS says that Exec does not
# support a read-only root; with these folders it was seen to work: https://github.com/aws/containers-roadmap/issues/1359
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
_AGENT_FOLDERS = {"exec-state": "/var/lib/amazon", "exec-log": "/var/log/amazon"}


class Shell(Construct):
    """A log group that records all sessions, and folders for the agent; the cluster gets `configuration`."""

    def __init__(
        self, scope: Construct, id: str, *, task: Task, log_days: int, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, id)
        log = log_group(self, "Log", log_days=log_days, removal_policy=removal_policy)
        self.configuration = ecs.ExecuteCommandConfiguration(
            log_configuration=ecs.ExecuteCommandLogConfiguration(cloud_watch_log_group=log),
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
        )
        for volume, folder in _AGENT_FOLDERS.items():
            task.definition.add_volume(name=volume)
            for container in task.definition.node.children:
                if isinstance(container, ecs.ContainerDefinition):
                    container.add_mount_points(
                        ecs.MountPoint(container_path=folder, source_volume=volume, read_only=False)
                    )
        Annotations.of(self).add_warning_v2(
            "flask-fargate:execute-command",
            "execute_command is on: whoever may call ecs:ExecuteCommand is root in every container of a task,"
            " with the rights of its role, and reads the secrets in its environment; all that is typed is"
            " logged. AWS documents that ECS Exec does not support read-only roots, as these containers have:"
            " it was not tried in AWS. `make run-task` needs none of this.",
        )
        acknowledge(
            task.definition.task_role,
            rule="AwsSolutions-IAM5[Resource::*]",
            reason="ssmmessages and logs:DescribeLogGroups know no resources.",
        )
        stack = Stack.of(self)
        # A token where the CDK does not know the region's partition, as with regions newer than the CDK.
        partition = as_cdk_nag_writes(stack, stack.partition)
        account = as_cdk_nag_writes(stack, stack.account)
        name = stack.get_logical_id(cast("CfnElement", log.node.default_child))
        acknowledge(
            task.definition.task_role,
            rule=f"AwsSolutions-IAM5[Resource::arn:{partition}:logs:{stack.region}:{account}"
            f":log-group:<{name}>:*]",
            reason="Every session writes a log stream of its own in this one group.",
        )
