"""Define the fields of an environment that describe its service: scaling, deployments, routing."""

from pydantic import Field

from infra.parameters.deployment import Deployment, Rolling
from infra.parameters.scaling import ScalingTargets
from infra.parameters.target_group import Routing
from infra.parameters.task_fields import TaskFields


class ServiceFields(TaskFields):
    """The part of an environment from which the ECS service and its target groups follow."""

    scaling: ScalingTargets = ScalingTargets()
    deployment: Deployment = Rolling()
    routing: Routing = Routing()
    container_insights: bool = Field(
        default=False,
        description="metrics of each task and container in CloudWatch (enhanced observability), paid by the "
        "observation: a few dollars a month for two tasks, growing with each",
    )
    execute_command: bool = Field(
        default=False,
        description="allow `make exec` to open a shell in a task, as root, and log all that is typed there",
    )
