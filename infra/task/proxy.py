"""Proxy: nginx or Apache in each task, between the load balancer and Gunicorn."""

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.parameters import ProxyKind, Timeouts
from infra.task.containers import USER_ID, add_tmp, without_capabilities

# Where Gunicorn listens behind a proxy: on 127.0.0.1, so that nobody goes around it.
APP_PORT = 8001
SOURCES = Path(__file__).resolve().parent / "proxies"


class Proxy(Construct):
    """A container that buffers slow clients, refuses what would only wait, compresses, serves static files.

    Its image is built from infra/task/proxies/<kind>, whose `start` reads the variables set here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        kind: ProxyKind,
        port: int,
        tls: bool,
        task_definition: ecs.FargateTaskDefinition,
        platform: ecr_assets.Platform,
        logging: ecs.LogDriver,
        slots: int,
        max_body_bytes: int,
        timeouts: Timeouts,
    ) -> None:
        super().__init__(scope, id)
        self.image = ecr_assets.DockerImageAsset(
            self, "Image", directory=str(SOURCES / kind), platform=platform
        )
        self.container = task_definition.add_container(
            "proxy",
            image=ecs.ContainerImage.from_docker_image_asset(self.image),
            environment={
                # One request in each slot of Gunicorn, one that waits for it; more are answered 503 at once.
                **({"UPSTREAM_CONNECTIONS": str(2 * slots)} if kind == "nginx" else {}),
                "PORT": str(port),
                **({"TLS_TO_TASKS": "1"} if tls else {}),
                "UPSTREAM_PORT": str(APP_PORT),
                "MAX_CONTENT_LENGTH_BYTES": str(max_body_bytes),
                "KEEPALIVE_S": str(timeouts.gunicorn_keepalive_s),
                # Below Gunicorn's own keep-alive, as the load balancer's is below the proxy's.
                "UPSTREAM_KEEPALIVE_S": str(timeouts.alb_idle_s),
                "READ_TIMEOUT_S": str(timeouts.alb_idle_s),
                "GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
                "LAME_DUCK_S": str(timeouts.lame_duck_s),
            },
            # A name, by which Service Connect finds it.
            port_mappings=[ecs.PortMapping(name="web", container_port=port)],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(self),
            stop_timeout=Duration.seconds(timeouts.stop_timeout_s),
            logging=logging,
        )
        add_tmp(task_definition, self.container, volume="proxy-tmp")
