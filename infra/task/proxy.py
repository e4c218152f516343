"""Put nginx or Apache in each task, between the load balancer and Gunicorn."""

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.parameters import TaskFields, Timeouts
from infra.task.containers import USER_ID, add_tmp, without_capabilities
from infra.task.image import PLATFORMS
from infra.task.ports import APP_PORT, task_port
from infra.task.variables import health_variables, max_body_bytes

SOURCES = Path(__file__).resolve().parent / "proxies"


class Proxy(Construct):
    """A container that buffers slow clients, answers 503 under overload, compresses, and caches static files.

    Its image is built from infra/task/proxies/<kind>, whose script `start` reads the variables set here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        parameters: TaskFields,
        timeouts: Timeouts,
        definition: ecs.FargateTaskDefinition,
        logging: ecs.LogDriver,
    ) -> None:
        super().__init__(scope, id)
        port = task_port(tls=parameters.tls_to_tasks)
        self.image = ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=str(SOURCES / parameters.proxy),
            platform=PLATFORMS[parameters.tasks.architecture],
        )
        self.container = definition.add_container(
            "proxy",
            image=ecs.ContainerImage.from_docker_image_asset(self.image),
            environment=_variables(parameters, timeouts, port),
            # Service Connect finds the port by its name.
            port_mappings=[ecs.PortMapping(name="web", container_port=port)],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(self),
            stop_timeout=Duration.seconds(timeouts.stop_timeout_s),
            logging=logging,
        )
        add_tmp(definition, self.container, volume="proxy-tmp")


def _variables(parameters: TaskFields, timeouts: Timeouts, port: int) -> dict[str, str]:
    slots = parameters.tasks.gunicorn_workers * parameters.tasks.gunicorn_threads
    # Each thread of Gunicorn may have a request, and one that waits; nginx answers any more with 503 at once.
    of_nginx = {"UPSTREAM_CONNECTIONS": str(2 * slots), **health_variables(parameters)}
    return {
        **(of_nginx if parameters.proxy == "nginx" else {}),
        "PORT": str(port),
        **({"TLS_TO_TASKS": "1"} if parameters.tls_to_tasks else {}),
        "UPSTREAM_PORT": str(APP_PORT),
        "MAX_CONTENT_LENGTH_BYTES": max_body_bytes(parameters),
        "KEEPALIVE_S": str(timeouts.gunicorn_keepalive_s),
        # Below Gunicorn's own keep-alive, as the load balancer's is below the proxy's.
        "UPSTREAM_KEEPALIVE_S": str(timeouts.alb_idle_s),
        "READ_TIMEOUT_S": str(timeouts.alb_idle_s),
        "GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
        "LAME_DUCK_S": str(timeouts.lame_duck_s),
    }
