"""Run one task of a new version to its end before the service is updated."""

from collections.abc import Mapping, Sequence

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.network import Network
from infra.release.function import Function
from infra.release.one_off import allow_one_off, one_off_place
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
        allow_one_off(function, definition=self.definition, task=task, cluster=cluster)
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks"], resources=[Stack.of(self).stack_id]
            )
        )
        resource = CustomResource(
            self,
            "Command",
            resource_type="Custom::ReleaseCommand",
            service_token=function.function.function_arn,
            service_timeout=Duration.seconds(timeout_s + 120),
            properties=one_off_place(
                definition=self.definition,
                name=_NAME,
                task=task,
                cluster=cluster,
                network=network,
                security_group=security_group,
                timeout_s=timeout_s,
            ),
        )
        # On the first deployment the task waits for its roles, and for the network that its image comes over.
        resource.node.add_dependency(task, network, security_group)
