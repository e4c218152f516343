"""Start tasks of the same image at times of day, and tell when one could not start or has failed."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.acknowledge import acknowledge, as_cdk_nag_writes
from infra.network import Network
from infra.parameters import Job
from infra.task import Task
from infra.work.queue import kept_messages

# Where ECS has no capacity for a moment, as often and for as long; a job of yesterday's hour does not start.
_TRIES, _LATE_S = 5, 900


class ScheduledJobs(Construct):
    """A schedule for each job, which has ECS run its task; what could not start is in `not_started`.

    Each task definition in `definitions` runs `service.kit.job`, which ends the job after its time.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choices: Sequence[Job],
        task: Task,
        cluster: ecs.ICluster,
        network: Network,
        security_group: ec2.ISecurityGroup,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.not_started = kept_messages(self, "NotStarted", removal_policy=removal_policy)
        acknowledge(
            self.not_started,
            rule="AwsSolutions-SQS3",
            reason="It is the dead letter queue of the schedules.",
        )
        self.definitions = {each.name: task.job_definition(each) for each in choices}
        role = self._role(task, cluster)
        placement = network.vpc.select_subnets(
            subnets=network.task_subnets.subnets, subnet_group_name=network.task_subnets.subnet_group_name
        )
        kind = scheduler.CfnSchedule
        for each in choices:
            made = kind(
                self,
                each.construct_id,
                description=f"Job {each.name} of {Stack.of(self).stack_name}",
                schedule_expression=each.schedule,
                schedule_expression_timezone=each.time_zone,
                flexible_time_window=kind.FlexibleTimeWindowProperty(mode="OFF"),
                target=kind.TargetProperty(
                    arn=cluster.cluster_arn,
                    role_arn=role.role_arn,
                    dead_letter_config=kind.DeadLetterConfigProperty(arn=self.not_started.queue_arn),
                    retry_policy=kind.RetryPolicyProperty(
                        maximum_retry_attempts=_TRIES, maximum_event_age_in_seconds=_LATE_S
                    ),
                    ecs_parameters=kind.EcsParametersProperty(
                        task_definition_arn=self.definitions[each.name].task_definition_arn,
                        launch_type="FARGATE",
                        task_count=1,
                        enable_ecs_managed_tags=True,
                        propagate_tags="TASK_DEFINITION",
                        network_configuration=kind.NetworkConfigurationProperty(
                            awsvpc_configuration=kind.AwsVpcConfigurationProperty(
                                subnets=placement.subnet_ids,
                                security_groups=[
                                    security_group.security_group_id,
                                    *network.task_security_group_ids,
                                ],
                                assign_public_ip="ENABLED" if network.tasks_need_public_ips else "DISABLED",
                            )
                        ),
                    ),
                ),
            )
            made.node.add_dependency(role)

    def _role(self, task: Task, cluster: ecs.ICluster) -> iam.Role:
        stack = Stack.of(self)
        # Whoever makes schedules in another account must not make ours run.
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            ),
        )
        # All revisions: a right to the new one alone might not have taken effect in IAM when it is needed.
        revisions = [
            stack.format_arn(service="ecs", resource="task-definition", resource_name=f"{each.family}:*")
            for each in self.definitions.values()
        ]
        tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{cluster.cluster_name}/*")
        for each in (*revisions, tasks):
            acknowledge(
                role,
                rule=f"AwsSolutions-IAM5[Resource::{as_cdk_nag_writes(stack, each)}]",
                reason="Revisions of these families, tasks of one cluster: the next are not known yet.",
            )
        for statement in (
            iam.PolicyStatement(
                actions=["ecs:RunTask"],
                resources=revisions,
                conditions={"ArnEquals": {"ecs:cluster": cluster.cluster_arn}},
            ),
            # For `enable_ecs_managed_tags`, and the tags of the task definition.
            iam.PolicyStatement(
                actions=["ecs:TagResource"],
                resources=[tasks],
                conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[
                    task.definition.task_role.role_arn,
                    task.definition.obtain_execution_role().role_arn,
                ],
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ):
            role.add_to_principal_policy(statement)
        self.not_started.grant_send_messages(role)
        return role
