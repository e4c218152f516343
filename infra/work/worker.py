"""Create a service of the same image without a load balancer, with as many tasks as there is work for."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct, IDependable

from infra.network import Network
from infra.parameters import Worker
from infra.task import Task
from infra.work.queue import WorkQueue

_MINUTE = Duration.minutes(1)
# Of a worker without a queue, whose backlog nobody knows.
_CPU_PERCENT = 70


class WorkerService(Construct):
    """A service that runs `choice.command`, and its queue if it has one.

    `security_group` is that of the service's own tasks: what they reach, workers reach, and nobody either.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: Worker,
        task: Task,
        cluster: ecs.ICluster,
        network: Network,
        security_group: ec2.ISecurityGroup,
        after: Sequence[IDependable],
        removal_policy: RemovalPolicy,
    ) -> None:
        """Create it; tasks start once what it comes `after` is there, such as the providers of capacity."""
        super().__init__(scope, id)
        self.choice = choice
        self.definition = task.worker_definition(choice)
        self.queue = (
            WorkQueue(
                self,
                "Work",
                choice=choice.queue,
                longest_job_s=choice.longest_job_s,
                removal_policy=removal_policy,
            )
            if choice.queue
            else None
        )
        # No desired count: a deployment would take away tasks that the autoscaler has added.
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=self.definition,
            vpc_subnets=network.task_subnets,
            assign_public_ip=network.tasks_need_public_ips,
            security_groups=[security_group],
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(capacity_provider="FARGATE", weight=1)
            ],
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
        )
        network.join(self.service)
        self.service.node.add_dependency(*after)
        # Each task sends one sample a minute, so the samples count the tasks.
        self.tasks = self.service.metric_cpu_utilization(period=_MINUTE, statistic="SampleCount")
        self._scale()

    def _scale(self) -> None:
        count = self.service.auto_scale_task_count(min_capacity=self.choice.min, max_capacity=self.choice.max)
        target = self.service.node.find_child("TaskCount").node.find_child("Target")
        # As for the service itself (infra/compute/scaling.py): https://github.com/aws/aws-cdk/issues/4108
        cast("autoscaling.CfnScalableTarget", target.node.default_child).add_property_deletion_override(
            "RoleARN"
        )
        if not (self.queue and self.choice.queue):
            count.scale_on_cpu_utilization("Cpu", target_utilization_percent=_CPU_PERCENT)
            return
        most = self.choice.queue.backlog_per_task
        count.scale_on_metric(
            "Backlog",
            metric=self._backlog(self.queue),
            adjustment_type=autoscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
            min_adjustment_magnitude=1,
            scaling_steps=[
                autoscaling.ScalingInterval(upper=most / 2, change=-10),
                autoscaling.ScalingInterval(lower=most, change=50),
                autoscaling.ScalingInterval(lower=2 * most, change=100),
            ],
            cooldown=Duration.minutes(2),
        )

    def _backlog(self, queue: WorkQueue) -> cloudwatch.IMetric:
        """Return the messages for each task: a target for it, as AWS proposes, takes no metric math here.

        https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
        """
        return cloudwatch.MathExpression(
            # Messages in work count too, or a task would be removed while it is at the last of them.
            expression="(waiting + working) / FILL(tasks, 1)",
            using_metrics={
                "waiting": queue.queue.metric_approximate_number_of_messages_visible(
                    period=_MINUTE, statistic="Maximum"
                ),
                "working": queue.queue.metric_approximate_number_of_messages_not_visible(
                    period=_MINUTE, statistic="Maximum"
                ),
                "tasks": self.tasks,
            },
            period=_MINUTE,
            label="Messages for each task",
        )
