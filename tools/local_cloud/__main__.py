"""Deploy with a real `cdk deploy` to an AWS emulator on this machine: no AWS account, no Docker.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong usage, 130 ended by Ctrl-C.
"""

import argparse
import errno
import os
import sys
from pathlib import Path

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from tools import show
from tools.local_cloud import database, down, scale, status, up
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import REPOSITORY, State


def main() -> int:
    """Run one command; every failure is one sentence."""
    arguments = _parser().parse_args()
    state = State(arguments.state.resolve())
    try:
        _keep_to_ourselves(state)
        return _run(arguments, state)
    except LocalCloudError as error:
        show.error(str(error))
    except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError) as error:
        show.error(f"The emulator answered: {error}. See {state.logs}/emulator.log, or run `make down`.")
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = (
            f" Free some space; the logs are in {state.logs}. Then `make up` or `make down`." if full else ""
        )
        show.error(f"{error.strerror or error}: {error.filename or state.folder}.{hint}")
    except KeyboardInterrupt:
        if arguments.command == "logs":
            return 0
        show.error("Ended by Ctrl-C. `make up` goes on from here, `make down` removes everything.")
        return 130
    return 1


def _keep_to_ourselves(state: State) -> None:
    """Let every process started from here keep its temporary files in the state folder."""
    scratch = state.folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ |= {"TMPDIR": str(scratch), "CDK_HOME": str(state.folder / "cdk")}


def _run(arguments: argparse.Namespace, state: State) -> int:
    match arguments.command:
        case "up":
            return up.up(
                state,
                application=arguments.app.resolve(),
                environment=arguments.environment,
                front_port=arguments.port,
                speed=arguments.speed,
            )
        case "status":
            return status.status(state)
        case "logs":
            return status.follow(
                state,
                task=arguments.task,
                worker=arguments.worker,
                once=arguments.no_follow,
                metrics=arguments.metrics,
            )
        case "scale":
            return scale.scale(state, arguments.tasks, worker=arguments.worker)
        case "db":
            return database.shell(state, sql=arguments.sql)
        case _:
            return down.down(state, delete_data=arguments.data == "delete")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.local_cloud")
    parser.add_argument(
        "--state",
        type=Path,
        default=REPOSITORY / ".local",
        help="folder for logs and state (default: .local)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start, deploy and print a URL that answers")
    start.add_argument("--environment", default="dev", help="environment to deploy (default: dev)")
    start.add_argument("--port", type=int, default=8080, help="port of the URL, 0 for any (default: 8080)")
    start.add_argument(
        "--speed",
        type=int,
        default=1,
        help="the autoscaler's seconds in one of yours, 0 stops it (default: 1)",
    )
    start.add_argument("--app", type=Path, default=REPOSITORY, help="folder with cdk.json (default: here)")
    commands.add_parser("status", help="show tasks, versions, health and log files")
    logs = commands.add_parser("logs", help="print the tasks' logs as they grow")
    logs.add_argument("--task", default="", help="print only the task whose id begins like this")
    logs.add_argument("--worker", default="", help="print only what this worker writes")
    logs.add_argument("--no-follow", action="store_true", help="print what there is, then end")
    logs.add_argument("--metrics", action="store_true", help="print the lines that are metrics, too")
    count = commands.add_parser("scale", help="set the number of tasks")
    count.add_argument("tasks", type=int, help="desired count of tasks")
    count.add_argument("--worker", default="", help="of this worker, not of the web service")
    shell = commands.add_parser("db", help="open psql in the database")
    shell.add_argument("--sql", help="run this and end")
    end = commands.add_parser("down", help="destroy the stack, check that nothing is left, end everything")
    end.add_argument(
        "--data", choices=("keep", "delete"), default="keep", help="what becomes of databases (default: keep)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
