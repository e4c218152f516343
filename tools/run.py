"""Run the app and its proxy as the task definition says: the same commands, the same variables."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

from tools import app_environment
from tools.assembly import Properties, templates, variables, web_service
from tools.environments import UnknownEnvironmentError, find

ROOT = Path(__file__).resolve().parent.parent
PROXIES = ROOT / "infra" / "task" / "proxies"
# The programs of the proxies; distributions name Apache's differently.
PROGRAMS = {"nginx": ("nginx",), "apache": ("apache2", "httpd")}


def main() -> None:
    """Run until Ctrl-C or SIGTERM; exit with 1 and one line if the app cannot start."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("environment", help="environment whose task definition to run, such as dev")
    parser.add_argument("--port", type=int, help="port to use instead of the task definition's")
    arguments = parser.parse_args()
    try:
        environment = find(arguments.environment)
    except UnknownEnvironmentError as error:
        sys.exit(f"make run: {error}")
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    if not any(shutil.which(name, path=path) for name in PROGRAMS[environment.proxy]):
        name = PROGRAMS[environment.proxy][0]
        sys.exit(
            f"make run: {name} is not on this machine. Run make setup, or install it: apt-get install {name}"
        )
    task = web_service(templates()[environment.name]).task
    web, proxy = (
        next(each for each in task["ContainerDefinitions"] if each["Name"] == name)
        for name in ("web", "proxy")
    )
    _tell_of_unknown({pair["Name"] for pair in web["Environment"]} - variables(web).keys())
    port = arguments.port or int(variables(proxy)["PORT"])
    if _taken(port):
        sys.exit(f"make run: port {port} is taken; try: make run PORT={port + 1}")
    scheme = "https" if "TLS_TO_TASKS" in variables(proxy) else "http"
    print(f"Web-{environment.name} on {scheme}://127.0.0.1:{port} (Ctrl-C stops it)", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="make-run-", ignore_cleanup_errors=True) as folder:
        # If root starts a proxy, its workers are another user, who must enter the folder.
        Path(folder).chmod(0o755)
        sys.exit(_run(web, proxy, kind=environment.proxy, port=port, folder=Path(folder)))


def _run(web: Properties, proxy: Properties, *, kind: str, port: int, folder: Path) -> int:
    """Run both containers until one of them ends, and return its exit code."""
    app_port = variables(web)["PORT"]
    if _taken(int(app_port)):
        app_port = str(_free_port())
    shared, ours = {"SHARED_FOLDER": str(folder)}, app_environment.variables(ROOT)
    app = subprocess.Popen(  # noqa: S603 (the task definition's own command)
        web["Command"],
        cwd=app_environment.working_directory(ROOT),
        env={**os.environ, **ours, **variables(web), **shared, "PORT": app_port},
    )
    given = {"PORT": str(port), "UPSTREAM_PORT": app_port, **shared, "TMPDIR": str(folder)}
    front = subprocess.Popen(  # noqa: S603 (the kit's own script)
        ["sh", str(PROXIES / kind / "start")],  # noqa: S607 (wherever the system has its shell)
        env={**os.environ, **variables(proxy), **given},
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    # Two programs that write to one file, each from where it believes its end, would overwrite each other.
    threading.Thread(target=_pass_on, args=(front,), daemon=True).start()

    def stop(number: int, _frame: FrameType | None) -> None:
        # The terminal sends Ctrl-C to all three. As in a task, the app is told when the proxy has ended.
        if number == signal.SIGTERM:
            front.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while app.poll() is None and front.poll() is None:
        time.sleep(0.1)
    early = app if app.poll() is not None else front
    for process in (front, app):
        if process.poll() is None:
            process.terminate()
        process.wait()
    return early.returncode if early.returncode >= 0 else 128 - early.returncode


def _pass_on(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        print(line, end="", flush=True)


def _tell_of_unknown(names: set[str]) -> None:
    for name in sorted(names):
        here = (
            "your shell's value is used"
            if name in os.environ
            else f"it is not set; {name}=... make run sets it"
        )
        print(f"{name} has a value only once the stack is deployed. Here {here}.", file=sys.stderr)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
