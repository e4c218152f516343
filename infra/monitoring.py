"""Monitoring: alarms and whom they tell, failed deployments, the budget, and where to look then."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.budget import Budget
from infra.dashboard import Dashboard
from infra.environment.alarms import Alarms
from infra.saved_queries import SavedQueries
from infra.service_metrics import service_metric
from infra.topic import Topic
from infra.traffic import MINUTE, Traffic


class Monitoring(Construct):
    """Alarms that page, some of which also undo a deployment, with what to do first in each description.

    `load_balancer` is the environment's own: the errors of a shared one may be somebody else's.
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
        log_group: logs.ILogGroup,
        max_tasks: int,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, id)
        self.topic = Topic(self, "Topic", email=alarms.email)
        self._name = environment_name
        traffic = Traffic(target_groups)
        undoing = self._undoing(traffic, load_balancer, alarms)
        if alarms.roll_back_deployments:
            service.enable_deployment_alarms(
                [alarm.alarm_name for alarm in undoing], behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
            )
        paging = self._paging(traffic, service, max_tasks)
        self._tell_failed_deployments(service)
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
            alarms=[*undoing, *paging],
        )

    def _undoing(
        self, traffic: Traffic, load_balancer: elbv2.ApplicationLoadBalancer | None, alarms: Alarms
    ) -> list[cloudwatch.Alarm]:
        """Those that a bad release sets off."""
        made = [
            self._alarm(
                "TargetErrors",
                traffic.error_percent,
                alarms.error_percent,
                "The service answers with 5xx. First the saved queries 'errors by version' and 'exceptions'.",
            ),
            self._alarm(
                "Latency",
                traffic.latency("p95"),
                alarms.p95_latency_s,
                "One request in 20 takes too long. First the saved query 'slowest routes', then saturation.",
            ),
            self._alarm(
                "UnhealthyTasks", traffic.unhealthy, 0, "A task fails its health check. First {logs}."
            ),
        ]
        if load_balancer:
            errors = load_balancer.metrics.http_code_elb(
                elbv2.HttpCodeElb.ELB_5XX_COUNT, period=MINUTE, label="5xx of the load balancer"
            )
            sentence = "The load balancer answers 5xx itself: no task took the request. First {status}."
            made.append(self._alarm("BalancerErrors", errors, 5, sentence))
        return made

    def _paging(
        self, traffic: Traffic, service: ecs.FargateService, max_tasks: int
    ) -> list[cloudwatch.Alarm]:
        """Those that a release is not to blame for alone."""

        def own(name: str, statistic: str) -> cloudwatch.IMetric:
            return service_metric(name, environment_name=self._name, statistic=statistic)

        return [
            # A quarter of an hour at the maximum is not a peak but a limit.
            self._alarm(
                "TasksAtMax",
                traffic.healthy,
                max_tasks - 1,
                "The autoscaler has no task left to add. First raise tasks.max, or look at {status}.",
                minutes=15,
            ),
            self._alarm(
                "Saturated",
                own("Saturation", "Average"),
                90,
                "Nearly all threads are busy: requests wait. First {status}: are there tasks still starting?",
                minutes=5,
            ),
            self._alarm(
                "ShedRequests",
                own("ShedRequests", "Sum"),
                0,
                "Requests are refused with 503 because all threads are busy. First as for Saturated.",
                minutes=5,
            ),
            self._alarm(
                "WorkerRestarts",
                own("WorkerRestarts", "Sum"),
                3,
                "Workers keep dying: out of memory, or a crash. First {logs}, and look for SIGKILL.",
                minutes=5,
            ),
            self._alarm(
                "Memory",
                service.metric_memory_utilization(period=MINUTE),
                85,
                "Tasks are killed at 100 % of their memory. First raise memory_mib, or lower workers.",
                minutes=5,
            ),
        ]

    def _alarm(
        self, id: str, metric: cloudwatch.IMetric, threshold: float, description: str, *, minutes: int = 3
    ) -> cloudwatch.Alarm:
        commands = {name: f"`make {name} ENV={self._name}`" for name in ("status", "logs")}
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes if minutes > 3 else 2,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description.format(**commands),
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm

    def _tell_failed_deployments(self, service: ecs.FargateService) -> None:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
        events.Rule(
            self,
            "DeploymentFailed",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Deployment State Change"],
                resources=[service.service_arn],
                detail={"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            ),
            targets=[
                targets.SnsTopic(
                    self.topic,
                    # Without a role the CDK would let the events of every account publish.
                    authorize_using_role=True,
                    message=events.RuleTargetInput.from_text(
                        f"A deployment of {self._name} failed. First `make why ENV={self._name}`. "
                        f"{events.EventField.from_path('$.detail.reason')}"
                    ),
                )
            ],
        )
