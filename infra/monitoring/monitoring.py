"""Create alarms, messages about failed deployments, the dashboard and the budget of a service."""

from collections.abc import Sequence

from aws_cdk import Annotations, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.monitoring.alarms import AlarmSet
from infra.monitoring.budget import Budget
from infra.monitoring.chat import Chat
from infra.monitoring.dashboard import Dashboard
from infra.monitoring.saved_queries import SavedQueries
from infra.monitoring.topic import Topic
from infra.monitoring.traffic import Traffic
from infra.parameters import Alarms, Deployment, Rolling, Tasks
from infra.work import ScheduledJobs, WorkerService


class Monitoring(Construct):
    """Alarms that tell a topic, some of which also roll back a deployment, and the places to look at then.

    `load_balancer` is the environment's own, or None: errors of a shared one may belong to another service.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment_name: str,
        load_balancer: elbv2.ApplicationLoadBalancer | None,
        target_groups: Sequence[elbv2.ApplicationTargetGroup],
        service: ecs.FargateService,
        workers: Sequence[WorkerService],
        jobs: ScheduledJobs | None,
        log_group: logs.ILogGroup,
        tasks: Tasks,
        deployment: Deployment,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, id)
        self.topic = Topic(self, "Topic", email=alarms.email)
        self._name = environment_name
        in_chat = alarms.slack or alarms.teams
        self._chat = Chat(self, "Chat", alarms=alarms, topic=self.topic) if in_chat else None
        if alarms.unheard:
            Annotations.of(self).add_warning_v2(
                "flask-fargate:nobody-told",
                f"{alarms.unheard}: nobody is told of alarms, failed deployments and the budget.",
            )
        traffic = Traffic(target_groups, environment_name=environment_name)
        alarm_set = AlarmSet(self, topic=self.topic, environment_name=environment_name)
        # Rolling deployments have a circuit breaker, and their failure is an event.
        dead_tasks = None if isinstance(deployment, Rolling) else self._count_dead_tasks(service)
        rollback_alarms = alarm_set.rollback_alarms(traffic, load_balancer, alarms, dead_tasks)
        if alarms.roll_back_deployments:
            service.enable_deployment_alarms(
                [alarm.alarm_name for alarm in rollback_alarms], behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
            )
        capacity_alarms = alarm_set.capacity_alarms(traffic, load_balancer, service, tasks)
        worker_alarms = [alarm for worker in workers for alarm in alarm_set.worker_alarms(worker)]
        if jobs:
            worker_alarms += alarm_set.job_alarms(jobs)
            self._tell_failed_jobs(jobs, service)
        self._tell_failed_deployments([service, *(worker.service for worker in workers)])
        if alarms.monthly_budget_usd:
            Budget(
                self,
                "Budget",
                environment_name=environment_name,
                monthly_usd=alarms.monthly_budget_usd,
                topic=self.topic,
            )
        SavedQueries(self, "Queries", log_group=log_group, environment_name=environment_name)
        Dashboard(
            self,
            "Dashboard",
            environment_name=environment_name,
            traffic=traffic,
            service=service,
            log_group=log_group,
            alarms=[*rollback_alarms, *capacity_alarms, *worker_alarms],
        )

    def _count_dead_tasks(self, service: ecs.FargateService) -> cloudwatch.IMetric:
        """Return how many tasks of the service failed in ten minutes: ECS tells it by events alone.

        A deployment beside the old version has no circuit breaker, and no target group knows of an image that
        never starts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
        """
        # By its task definition: the service itself refers to the alarm.
        revisions = Stack.of(self).format_arn(
            service="ecs", resource="task-definition", resource_name=service.task_definition.family
        )
        rule = events.Rule(
            self,
            "DeadTask",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Task State Change"],
                detail={
                    "clusterArn": [service.cluster.cluster_arn],
                    "group": [{"prefix": "service:"}],
                    "taskDefinitionArn": [{"prefix": f"{revisions}:"}],
                    "lastStatus": ["STOPPED"],
                    "$or": [
                        {"stopCode": ["TaskFailedToStart", "EssentialContainerExited"]},
                        {"stoppedReason": [{"prefix": "Task failed"}]},
                    ],
                },
            ),
        )
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        return cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name="TriggeredRules",
            dimensions_map={"RuleName": rule.rule_name},
            statistic="Sum",
            period=Duration.minutes(10),
        )

    def _tell_failed_deployments(self, services: Sequence[ecs.FargateService]) -> None:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
        events.Rule(
            self,
            "DeploymentFailed",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Deployment State Change"],
                resources=[each.service_arn for each in services],
                detail={"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            ),
            targets=self._told(
                f"A deployment of {self._name} failed",
                f"First `make why ENV={self._name}`. {events.EventField.from_path('$.detail.reason')}",
            ),
        )

    def _told(self, what: str, then: str) -> list[events.IRuleTarget]:
        """Return the targets that tell it by mail and, where there are some, in channels."""
        mail = targets.SnsTopic(
            self.topic,
            # Without a role the CDK would let EventBridge rules of every account publish.
            authorize_using_role=True,
            message=events.RuleTargetInput.from_text(f"{what}. {then}"),
        )
        return [mail, *([self._chat.target(what, then)] if self._chat else [])]

    def _tell_failed_jobs(self, jobs: ScheduledJobs, service: ecs.FargateService) -> None:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
        revisions = [
            Stack.of(self).format_arn(
                service="ecs", resource="task-definition", resource_name=f"{each.family}:"
            )
            for each in jobs.definitions.values()
        ]
        events.Rule(
            self,
            "JobFailed",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Task State Change"],
                detail={
                    "clusterArn": [service.cluster.cluster_arn],
                    "taskDefinitionArn": [{"prefix": each} for each in revisions],
                    "lastStatus": ["STOPPED"],
                    "$or": [
                        {"stopCode": ["TaskFailedToStart"]},
                        {"containers": {"exitCode": [{"anything-but": [0]}]}},
                    ],
                },
            ),
            targets=self._told(
                f"A job of {self._name} failed: {events.EventField.from_path('$.detail.group')}",
                f"First `make status ENV={self._name}`. "
                f"{events.EventField.from_path('$.detail.stoppedReason')}",
            ),
        )
