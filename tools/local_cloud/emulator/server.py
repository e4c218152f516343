"""Serve the AWS APIs and the front of the deployed load balancer, each on a loopback port.

Paths under `/_local_cloud/` are no API of AWS: `resource-types` lists what CloudFormation can create here,
`ecs` takes the runner's reports, `scaling` what its autoscaler did, `logs` what containers write, `database`
and `cache` the places of this machine's PostgreSQL and Valkey.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app

from tools.local_cloud.emulator import (
    caches,
    cloudfront,
    containers,
    databases,
    deployments,
    dns,
    front,
    load_balancer,
    log_driver,
    log_groups,
    mail,
    monitoring,
    network,
    one_offs,
    refusals,
    rotation,
    scaling,
    secrets_manager,
    storage,
    tasks,
    waf,
)
from tools.local_cloud.emulator.resources import HANDLERS, Props

_OURS = "/_local_cloud/"


@dataclass(frozen=True, kw_only=True)
class Server:
    """The emulator's ASGI application."""

    port: int
    front_port: int

    async def __call__(self, scope: Props, receive: Any, send: Any) -> None:
        """Send a request to the front, to our own paths, or to ministack."""
        if scope["type"] != "lifespan" and scope["server"][1] == self.front_port:
            await front.answer(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(_OURS):
            await self._ours(scope, receive, send)
        else:
            await app.app(scope, receive, send)

    async def _ours(self, scope: Props, receive: Any, send: Any) -> None:
        body = await front.read_body(receive)
        name = scope["path"].removeprefix(_OURS)
        answer: Props = {}
        if name == "resource-types":
            answer = {"types": sorted(HANDLERS)}
        elif name == "ecs" and body is not None:
            answer = {"one_offs": tasks.report(json.loads(body))}
        elif name == "database" and body is not None:
            databases.told(json.loads(body))
        elif name == "cache" and body is not None:
            caches.told(json.loads(body))
        elif name == "scaling" and body is not None:
            scaling.told(json.loads(body))
        elif name == "logs" and body is not None:
            log_driver.put(json.loads(body))
        await app._send_response(send, 200, {"Content-Type": "application/json"}, json.dumps(answer))


def extend() -> None:
    """Add all extensions to ministack; raise AttributeError or KeyError if it is not the expected version."""
    for module in (
        network,
        dns,
        storage,
        secrets_manager,
        rotation,
        databases,
        caches,
        mail,
        log_groups,
        waf,
        cloudfront,
        monitoring,
        scaling,
        load_balancer,
        containers,
        deployments,
        one_offs,
        tasks,
        refusals,
    ):
        module.install()


def run(server: Server) -> None:
    """Serve until the process is told to stop."""
    config = Config()
    config.bind = [f"127.0.0.1:{server.port}", f"127.0.0.1:{server.front_port}"]
    config.keep_alive_timeout = 75
    # hypercorn would close a connection after 1000 requests without saying so, and lose the next one.
    config.keep_alive_max_requests = 2**31
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    asyncio.run(serve(server, config))  # type: ignore[arg-type,unused-ignore] # typed in its own environment alone
