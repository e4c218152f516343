"""Add and remove tasks by targets and schedules."""

from typing import Any, cast

from aws_cdk import Duration, TimeZone
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.contract import service_metric
from infra.parameters import ScalingTargets, ServiceFields


class Scaling(Construct):
    """An autoscaler that keeps its targets, with `tasks.min` to `tasks.max` tasks or a schedule's bounds.

    One target would not see everything: threads that wait use no CPU, and heavy requests are few.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: ecs.FargateService,
        target_group: elbv2.ApplicationTargetGroup,
        parameters: ServiceFields,
    ) -> None:
        super().__init__(scope, id)
        tasks, targets = parameters.tasks, parameters.scaling
        self._count = service.auto_scale_task_count(min_capacity=tasks.min, max_capacity=tasks.max)
        self._target = cast(
            "autoscaling.ScalableTarget", service.node.find_child("TaskCount").node.find_child("Target")
        )
        # The CDK names AWS's own role for this, which an account that never scaled ECS does not have.
        # Without the name, AWS makes the role where it is missing: https://github.com/aws/aws-cdk/issues/4108
        cast("autoscaling.CfnScalableTarget", self._target.node.default_child).add_property_deletion_override(
            "RoleARN"
        )
        self._cooldowns: dict[str, Any] = {
            "scale_out_cooldown": Duration.seconds(targets.out_cooldown_s),
            "scale_in_cooldown": Duration.seconds(targets.in_cooldown_s),
        }
        self._track(targets, target_group, parameters.name)
        if targets.fast_metrics:
            self._read_faster(service, targets)
        if targets.predict != "off":
            self._predict(service, targets)
        for schedule in targets.schedules:
            self._count.scale_on_schedule(
                schedule.name,
                schedule=autoscaling.Schedule.expression(f"cron({schedule.cron})"),
                min_capacity=schedule.min,
                max_capacity=schedule.max,
                time_zone=TimeZone.of(targets.time_zone),
            )

    def _track(
        self, targets: ScalingTargets, target_group: elbv2.ApplicationTargetGroup, environment_name: str
    ) -> None:
        count, cooldowns = self._count, self._cooldowns
        if targets.saturation_percent:
            count.scale_to_track_custom_metric(
                "Saturation",
                metric=service_metric("Saturation", environment_name=environment_name, statistic="Average"),
                target_value=targets.saturation_percent,
                **cooldowns,
            )
        if targets.cpu_percent:
            count.scale_on_cpu_utilization("Cpu", target_utilization_percent=targets.cpu_percent, **cooldowns)
        if targets.memory_percent:
            count.scale_on_memory_utilization(
                "Memory", target_utilization_percent=targets.memory_percent, **cooldowns
            )
        if targets.requests_per_task_per_minute:
            count.scale_on_request_count(
                "Requests",
                target_group=target_group,
                requests_per_target=targets.requests_per_task_per_minute,
                **cooldowns,
            )
        if targets.response_time_s:
            count.scale_to_track_custom_metric(
                "ResponseTime",
                metric=target_group.metrics.target_response_time(period=Duration.minutes(1)),
                target_value=targets.response_time_s,
                **cooldowns,
            )

    def _read_faster(self, service: ecs.FargateService, targets: ScalingTargets) -> None:
        # L1, because the L2 has neither the metrics nor the policy: https://github.com/aws/aws-cdk/issues/38207
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html
        names = {"Cpu": "CPUUtilization", "Memory": "MemoryUtilization"}
        asked = {"Cpu": targets.cpu_percent, "Memory": targets.memory_percent}
        used = [name for name, percent in asked.items() if percent]
        cast(
            "ecs.CfnService", service.node.default_child
        ).monitoring = ecs.CfnService.MonitoringConfigurationProperty(
            metric_configurations=[
                ecs.CfnService.MetricConfigurationProperty(
                    metric_names=[names[name] for name in used], resolution_seconds=20
                )
            ]
        )
        for name in used:
            policy = self._target.node.find_child(name).node.default_child
            cast("autoscaling.CfnScalingPolicy", policy).add_property_override(
                "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
                f"ECSServiceAverage{names[name]}HighResolution",
            )

    def _predict(self, service: ecs.FargateService, targets: ScalingTargets) -> None:
        # L1, because the L2 has no predictive scaling.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/predictive-auto-scaling.html
        policy = autoscaling.CfnScalingPolicy
        policy(
            self,
            "Predictive",
            policy_name=f"{service.node.path}/Predictive".replace("/", "-"),
            policy_type="PredictiveScaling",
            scaling_target_id=self._target.scalable_target_id,
            predictive_scaling_policy_configuration=policy.PredictiveScalingPolicyConfigurationProperty(
                mode="ForecastOnly" if targets.predict == "forecast" else "ForecastAndScale",
                metric_specifications=[
                    policy.PredictiveScalingMetricSpecificationProperty(
                        target_value=targets.cpu_percent or 0,
                        predefined_metric_pair_specification=policy.PredictiveScalingPredefinedMetricPairProperty(
                            predefined_metric_type="ECSServiceCPUUtilization"
                        ),
                    )
                ],
            ),
        )
