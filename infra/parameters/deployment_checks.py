"""Refuse deployments and schedules that contradict the rest of an environment."""

from collections.abc import Iterator

from infra.parameters.deployment import BlueGreen
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import NewLoadBalancer

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html
_MOST_MINUTES = 33 * 60


def deployment_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield each parameter that contradicts a blue/green deployment."""
    deployment, scaling = environment.deployment, environment.scaling
    if not isinstance(deployment, BlueGreen):
        return
    name = type(deployment).__name__
    for field in ("requests_per_task_per_minute", "response_time_s"):
        if getattr(scaling, field) is not None:
            yield (
                f"deployment is {name} and scaling.{field} is {getattr(scaling, field)}, but its metric is "
                f"of one target group and {name} moves between two: set it to None or deployment to Rolling()"
            )
    if deployment.minutes > _MOST_MINUTES:
        yield (
            f"deployment is {name} and takes {deployment.minutes} minutes with its steps, but CloudFormation "
            f"refuses more than {_MOST_MINUTES} (33 hours): lower step_minutes or bake_minutes"
        )
    if not environment.alarms.roll_back_deployments:
        yield (
            f"deployment is {name} and alarms.roll_back_deployments is False, so nothing would roll back "
            "a bad version: set it to True, or deployment to Rolling(), which has a circuit breaker"
        )
    if deployment.test_port and not isinstance(environment.load_balancer, NewLoadBalancer):
        yield (
            f"deployment.test_port is {deployment.test_port}, but a shared load balancer gets no second "
            "listener: set it to None, or load_balancer to NewLoadBalancer()"
        )
    if deployment.test_port in {80, 443}:
        yield f"deployment.test_port is {deployment.test_port}, which is for users: choose one such as 8443"


def schedule_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield a problem if schedules leave no task while alarms send mail."""
    if environment.scaling.reaches_zero and environment.alarms.email:
        yield (
            f"scaling.schedules leave no task at times, and alarms.email is '{environment.alarms.email}', "
            "who would be told of every visitor who then gets a 503: remove it, or keep one task"
        )
