"""Draw graphs in the order in which a person looks for the cause of a problem."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.contract import service_metric
from infra.monitoring.traffic import Traffic

# A table: graphs of Logs Insights have no series for each value of a field.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_Insights-Visualizing-Log-Data.html
_VERSIONS = """filter ispresent(Version)
| stats sum(Requests) as requests, sum(Responses5xx) as errors, max(@timestamp) as last by Version
| sort last desc"""


class Dashboard(cloudwatch.Dashboard):
    """A dashboard that shows alarms, traffic, errors, latency, saturation, tasks, memory and versions."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment_name: str,
        traffic: Traffic,
        service: ecs.FargateService,
        log_group: logs.ILogGroup,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        stack = Stack.of(scope)
        # By a name that begins with the stack's, policies tell whose it is. Dashboards belong to no region.
        name = f"{stack.stack_name}-{stack.region}"
        super().__init__(scope, id, dashboard_name=name, default_interval=Duration.hours(3))

        def own(name: str, statistic: str) -> cloudwatch.IMetric:
            return service_metric(name, environment_name=environment_name, statistic=statistic)

        self.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24, height=3)
        )
        self.add_widgets(
            _graph("Requests a minute", traffic.requests),
            _graph("5xx a minute", traffic.errors),
            _graph("Latency, s", *(traffic.latency(each) for each in ("p50", "p95", "p99"))),
        )
        self.add_widgets(
            _graph("Busy threads, % (the autoscaler's target)", own("Saturation", "Average")),
            _graph("Tasks", traffic.healthy, traffic.unhealthy),
            _graph(
                "CPU and memory, %", service.metric_cpu_utilization(), service.metric_memory_utilization()
            ),
        )
        self.add_widgets(
            cloudwatch.LogQueryWidget(
                title="Requests by version",
                log_group_names=[log_group.log_group_name],
                query_string=_VERSIONS,
                view=cloudwatch.LogQueryVisualizationType.TABLE,
                width=8,
            ),
            _graph(
                "Refused because full, and workers replaced",
                own("ShedRequests", "Sum"),
                own("WorkerRestarts", "Sum"),
            ),
            _graph("What costs: vCPUs and GB in use", *_reserved(service)),
        )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, left=list(metrics), width=8, left_y_axis=cloudwatch.YAxisProps(min=0)
    )


def _reserved(service: ecs.FargateService) -> list[cloudwatch.IMetric]:
    definition = service.task_definition.node.default_child
    cpu, memory = (float(getattr(definition, name)) for name in ("cpu", "memory"))
    tasks = service.metric_cpu_utilization(statistic="SampleCount", period=Duration.minutes(1))
    return [
        cloudwatch.MathExpression(
            expression=f"tasks * {size:g}",
            using_metrics={"tasks": tasks},
            period=Duration.minutes(1),
            label=label,
        )
        for size, label in ((cpu / 1024, "vCPUs"), (memory / 1024, "GB"))
    ]
