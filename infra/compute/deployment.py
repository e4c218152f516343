"""Translate the parameter `deployment` into arguments of the L2 service."""

from typing import Any, cast

from aws_cdk import Annotations, Duration
from aws_cdk import aws_ecs as ecs

from infra.parameters import BlueGreen, Canary, Deployment, Linear, Rolling


def strategy(deployment: Deployment) -> dict[str, Any]:
    """Return the keyword arguments of `FargateService` for this kind of deployment."""
    match deployment:
        case Rolling():
            # ECS offers the circuit breaker for rolling deployments only; alarms roll the others back.
            # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
            return {"circuit_breaker": ecs.DeploymentCircuitBreaker(rollback=True)}
        case Canary():
            return {
                "deployment_strategy": ecs.DeploymentStrategy.CANARY,
                "canary_configuration": _steps(deployment),
                "bake_time": Duration.minutes(deployment.bake_minutes),
            }
        case Linear():
            return {
                "deployment_strategy": ecs.DeploymentStrategy.LINEAR,
                "linear_configuration": _steps(deployment),
                "bake_time": Duration.minutes(deployment.bake_minutes),
            }
        case BlueGreen():
            return {
                "deployment_strategy": ecs.DeploymentStrategy.BLUE_GREEN,
                "bake_time": Duration.minutes(deployment.bake_minutes),
            }


def _steps(deployment: Canary | Linear) -> ecs.TrafficShiftConfig:
    return ecs.TrafficShiftConfig(
        step_percent=deployment.percent, step_bake_time=Duration.minutes(deployment.step_minutes)
    )


def set_circuit_breaker(service: ecs.FargateService, deployment: Deployment) -> None:
    """Set how many failed tasks open the circuit breaker, which only rolling deployments have."""
    if not isinstance(deployment, Rolling):
        Annotations.of(service).acknowledge_warning(
            "@aws-cdk/aws-ecs:shouldUseCircuitBreaker", "Only rolling deployments know it; alarms end these."
        )
    if isinstance(deployment, Rolling) and deployment.failures_allowed:
        # L1: https://github.com/aws/aws-cdk/issues/38243
        cast("ecs.CfnService", service.node.default_child).add_property_override(
            "DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration",
            {"Type": "COUNT", "Value": deployment.failures_allowed},
        )
