"""Run the app as its task definition says: the same command, the same environment variables."""

import argparse
import os
import socket
import sys
from pathlib import Path

from tools import app_environment
from tools.assembly import templates, variables, web_container
from tools.environments import UnknownEnvironmentError, find

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Replace this process with the app; exit with 1 and one line if it cannot start."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("environment", help="environment whose task definition to run, such as dev")
    parser.add_argument("--port", type=int, help="port to use instead of the task definition's")
    arguments = parser.parse_args()
    try:
        environment = find(arguments.environment)
    except UnknownEnvironmentError as error:
        sys.exit(f"make run: {error}")
    container = web_container(templates()[environment.name])
    settings = variables(container)
    _tell_of_unknown({pair["Name"] for pair in container["Environment"]} - settings.keys())
    if arguments.port:
        settings["PORT"] = str(arguments.port)
    port = int(settings["PORT"])
    if _taken(port):
        sys.exit(f"make run: port {port} is taken; try: make run PORT={port + 1}")
    scheme = "https" if "TLS_TO_TASKS" in settings else "http"
    print(f"Web-{environment.name} on {scheme}://127.0.0.1:{port} (Ctrl-C stops it)", file=sys.stderr)
    os.chdir(app_environment.working_directory(ROOT))
    command, ours = container["Command"], app_environment.variables(ROOT)
    os.environ["PATH"] = ours["PATH"]  # where execvpe looks for the program
    os.execvpe(command[0], command, {**os.environ, **ours, **settings})  # noqa: S606 (the task definition's own command)


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


if __name__ == "__main__":
    main()
