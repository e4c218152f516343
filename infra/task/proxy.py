"""Put nginx or Apache in each task, between the load balancer and Gunicorn."""

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.parameters import PROXY_LINE_BYTES, TaskFields, Tasks, Timeouts
from infra.task.containers import SHARED_FOLDER, USER_ID, add_tmp, mount_shared, without_capabilities
from infra.task.image import PLATFORMS
from infra.task.ports import APP_PORT, task_port
from infra.task.variables import health_variables, max_body_bytes

SOURCES = Path(__file__).resolve().parent / "proxies"
# Requests that a worker may have at once before nginx refuses more.
_CONNECTIONS_PER_WORKER = 256


def most_connections(tasks: Tasks) -> int:
    """Return how many requests nginx lets in before it knows for how many there is time.

    It is a wall against the flood of one moment: a request for each CPU unit, which are two seconds of work
    at 2 ms each. Of more, the workers would refuse most later, for fifteen times as much CPU as nginx.
    """
    return min(tasks.cpu, _CONNECTIONS_PER_WORKER * tasks.gunicorn_workers)


class Proxy(Construct):
    """A container that buffers slow clients, refuses floods, compresses, and serves static files.

    Its image is built from infra/task/proxies/<kind>, whose script `start` reads the variables set here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        parameters: TaskFields,
        timeouts: Timeouts,
        version: str,
        hops: int,
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
            environment={
                **proxy_variables(parameters, timeouts),
                "ENVIRONMENT": parameters.name,
                "VERSION": version,
                "PROXY_HOPS": str(hops),
                "PORT": str(port),
            },
            # Service Connect finds the port by its name.
            port_mappings=[ecs.PortMapping(name="web", container_port=port)],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(self),
            stop_timeout=Duration.seconds(timeouts.stop_timeout_s),
            logging=logging,
        )
        add_tmp(definition, self.container, volume="proxy-tmp")
        mount_shared(self.container)


def proxy_variables(parameters: TaskFields, timeouts: Timeouts) -> dict[str, str]:
    """Return the proxy's variables, less those that say where it is."""
    wall = {"UPSTREAM_CONNECTIONS": str(most_connections(parameters.tasks))}
    return {
        **(wall if parameters.proxy == "nginx" else {}),
        **health_variables(parameters),
        **({"TLS_TO_TASKS": "1"} if parameters.tls_to_tasks else {}),
        "UPSTREAM_PORT": str(APP_PORT),
        "SHARED_FOLDER": SHARED_FOLDER,
        "MAX_CONTENT_LENGTH_BYTES": max_body_bytes(parameters),
        "HEADER_LINE_BYTES": str(PROXY_LINE_BYTES),
        "KEEPALIVE_S": str(timeouts.keepalive_s),
        "READ_TIMEOUT_S": str(timeouts.alb_idle_s),
        "GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
        "LAME_DUCK_S": str(timeouts.lame_duck_s),
    }
