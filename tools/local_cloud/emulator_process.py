"""Start the emulator in its own virtual environment and wait until it answers."""

import os
import socket
import time
import urllib.request
from pathlib import Path

import psutil

from tools.local_cloud import processes
from tools.local_cloud.cloud import ACCOUNT
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.logs import tail
from tools.local_cloud.state import REPOSITORY, State

# `make` builds it from tools/local_cloud/requirements.txt: ministack pins botocore, so it cannot share ours.
INTERPRETER = REPOSITORY / ".local" / "emulator" / "bin" / "python"
_READY_WITHIN_S = 30.0


def start(state: State, front_port: int) -> tuple[processes.Started, int, int]:
    """Start the emulator; return the process, the port of its APIs and the port of the load balancer."""
    if not INTERPRETER.exists():
        raise LocalCloudError(f"{INTERPRETER} is missing. Run `make up`, which installs the emulator.")
    front_port = front_port or free_port()
    refuse_taken(front_port)
    port = free_port()
    # The emulator's temporary files stay in our folder.
    scratch = state.folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(scratch)}
    environment |= {"TMPDIR": str(scratch), "MINISTACK_STATE_DIR": str(scratch), "S3_DATA_DIR": str(scratch)}
    command = [str(INTERPRETER), "-m", "tools.local_cloud.emulator", "--port", str(port)]
    command += ["--front-port", str(front_port), "--account", ACCOUNT]
    log = state.logs / "emulator.log"
    process = processes.start(command, env=environment, cwd=REPOSITORY, log=log)
    started = processes.Started.of(process.pid)
    _wait(started, port, log)
    return started, port, front_port


def _wait(started: processes.Started, port: int, log: Path) -> None:
    url = f"http://127.0.0.1:{port}/_ministack/health"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends_at = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < ends_at and started.alive():
        try:
            direct.open(url, timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    started.stop(grace_s=1)
    raise LocalCloudError("\n".join(["The emulator did not start. The end of its log:", *tail(log, 15)]))


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_taken(port: int) -> None:
    """Fail when somebody listens on a port, and say who."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise LocalCloudError(
                f"Port {port} cannot be used ({error}){_owner(port)}. Choose another, for example: make up"
                " PORT=8090"
            ) from None


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f": {psutil.Process(connection.pid).name()}, process {connection.pid}, listens there"
    except psutil.Error:
        return ""  # the process of another user, about which nothing may be asked
    return ""
