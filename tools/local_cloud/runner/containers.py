"""Turn a task definition's containers into commands, folders and environments on this machine."""

import json
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools import app_environment
from tools.local_cloud import images
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.emulator_process import free_port
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner import read_only
from tools.local_cloud.runner.container_health import Check

# ECS's own default; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
_STOP_TIMEOUT_S = 30
# Variables of the person's shell that a process needs; as on Fargate, a task gets no others.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a task, ready to start."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    essential: bool
    stop_timeout_s: int
    log_group: str
    log_stream_prefix: str
    stop_signal: signal.Signals
    after: tuple[str, ...]  # containers that are stopped only when this one has ended
    check: Check | None = None
    shared: tuple[Path, ...] = ()  # folders for the volumes that it shares with other containers


def _told(container: dict[str, Any], ports: dict[int, int]) -> dict[str, str]:
    """Return the variables with which a container learns its ports of this machine."""
    known = {str(port): str(here) for port, here in ports.items()}
    own = {
        item["name"]: known[item["value"]]
        for item in container.get("environment", [])
        if item["name"].endswith("PORT") and item["value"] in known
    }
    return {"PORT": next(iter(known.values())), **own}


def _shared_folders(definition: dict[str, Any]) -> dict[str, Path]:
    """Make a folder for each volume that several containers of a task mount."""
    mounts = [
        mount["sourceVolume"]
        for container in definition["containerDefinitions"]
        for mount in container.get("mountPoints", [])
    ]
    folders = {}
    for volume in {each for each in mounts if mounts.count(each) > 1}:
        # If root starts nginx, its workers are another user. They may not enter the state, which is below a
        # folder of root's own, and TMPDIR is in the state.
        top = "/tmp" if os.geteuid() == 0 else None  # noqa: S108 (the folder's name is random)
        folders[volume] = Path(tempfile.mkdtemp(prefix="task-", dir=top))
        folders[volume].chmod(0o1777)
    return folders


class SecretError(LocalCloudError):
    """A secret that cannot be read."""


class Containers:
    """A maker of containers from task definitions."""

    def __init__(self, cloud: Cloud, images: Path) -> None:
        self._cloud = cloud
        self._images = images
        self._read_only = read_only.works()

    def of(
        self, definition: dict[str, Any], *, balanced: str, ports: dict[int, int], metadata: str
    ) -> list[Container]:
        """Return the containers of a task; `balanced` is told its `ports` of this machine.

        They are by the port that it has on Fargate.
        """
        # On Fargate a task has its ports to itself. Here each task gets another PORT, and containers that
        # have the port in a variable such as UPSTREAM_PORT get the new one.
        others: dict[str, str] = {}
        for container in definition["containerDefinitions"]:
            for item in container.get("environment", []):
                if item["name"] == "PORT" and container["name"] != balanced:
                    others[item["value"]] = str(free_port())
        folders = _shared_folders(definition)
        return [
            self._container(
                container,
                others,
                _told(container, ports) if container["name"] == balanced else {},
                metadata,
                {
                    mount["containerPath"]: folders[mount["sourceVolume"]]
                    for mount in container.get("mountPoints", [])
                    if mount["sourceVolume"] in folders
                },
            )
            for container in definition["containerDefinitions"]
        ]

    def _container(
        self,
        container: dict[str, Any],
        ports: dict[str, str],
        front: dict[str, str],
        metadata: str,
        folders: dict[str, Path],
    ) -> Container:
        command, folder = images.command_of(container, self._images)
        environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
        environment |= {
            **app_environment.variables(folder),
            # Tasks share these folders, so nothing may be written into them.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        environment |= self._cloud.variables()
        environment |= {item["name"]: item["value"] for item in container.get("environment", [])}
        environment |= {
            item["name"]: self._secret(container["name"], item) for item in container.get("secrets", [])
        }
        if "DATABASE_SSLMODE" in environment:
            # The PostgreSQL of this machine has no certificate.
            environment["DATABASE_SSLMODE"] = "prefer"
        if "CACHE_SCHEME" in environment:
            # Nor has its Valkey.
            environment["CACHE_SCHEME"] = "redis"
        environment["ECS_CONTAINER_METADATA_URI_V4"] = f"{metadata}/{container['name']}"
        for name, value in environment.items():
            if name.endswith("PORT"):
                environment[name] = ports.get(value, value)
            # A variable that names where a shared volume is mounted, such as SHARED_FOLDER.
            if value in folders:
                environment[name] = str(folders[value])
        if "HEARTBEAT_FILE" in environment:
            # Tasks share the folder that it is in.
            identity = metadata.rpartition("/")[2]
            environment["HEARTBEAT_FILE"] = str(Path(tempfile.gettempdir()) / f"heartbeat-{identity}")
        environment |= front
        images.check_programs(container, self._images)
        if not shutil.which(command[0], path=environment["PATH"]):
            raise LocalCloudError(
                f"Container {container['name']} runs '{command[0]}', which this machine does not have."
                " Install it, or take the container out of this environment."
            )
        # A container without awslogs has no group, and its log stays on this machine.
        logging = container.get("logConfiguration", {}).get("options", {})
        return Container(
            name=container["name"],
            command=self._on_its_root(container, tuple(command), folder, environment),
            folder=app_environment.working_directory(folder),
            environment=environment,
            essential=container.get("essential", True),
            stop_timeout_s=int(container.get("stopTimeout", _STOP_TIMEOUT_S)),
            log_group=logging.get("awslogs-group", ""),
            log_stream_prefix=logging.get("awslogs-stream-prefix", ""),
            stop_signal=images.stop_signal_of(container, self._images),
            after=tuple(item["containerName"] for item in container.get("dependsOn", [])),
            check=Check.of(container),
            shared=tuple(folders.values()),
        )

    def _on_its_root(
        self, container: dict[str, Any], command: tuple[str, ...], folder: Path, environment: dict[str, str]
    ) -> tuple[str, ...]:
        """Return the command on a read-only file system, if the container has one and this machine can."""
        if not self._read_only or not container.get("readonlyRootFilesystem"):
            return command
        mounted = (
            item["containerPath"] for item in container.get("mountPoints", []) if not item.get("readOnly")
        )
        writable = {"/tmp", "/dev/shm", environment.get("TMPDIR", "/tmp"), *mounted}  # noqa: S108 (as in the image)
        there = sorted(path for path in writable if Path(path).is_dir())
        return read_only.wrapped(command, folder, tuple(there))

    def _secret(self, container: str, item: dict[str, str]) -> str:
        try:
            return self._value(item["valueFrom"])
        except (ClientError, SecretError) as error:
            raise SecretError(
                f"Container {container} needs the secret {item['name']}, but {item['valueFrom']} cannot be"
                f" read: {error}. `make secret NAME={item['name']} LOCAL=1` stores a value."
            ) from None

    def _value(self, source: str) -> str:
        if ":secretsmanager:" not in source:
            name = source.partition(":parameter")[2] or source
            answer = self._cloud.client("ssm").get_parameter(Name=name, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        # arn:aws:secretsmanager:region:account:secret:name[:json-key[:stage[:version]]]
        parts = source.split(":")
        key, stage, *_ = [*parts[7:], "", ""]
        answer = self._cloud.client("secretsmanager").get_secret_value(
            SecretId=":".join(parts[:7]), VersionStage=stage or "AWSCURRENT"
        )
        return _key_of(answer["SecretString"], key) if key else str(answer["SecretString"])


def _key_of(text: str, key: str) -> str:
    """Return the value of a key of a JSON secret; raises SecretError in the words of ECS."""
    try:
        keys = json.loads(text)
    except ValueError:
        raise SecretError("invalid character: the secret is no JSON") from None
    if not isinstance(keys, dict) or key not in keys:
        raise SecretError(f"retrieved secret from Secrets Manager did not contain json key {key}")
    return str(keys[key])
