"""Scaling: how many tasks there are."""

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.environment.scaling import ScalingTargets


class Scaling(Construct):
    """Keeps CPU and requests per task at their targets with `min_tasks` to `max_tasks` tasks.

    Both, because neither sees everything: threads that wait use no CPU, and heavy requests are few.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: ecs.FargateService,
        target_group: elbv2.ApplicationTargetGroup,
        min_tasks: int,
        max_tasks: int,
        targets: ScalingTargets,
    ) -> None:
        super().__init__(scope, id)
        out_cooldown = Duration.seconds(targets.out_cooldown_s)
        in_cooldown = Duration.seconds(targets.in_cooldown_s)
        task_count = service.auto_scale_task_count(min_capacity=min_tasks, max_capacity=max_tasks)
        task_count.scale_on_cpu_utilization(
            "Cpu",
            target_utilization_percent=targets.cpu_percent,
            scale_out_cooldown=out_cooldown,
            scale_in_cooldown=in_cooldown,
        )
        task_count.scale_on_request_count(
            "Requests",
            target_group=target_group,
            requests_per_target=targets.requests_per_task_per_minute,
            scale_out_cooldown=out_cooldown,
            scale_in_cooldown=in_cooldown,
        )
