"""Define the fields of an environment that describe its tasks: image, size, containers, variables, log."""

from pydantic import Field

from infra.parameters.formats import LogDays, VariableName
from infra.parameters.image import BuildImage, Image
from infra.parameters.place_fields import PlaceFields
from infra.parameters.sidecar import Sidecar
from infra.parameters.target_group import HealthCheck
from infra.parameters.tasks import DEFAULT_MAX_BODY_MIB, ProxyKind, Tasks


class TaskFields(PlaceFields):
    """The part of an environment from which a task definition follows."""

    image: Image = BuildImage()
    tasks: Tasks = Tasks()
    proxy: ProxyKind = Field(
        default="nginx",
        description="server before Gunicorn in each task, which buffers, limits and compresses",
    )
    tls_to_tasks: bool = Field(
        default=False,
        description="TLS between load balancer and tasks, with certificates that the tasks create",
    )
    # 1 GiB is the service's own maximum (service/kit/settings.py). Bodies wait in files on the task's disk of
    # at least 20 GiB. The memory check counts a body for each thread, so in practice the disk holds them too.
    max_body_mib: int = Field(
        default=DEFAULT_MAX_BODY_MIB,
        ge=1,
        le=1024,
        description="largest request body; larger ones get 413. Above 10, each thread needs more memory",
    )
    health_check: HealthCheck = HealthCheck()
    variables: dict[VariableName, str] = Field(
        default_factory=dict, description="environment variables of the service, readable in the template"
    )
    sidecars: tuple[Sidecar, ...] = Field(default=(), description="further containers in each task")
    trace_percent: float = Field(
        default=0,
        ge=0,
        le=100,
        description="share of requests traced in X-Ray, %; above 0, every request costs more CPU",
    )
    log_days: LogDays = Field(
        default=30, description="days to keep the service's log: 1, 3, 5, 7, 14, 30 ..."
    )
