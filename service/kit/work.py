"""Run a module beside requests with the service's log: `python -m service.kit.work shop.mail`.

It runs as `python -m shop.mail` would, with the arguments that follow; what it logs or prints are
lines of the service's form, with secrets masked.
"""

import logging
import os
import runpy
import sys
from pathlib import Path

import service  # noqa: F401 # the team's packages keep their own names, and DATABASE_URL is made of its parts
from service.kit import logs
from service.kit.settings import ServerSettings, load


def beat() -> None:
    """Say that this worker lives: ECS replaces one that has not said so for `heartbeat_s`, if it has one."""
    if file := os.environ.get("HEARTBEAT_FILE"):
        Path(file).touch()


def main() -> None:
    """Configure logging as Gunicorn's workers have it, and become the module that the command line names."""
    if len(sys.argv) < 2:
        sys.exit("there is no module to run: give one, such as python -m service.kit.work shop.mail")
    settings = load(ServerSettings)
    logs.configure(settings.log_level, logs.chosen(settings.log_format))
    logs.guard()
    del sys.argv[0]
    name = sys.argv[0]
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except Exception:
        # The interpreter would write a traceback as so many lines.
        logging.getLogger("service.kit.work").exception("%s ended with an error", name)
        sys.exit(1)


if __name__ == "__main__":
    main()
