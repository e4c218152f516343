"""Reach what only the tasks can reach, such as the database, from here (`make tunnel`, `make psql`).

A session of Systems Manager forwards a port through a task: no bastion and no open port.
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from tools.operate import shell
from tools.operate.consent import agreed
from tools.operate.deployed import APP, Deployed
from tools.operate.errors import OperateError, UsageError
from tools.show import console

_DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
_OPEN_WITHIN_S = 30.0
_PAUSE_S = 0.1


def tunnel(deployed: Deployed, *, to: str, port: int, token: str = "") -> int:
    """Forward a port of this machine until Ctrl-C; `to` is db, or a host and a port."""
    host, remote = _place(deployed, to)
    agreed(
        deployed, "tunnel", [f"Port {port} here leads to {host}:{remote}."], token=token, given=[f"TO={to}"]
    )
    console.print(f"127.0.0.1:{port} is {host}:{remote} of {deployed.stack}; Ctrl-C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.run(_forward(deployed, host, remote, port), check=False).returncode  # noqa: S603 (AWS's own plugin)
    return 0


def psql(deployed: Deployed, *, sql: str, token: str = "") -> int:
    """Open psql in the environment's database, as the app's user, through a tunnel that ends with it."""
    settings = _settings(deployed)
    program = shutil.which("psql")
    if not program:
        raise OperateError(
            "psql is not installed here: it comes with PostgreSQL's client (postgresql-client)."
        )
    plan = [f"psql opens in {settings['DATABASE_HOST']}" + (f" and runs: {sql}" if sql else ".")]
    agreed(deployed, "psql", plan, token=token, given=[f"SQL={sql}"] if sql else [])
    password = deployed.client("secretsmanager").get_secret_value(SecretId=settings["DATABASE_PASSWORD"])
    with _open(deployed, settings["DATABASE_HOST"], settings["DATABASE_PORT"]) as port:
        place = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": settings["DATABASE_USER"],
            "PGDATABASE": settings["DATABASE_NAME"],
            "PGPASSWORD": password["SecretString"],
            "PGSSLMODE": "require",
        }
        once = ["--command", sql] if sql else []
        return subprocess.run([program, *once], env={**os.environ, **place}, check=False).returncode  # noqa: S603 (the person's own psql)


@contextlib.contextmanager
def _open(deployed: Deployed, host: str, remote: str) -> Iterator[int]:
    """Forward a free port for a while."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = _forward(deployed, host, remote, port)
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603 (AWS's own plugin)
    try:
        ends_at = time.monotonic() + _OPEN_WITHIN_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > ends_at:
                raise OperateError(
                    f"The tunnel to {host}:{remote} did not open. `make tunnel` shows what it says."
                )
            time.sleep(_PAUSE_S)
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _forward(deployed: Deployed, host: str, remote: str, port: int) -> list[str]:
    """Start the session, and return the command that is its end here."""
    program, task = shell.plugin(), shell.open_task(deployed, "")
    asked = {
        "Target": shell.target(deployed, task, APP),
        "DocumentName": _DOCUMENT,
        "Parameters": {"host": [host], "portNumber": [remote], "localPortNumber": [str(port)]},
    }
    answer = deployed.client("ssm").start_session(**asked)
    opened = {key: answer[key] for key in ("SessionId", "TokenValue", "StreamUrl")}
    return shell.session(deployed, program, opened, asked)


def _place(deployed: Deployed, to: str) -> tuple[str, str]:
    if to == "db":
        settings = _settings(deployed)
        return settings["DATABASE_HOST"], settings["DATABASE_PORT"]
    host, colon, port = to.rpartition(":")
    if not colon or not re.fullmatch(r"[\w.-]+", host) or not port.isdigit():
        raise UsageError(f"TO is db, or a host and a port such as cache.internal:6379, not '{to}'.")
    return host, port


def _settings(deployed: Deployed) -> dict[str, str]:
    """Return what the app's container is told of its database."""
    definition = deployed.definition(deployed.service()["taskDefinition"])
    web = next(each for each in definition["containerDefinitions"] if each["name"] == APP)
    found = {each["name"]: each["value"] for each in web.get("environment", [])}
    found |= {each["name"]: each["valueFrom"] for each in web.get("secrets", [])}
    if "DATABASE_HOST" not in found:
        raise OperateError(
            f"{deployed.stack} has no database that the kit knows (docs/data.md). For another one, name it:"
            " make tunnel TO=host:5432."
        )
    return found
