"""Set how a load balancer reaches, checks and drains tasks."""

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.parameters import HealthCheck, Routing, Timeouts

_ALGORITHMS = {
    "least_outstanding_requests": elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
    "round_robin": elbv2.TargetGroupLoadBalancingAlgorithmType.ROUND_ROBIN,
    "weighted_random": elbv2.TargetGroupLoadBalancingAlgorithmType.WEIGHTED_RANDOM,
}


class TargetGroup(elbv2.ApplicationTargetGroup):
    """A target group that checks, balances and drains tasks as the parameters say."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        port: int,
        tls: bool,
        timeouts: Timeouts,
        health_check: HealthCheck,
        routing: Routing,
    ) -> None:
        protocol = elbv2.ApplicationProtocol.HTTPS if tls else elbv2.ApplicationProtocol.HTTP
        super().__init__(
            scope,
            id,
            vpc=vpc,
            port=port,
            protocol=protocol,
            target_type=elbv2.TargetType.IP,
            load_balancing_algorithm_type=_ALGORITHMS[routing.algorithm],
            enable_anomaly_mitigation=True if routing.algorithm == "weighted_random" else None,
            slow_start=Duration.seconds(routing.slow_start_s) if routing.slow_start_s else None,
            stickiness_cookie_duration=Duration.seconds(routing.sticky_s) if routing.sticky_s else None,
            deregistration_delay=Duration.seconds(timeouts.deregistration_delay_s),
            health_check=elbv2.HealthCheck(
                path=health_check.path,
                protocol=elbv2.Protocol.HTTPS if tls else elbv2.Protocol.HTTP,
                healthy_http_codes=health_check.codes,
                interval=Duration.seconds(health_check.interval_s),
                timeout=Duration.seconds(health_check.timeout_s),
                healthy_threshold_count=health_check.healthy_count,
                unhealthy_threshold_count=health_check.unhealthy_count,
            ),
        )
