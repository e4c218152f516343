"""Create the alarms; the description of each says what to do first."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.contract import service_metric
from infra.monitoring.traffic import MINUTE, Traffic
from infra.parameters import Alarms, Tasks
from infra.work import ScheduledJobs, WorkerService


class AlarmSet:
    """A maker of alarms that send a message to the topic when they start and when they end."""

    def __init__(self, scope: Construct, *, topic: sns.ITopic, environment_name: str) -> None:
        self._scope, self._topic, self._name = scope, topic, environment_name

    def rollback_alarms(
        self,
        traffic: Traffic,
        load_balancer: elbv2.ApplicationLoadBalancer | None,
        alarms: Alarms,
        dead_tasks: cloudwatch.IMetric | None,
    ) -> list[cloudwatch.Alarm]:
        """Create the alarms that roll back a running deployment, because a bad release sets them off."""
        made = [
            self.alarm(
                "TargetErrors",
                traffic.error_percent,
                alarms.error_percent,
                "The service answers with 5xx. First the saved queries 'errors by version' and 'exceptions'.",
            ),
            self.alarm(
                "Latency",
                traffic.latency_under_load("p95"),
                alarms.p95_latency_s,
                "One request in 20 takes too long. First the saved query 'slowest routes', then saturation.",
            ),
            self.alarm(
                "UnhealthyTasks", traffic.unhealthy, 0, "A task fails its health check. First {logs}."
            ),
        ]
        if load_balancer:
            # Without 503: before the first deployment has its tasks, visitors get it, and nothing is bad.
            code = elbv2.HttpCodeElb
            errors = cloudwatch.MathExpression(
                expression="FILL(all, 0) - FILL(none, 0)",
                using_metrics={
                    "all": load_balancer.metrics.http_code_elb(code.ELB_5XX_COUNT, period=MINUTE),
                    "none": load_balancer.metrics.http_code_elb(code.ELB_503_COUNT, period=MINUTE),
                },
                period=MINUTE,
                label="5xx of the load balancer, without 503",
            )
            sentence = "The load balancer answers 5xx itself: tasks break connections off. First {logs}."
            made.append(self.alarm("BalancerErrors", errors, 5, sentence))
        if dead_tasks:
            made.append(
                self.alarm(
                    "DeadTasks",
                    dead_tasks,
                    2,
                    "Tasks die as soon as they start, or never get healthy. First {why}.",
                    minutes=1,
                )
            )
        return made

    def capacity_alarms(
        self,
        traffic: Traffic,
        load_balancer: elbv2.ApplicationLoadBalancer | None,
        service: ecs.FargateService,
        tasks: Tasks,
    ) -> list[cloudwatch.Alarm]:
        """Create the alarms about load and capacity, which roll nothing back."""

        def own(name: str, statistic: str) -> cloudwatch.IMetric:
            return service_metric(name, environment_name=self._name, statistic=statistic)

        made = []
        if tasks.min < tasks.max:
            made.append(
                # 15 minutes: a short peak at the maximum is what the maximum is for.
                self.alarm(
                    "TasksAtMax",
                    traffic.healthy,
                    tasks.max - 1,
                    "The autoscaler has no task left to add. First raise tasks.max, or look at {status}.",
                    minutes=15,
                )
            )
        if load_balancer:
            nobody = load_balancer.metrics.http_code_elb(
                elbv2.HttpCodeElb.ELB_503_COUNT, period=MINUTE, label="503: no task was there"
            )
            sentence = "The load balancer answers 503: no task is healthy. First {status}."
            made.append(self.alarm("NoTasks", nobody, 5, sentence))
        return [
            *made,
            self.alarm(
                "Saturated",
                own("Saturation", "Average"),
                90,
                "Nearly all threads are busy: requests wait. First {status}: are there tasks still starting?",
                minutes=5,
            ),
            self.alarm(
                "ShedRequests",
                own("ShedRequests", "Sum"),
                0,
                "Requests get 503 because they would wait too long for a thread. First as for Saturated.",
                minutes=5,
            ),
            self.alarm(
                "WorkerRestarts",
                own("WorkerRestarts", "Sum"),
                3,
                "Workers keep dying: out of memory, or a crash. First {logs}, and look for SIGKILL.",
                minutes=5,
            ),
            self.alarm(
                "Memory",
                service.metric_memory_utilization(period=MINUTE),
                85,
                "Tasks are killed at 100 % of their memory. First raise memory_mib, or lower workers.",
                minutes=5,
            ),
        ]

    def worker_alarms(self, worker: WorkerService) -> list[cloudwatch.Alarm]:
        """Create the alarms about a worker and its queue, which roll nothing back."""
        name, id = worker.choice.name, worker.choice.construct_id
        made = [
            self.alarm(
                f"{id}NobodyWorks",
                worker.tasks,
                1,
                f"No task of worker '{name}' runs. First {{why}}, then {{logs}}.",
                minutes=5,
                below=True,
                silence_is_bad=True,
            )
        ]
        if worker.queue and worker.choice.queue:
            made += [
                self.alarm(
                    f"{id}DeadLetters",
                    worker.queue.dead_letters.metric_approximate_number_of_messages_visible(
                        period=MINUTE, statistic="Maximum"
                    ),
                    0,
                    f"Worker '{name}' failed at it {worker.choice.queue.attempts} times. First {{logs}};"
                    " docs/workers.md has the command that sends it again.",
                    minutes=1,
                ),
                self.alarm(
                    f"{id}OldestMessage",
                    worker.queue.queue.metric_approximate_age_of_oldest_message(
                        period=MINUTE, statistic="Maximum"
                    ),
                    worker.choice.queue.oldest_s,
                    f"Work waits too long for worker '{name}'. First {{status}}: is it at its most tasks?",
                ),
            ]
        return made

    def job_alarms(self, jobs: ScheduledJobs) -> list[cloudwatch.Alarm]:
        """Create the alarm about jobs that could not start; an event tells of those that fail."""
        return [
            self.alarm(
                "JobsNotStarted",
                jobs.not_started.metric_approximate_number_of_messages_visible(
                    period=MINUTE, statistic="Maximum"
                ),
                0,
                "A job could not start; the message in the queue says which and why. First {status}.",
                minutes=1,
            )
        ]

    def alarm(
        self,
        id: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        description: str,
        *,
        minutes: int = 3,
        below: bool = False,
        silence_is_bad: bool = False,
    ) -> cloudwatch.Alarm:
        """Create an alarm above the threshold, or below it; where silence is bad, without any data, too."""
        commands = {name: f"`make {name} ENV={self._name}`" for name in ("status", "logs", "why")}
        alarm = cloudwatch.Alarm(
            self._scope,
            id,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            if below
            else cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            datapoints_to_alarm=2 if minutes == 3 else minutes,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if silence_is_bad
            else cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description.format(**commands),
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        alarm.add_ok_action(actions.SnsAction(self._topic))
        return alarm
