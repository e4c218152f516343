"""Monitoring: alarms, whom they tell, and a dashboard that shows the same metrics."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.environment.alarms import Alarms

_MINUTE = Duration.minutes(1)


class Monitoring(Construct):
    """Alarms on errors, latency, unhealthy hosts and an exhausted autoscaler, and a dashboard of them.

    Those that a bad release sets off undo its deployment where `alarms.roll_back_deployments` says so.
    `load_balancer` is the environment's own: the errors of a shared one may be somebody else's.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        load_balancer: elbv2.ApplicationLoadBalancer | None,
        target_group: elbv2.ApplicationTargetGroup,
        service: ecs.FargateService,
        max_tasks: int,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, id)
        self.topic = self._topic(alarms.email)
        target = target_group.metrics
        # Missing 5xx are none at all, and below 20 requests a minute one error would be any percentage.
        error_rate = cloudwatch.MathExpression(
            expression="IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)",
            using_metrics={
                "errors": target.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=_MINUTE),
                "requests": target.request_count(period=_MINUTE),
            },
            period=_MINUTE,
            label="5xx of the service, %",
        )
        latency = target.target_response_time(period=_MINUTE, statistic="p95", label="p95 latency, s")
        unhealthy = target.unhealthy_host_count(period=_MINUTE, statistic="Maximum", label="unhealthy tasks")
        running = target.healthy_host_count(period=_MINUTE, statistic="Maximum", label="healthy tasks")

        release_alarms = [
            self._alarm("TargetErrors", error_rate, alarms.error_percent, "The service answers with 5xx."),
            *([self._balancer_errors(load_balancer)] if load_balancer else []),
            self._alarm("Latency", latency, alarms.p95_latency_s, "One request in 20 takes too long."),
            self._alarm("UnhealthyTasks", unhealthy, 0, "A task fails its health check."),
        ]
        # A quarter of an hour at the maximum is not a peak but a limit: raise tasks.max or find the cause.
        at_max = self._alarm(
            "TasksAtMax", running, max_tasks - 1, "The autoscaler has no task left to add.", minutes=15
        )
        if alarms.roll_back_deployments:
            service.enable_deployment_alarms(
                [alarm.alarm_name for alarm in release_alarms],
                behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM,
            )
        self._dashboard([*release_alarms, at_max], service, target.request_count(period=_MINUTE), running)

    def _balancer_errors(self, load_balancer: elbv2.ApplicationLoadBalancer) -> cloudwatch.Alarm:
        errors = load_balancer.metrics.http_code_elb(
            elbv2.HttpCodeElb.ELB_5XX_COUNT, period=_MINUTE, label="5xx of the load balancer"
        )
        return self._alarm(
            "BalancerErrors", errors, 5, "The load balancer answers 5xx itself: no task took the request."
        )

    def _topic(self, email: str | None) -> sns.Topic:
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # The policy that enforces TLS replaces the default one, under which alarms could publish.
        topic.grant_publish(
            iam.ServicePrincipal(
                "cloudwatch.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _alarm(
        self, id: str, metric: cloudwatch.IMetric, threshold: float, description: str, *, minutes: int = 3
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes if minutes > 3 else 2,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm

    def _dashboard(
        self,
        alarms: list[cloudwatch.Alarm],
        service: ecs.FargateService,
        requests: cloudwatch.IMetric,
        running: cloudwatch.IMetric,
    ) -> None:
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(3))
        dashboard.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=3))
        dashboard.add_widgets(
            cloudwatch.GraphWidget(title="Requests a minute", left=[requests], width=8),
            cloudwatch.GraphWidget(title="Tasks", left=[running], width=8),
            cloudwatch.GraphWidget(
                title="CPU and memory, %",
                left=[service.metric_cpu_utilization(), service.metric_memory_utilization()],
                width=8,
            ),
        )
        dashboard.add_widgets(
            *(cloudwatch.AlarmWidget(title=alarm.node.id, alarm=alarm, width=6) for alarm in alarms[:4])
        )
