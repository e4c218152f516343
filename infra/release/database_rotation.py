"""Give the app another password every month, while its tasks serve with the old one."""

from collections.abc import Mapping, Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.network import Network
from infra.release.function import Function
from infra.release.one_off import allow_one_off, one_off_place
from infra.task import Task

_NAME = "rotate"
_DAYS = 30
# Fargate starts a task within a minute or two; Lambda itself ends after 15 minutes.
_TASK_S, _FUNCTION_S = 600, 660


class DatabaseRotation(Construct):
    """A schedule by which the app's secret gets the login of the other one of two users, and services follow.

    Who has logged in goes on: the user before keeps its password until the rotation after this one.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html#rotating-secrets-two-users
    The function is outside the VPC: a task like that of a release, which reaches the database, tells it the
    password.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        secret: secretsmanager.ISecret,
        login: str,
        administrator: Mapping[str, ecs.Secret],
        command: Sequence[str],
        services: Sequence[ecs.FargateService],
        task: Task,
        cluster: ecs.ICluster,
        network: Network,
        security_group: ec2.ISecurityGroup,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        """Create it; the task finds the new login in the variable `login`, where others find theirs."""
        super().__init__(scope, id)
        pending = ecs.SecretVersionInfo(version_stage="AWSPENDING")
        self.definition = task.one_off_definition(
            "RotateDatabase",
            name=_NAME,
            command=command,
            more_secrets={**administrator, login: ecs.Secret.from_secrets_manager_version(secret, pending)},
        )
        place = one_off_place(
            definition=self.definition,
            name=_NAME,
            task=task,
            cluster=cluster,
            network=network,
            security_group=security_group,
            timeout_s=_TASK_S,
        )
        function = self.function = Function(
            self,
            "Rotate",
            module="rotate",
            description="Gives the app another login of its database, for Secrets Manager",
            timeout_s=_FUNCTION_S,
            variables={
                "TASK": Stack.of(self).to_json_string(place),
                "CLUSTER": cluster.cluster_name,
                "SERVICES": ",".join(each.service_name for each in services),
            },
            log_days=log_days,
            removal_policy=removal_policy,
        )
        allow_one_off(function, definition=self.definition, task=task, cluster=cluster)
        versions = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
        for actions, resources in (
            ([f"secretsmanager:{each}" for each in versions], [secret.secret_arn]),
            (["ecs:UpdateService"], [each.service_arn for each in services]),
        ):
            function.role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=resources))
        function.function.add_permission(
            "SecretsManager",
            principal=iam.ServicePrincipal("secretsmanager.amazonaws.com"),
            source_arn=secret.secret_arn,
        )
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Schedule",
            secret_id=secret.secret_arn,
            rotation_lambda_arn=function.function.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=_DAYS
            ),
            # At first the release command makes the user; a rotation meanwhile would do so a second time.
            rotate_immediately_on_update=False,
        )
        schedule.node.add_dependency(function)
