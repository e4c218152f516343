"""Queue worker: a second service of the same image that works off a queue, with as many tasks as needed.

For mail, reports or thumbnails: work that a request starts and nobody waits for. A task that waits for work
costs as much as a task of the service. Not for jobs of more than two minutes, which Fargate would cut at
the next deployment. Not for jobs at a time of day: let EventBridge Scheduler run a task.

    if stack.parameters.name == "prod":
        QueueWorker(stack, "Worker", command=["python", "-m", "shop.jobs"], longest_job_s=60)

App and worker get the queue's address in QUEUE_URL; the app sends jobs. The command, here the module jobs of
a package in service/src, has the service's settings, secrets and role: it receives jobs, does them, and
deletes them; on SIGTERM it takes no more jobs and finishes the one it has. A job that failed
three times goes to the dead letter queue, and an alarm says so. The log is the service's. A rotated secret
restarts the service alone: the worker gets the new value at the next deployment.
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parameters import FARGATE_MAX_STOP_TIMEOUT_S, Endpoints, NewVpc
from infra.stack import WebStack

_ATTEMPTS = 3
# Between the end of the last job and the end of the process.
_RESERVE_S = 5
_MINUTE = Duration.minutes(1)


class QueueWorker(Construct):
    """A queue, its dead letter queue, and a service without a load balancer that works the queue off.

    The service runs `min_tasks` to `max_tasks` tasks, so many that each has at most `jobs_per_task` jobs
    waiting or in work. Raises ValueError for numbers that contradict each other, and where tasks could not
    reach SQS.
    """

    def __init__(
        self,
        stack: WebStack,
        id: str,
        *,
        command: Sequence[str],
        longest_job_s: int,
        jobs_per_task: int = 100,
        min_tasks: int = 1,
        max_tasks: int = 10,
    ) -> None:
        super().__init__(stack, id)
        _check(stack, longest_job_s, min_tasks, max_tasks)
        keep = stack.parameters.removal == "retain"
        removal = RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(14),
            removal_policy=removal,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            removal_policy=removal,
            # With a shorter timeout, SQS would give a slow job to a second task.
            visibility_timeout=Duration.seconds(2 * longest_job_s),
            receive_message_wait_time=Duration.seconds(20),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_ATTEMPTS),
        )
        definition = self._definition(stack, command, longest_job_s)
        # The worker has the service's role.
        self.queue.grant_send_messages(definition.task_role)
        self.queue.grant_consume_messages(definition.task_role)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=stack.web.cluster,
            task_definition=definition,
            vpc_subnets=stack.network.task_subnets,
            assign_public_ip=stack.network.tasks_need_public_ips,
            security_groups=[
                ec2.SecurityGroup(
                    self, "Group", vpc=stack.network.vpc, description="The worker: reached by nobody"
                )
            ],
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self.service.node.add_dependency(stack.network.way_out)
        self._scale(jobs_per_task, min_tasks, max_tasks)
        self._tell(stack)

    def _definition(
        self, stack: WebStack, command: Sequence[str], longest_job_s: int
    ) -> ecs.FargateTaskDefinition:
        definition = stack.task.one_off_definition(
            f"{self.node.id}Definition", name="worker", command=command
        )
        stack.task.add_variable("QUEUE_URL", self.queue.queue_url)
        # Set through the L1: the L2 takes the stop timeout only when the container is made.
        cast("ecs.CfnTaskDefinition", definition.node.default_child).add_property_override(
            "ContainerDefinitions.0.StopTimeout",
            max(longest_job_s + _RESERVE_S, stack.timeouts.stop_timeout_s),
        )
        return definition

    def _scale(self, jobs_per_task: int, min_tasks: int, max_tasks: int) -> None:
        # Jobs in work count too, or a task would be removed while it still works on the last jobs.
        backlog = cloudwatch.MathExpression(
            expression="(waiting + working) / FILL(tasks, 1)",
            using_metrics={
                "waiting": self.queue.metric_approximate_number_of_messages_visible(
                    period=_MINUTE, statistic="Maximum"
                ),
                "working": self.queue.metric_approximate_number_of_messages_not_visible(
                    period=_MINUTE, statistic="Maximum"
                ),
                # Each task sends one sample a minute, so the samples count the tasks.
                "tasks": self.service.metric_cpu_utilization(period=_MINUTE, statistic="SampleCount"),
            },
            period=_MINUTE,
            label="Jobs for each task",
        )
        self.service.auto_scale_task_count(min_capacity=min_tasks, max_capacity=max_tasks).scale_on_metric(
            "Backlog",
            metric=backlog,
            adjustment_type=autoscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
            min_adjustment_magnitude=1,
            scaling_steps=[
                autoscaling.ScalingInterval(upper=jobs_per_task / 2, change=-10),
                autoscaling.ScalingInterval(lower=jobs_per_task, change=50),
                autoscaling.ScalingInterval(lower=2 * jobs_per_task, change=100),
            ],
            cooldown=Duration.minutes(2),
        )

    def _tell(self, stack: WebStack) -> None:
        alarm = self.dead_letters.metric_approximate_number_of_messages_visible(
            period=_MINUTE, statistic="Maximum"
        ).create_alarm(
            self,
            "JobsFailed",
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=(
                f"A job failed {_ATTEMPTS} times and is among the dead letters. First "
                f"`make logs ENV={stack.parameters.name}`; SQS can send it to the queue again."
            ),
        )
        alarm.add_alarm_action(actions.SnsAction(stack.monitoring.topic))
        alarm.add_ok_action(actions.SnsAction(stack.monitoring.topic))


def _check(stack: WebStack, longest_job_s: int, min_tasks: int, max_tasks: int) -> None:
    longest = FARGATE_MAX_STOP_TIMEOUT_S - _RESERVE_S
    if not 1 <= longest_job_s <= longest:
        raise ValueError(
            f"longest_job_s is {longest_job_s}: give 1 to {longest}, since Fargate ends a task at most "
            f"{FARGATE_MAX_STOP_TIMEOUT_S} s after SIGTERM"
        )
    if not 1 <= min_tasks <= max_tasks:
        raise ValueError(
            f"min_tasks is {min_tasks} and max_tasks {max_tasks}: give 1 or more, and max_tasks no "
            "lower; without a task there is no backlog of each, and nothing would start one"
        )
    network = stack.parameters.network
    if (
        isinstance(network, NewVpc)
        and isinstance(network.egress, Endpoints)
        and "sqs" not in network.egress.services
    ):
        raise ValueError(
            f"network.egress.services are {', '.join(network.egress.services) or 'none'}, by which tasks do "
            "not reach SQS: add 'sqs'"
        )
