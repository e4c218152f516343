"""Look after a deployed environment: status, logs, causes of failure, rollback and more.

All commands only look, except deploy, secret, secrets, exec, run-job, run-task, rollback, maintenance-on,
maintenance-off, pause, resume and destroy.
Exit codes: 0 done or well, 1 failed or not well, 2 wrong usage, 130 ended by Ctrl-C; run-job, run-task and
exec end with the exit code of what they ran.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tools import show
from tools.environments import UnknownEnvironmentError, find
from tools.operate import (
    cost,
    csp,
    deploy,
    destroy,
    jobs,
    logs,
    maintenance,
    own_console,
    releases,
    rollback,
    run_task,
    secret,
    secrets,
    shell,
    sleep,
    status,
    tunnel,
    why,
)
from tools.operate.deployed import APP, Deployed
from tools.operate.errors import OperateError, UsageError, in_one_line
from tools.operate.log_filter import Wanted

_REPOSITORY = Path(__file__).resolve().parents[2]

Command = Callable[[Deployed, argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is one line, and with --json the outcome is one document."""
    arguments = _parser().parse_args(argv)
    if not arguments.json:
        return _run(arguments)[0]
    with show.on_standard_error():
        code, error, answer = _run(arguments)
    outcome = {
        "version": 1,
        "command": arguments.command,
        "environment": arguments.environment,
        "local": bool(arguments.local),
        "exit_code": code,
        "error": error,
        "answer": answer,
    }
    print(json.dumps(outcome, default=str))
    return code


def _run(arguments: argparse.Namespace) -> tuple[int, str, Any]:
    """Return the exit code, what was wrong, and what the command found."""
    try:
        return _asked(arguments)
    except (UnknownEnvironmentError, UsageError) as error:
        return _failed(2, str(error))
    except OperateError as error:
        return _failed(1, str(error))
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        return _failed(1, in_one_line(error))
    except KeyboardInterrupt:
        return 0 if arguments.command == "logs" else 130, "", None


def _failed(code: int, error: str) -> tuple[int, str, Any]:
    show.error(error)
    return code, error, None


def _asked(arguments: argparse.Namespace) -> tuple[int, str, Any]:
    environment = find(arguments.environment)
    last_words = None
    if arguments.local:
        try:
            last_words = _ask_the_local_cloud(arguments.local)
        except OperateError:
            if arguments.command != "secret":
                raise
            # Before the first `make up`, which takes the value from there.
            return secret.keep_for_later(environment.name, arguments.name, _kept_in(arguments)), "", None
    session = Session(region_name=environment.region)
    deployed = Deployed(environment.name, session, last_words, local=bool(arguments.local))
    command: Command = arguments.run
    return command(deployed, arguments), "", deployed.answer


def _ask_the_local_cloud(folder: Path) -> dict[str, Any] | None:
    """Point this process, and all that it starts, at the local cloud, whatever account the person is in.

    Return what the local cloud's runner keeps of the last task that failed.
    """
    # Import only here: commands for AWS do not need what the local cloud imports.
    from tools.local_cloud import running  # noqa: PLC0415
    from tools.local_cloud.errors import LocalCloudError  # noqa: PLC0415
    from tools.local_cloud.state import State  # noqa: PLC0415

    state = State(folder.resolve())
    try:
        cloud = running.required(state).cloud
    except LocalCloudError as error:
        raise OperateError(str(error)) from None
    variables = cloud.environment()
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ |= variables | {"CDK_HOME": str(folder.resolve() / "cdk")}
    last_words: dict[str, Any] | None = state.read("failure")
    return last_words


def _kept_in(arguments: argparse.Namespace) -> Path | None:
    """Return the file that `make up` takes values from, for the local cloud."""
    from tools.local_cloud.state import State  # noqa: PLC0415 (as above)

    return State(arguments.local.resolve()).values if arguments.local else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.operate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, help: str, run: Command) -> argparse.ArgumentParser:  # noqa: A002 (argparse's word)
        added = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        added.add_argument("environment", help="name of the environment, such as dev or prod")
        added.add_argument(
            "--local",
            type=Path,
            nargs="?",
            const=_REPOSITORY / ".local",
            metavar="FOLDER",
            help="ask the local cloud of `make up` instead of AWS (default folder: .local)",
        )
        added.add_argument(
            "--json", action="store_true", help="print one JSON document, and all else on stderr"
        )
        added.add_argument(
            "--token", default="", help="token of a plan, handed back by a person at a terminal"
        )
        added.set_defaults(run=run)
        return added

    command("status", "show deployment, tasks, alarms and the URL", lambda d, _: status.status(d))
    added = command(
        "releases",
        "list who deployed which commit when, and how it ended",
        lambda d, a: releases.releases(d, most=a.most),
    )
    added.add_argument("--most", type=int, default=15, help="how many to show (default: 15)")
    command("why", "explain the last failed deployment", lambda d, _: why.why(d))
    added = command(
        "cost",
        "show what the account paid for an environment, beside the estimate",
        lambda d, a: cost.cost(d, months=a.months),
    )
    added.add_argument("--months", type=int, default=2, help="how many months, this one too (default: 2)")
    _add_logs(command)
    _add_secrets(command)
    _add_csp(command)
    _add_tasks(command)
    _add_changes(command)
    return parser


Add = Callable[[str, str, Command], argparse.ArgumentParser]


def _add_logs(command: Add) -> None:
    added = command(
        "logs",
        "print what the tasks write",
        lambda d, a: logs.logs(
            d,
            since=a.since,
            follow=a.follow,
            task=a.task,
            worker=a.worker,
            previous=a.previous,
            raw=a.raw,
            metrics=a.metrics,
            wanted=Wanted(text=a.text, request=a.request, status=a.status),
        ),
    )
    added.add_argument("--since", default="10m", help="how far back: 90s, 10m, 2h, 1d (default: 10m)")
    added.add_argument("--follow", action="store_true", help="go on printing until Ctrl-C")
    added.add_argument("--task", default="", help="print only the task whose id begins like this")
    added.add_argument("--text", default="", help="print only lines that have this text")
    added.add_argument("--request", default="", help="print only lines of the request with this id")
    added.add_argument("--status", default="", help="print only requests answered so: 5xx, 404")
    added.add_argument("--worker", default="", help="print only what this worker writes")
    added.add_argument(
        "--previous", action="store_true", help="print the end of what the task that died last wrote"
    )
    added.add_argument("--raw", action="store_true", help="print lines as they were written")
    added.add_argument("--metrics", action="store_true", help="print the lines that are metrics, too")


def _add_secrets(command: Add) -> None:
    one = command(
        "secret",
        "store the value of one secret, from a prompt or standard input",
        lambda d, a: secret.secret(d, name=a.name, roll=a.roll, kept_in=_kept_in(a)),
    )
    one.add_argument("--name", default="", help="environment variable that the secret is for")
    many = command(
        "secrets",
        "store the secrets of a file such as .env, or show which have a value",
        lambda d, a: secrets.secrets(d, source=a.source, kind=a.kind, roll=a.roll, kept_in=_kept_in(a)),
    )
    many.add_argument("--from", dest="source", type=Path, metavar="FILE", help="file of lines NAME=value")
    many.add_argument(
        "--as",
        dest="kind",
        choices=("json", "parameters"),
        default="json",
        help="how to store what the environment does not declare yet (default: json, one secret for all)",
    )
    for added in (one, many):
        added.add_argument("--roll", action="store_true", help="let the services take the new value now")


def _add_csp(command: Add) -> None:
    added = command(
        "csp",
        "show what the content security policy blocks, and propose the one that the app needs",
        lambda d, a: csp.csp(d, since=a.since),
    )
    added.add_argument("--since", default="1d", help="how far back: 90s, 10m, 2h, 1d (default: 1d)")


def _add_tasks(command: Add) -> None:
    added = command(
        "exec",
        "open a shell in a task (ECS Exec)",
        lambda d, a: shell.shell(d, task=a.task, container=a.container, command=a.shell, token=a.token),
    )
    added.add_argument("--task", default="", help="beginning of the task's id (default: any)")
    added.add_argument("--container", default=APP, help=f"container of the task (default: {APP})")
    added.add_argument("--shell", default="/bin/sh", help="command to run there (default: /bin/sh)")
    added = command(
        "console",
        "open a shell, or flask shell, in a task of its own that ends with it",
        lambda d, a: own_console.own_console(d, command=a.shell, minutes=a.minutes, token=a.token),
    )
    added.add_argument("--shell", default="flask shell", help="command to run there (default: flask shell)")
    added.add_argument(
        "--minutes", type=int, default=60, help="when the task ends at the latest (default: 60)"
    )
    added = command(
        "tunnel",
        "forward a port of this machine through a task until Ctrl-C",
        lambda d, a: tunnel.tunnel(d, to=a.to, port=a.port, token=a.token),
    )
    added.add_argument("--to", default="db", help="db, or a host and a port (default: db)")
    added.add_argument("--port", type=int, default=15432, help="port here (default: 15432)")
    added = command("psql", "open psql in the environment's database, through a tunnel", _psql)
    added.add_argument("--sql", default="", help="run this and end")
    added = command(
        "run-job",
        "run a job now, and end with its exit code",
        lambda d, a: jobs.run_job(d, name=a.name, raw=a.raw, token=a.token),
    )
    added.add_argument("--name", default="", help="name of the job")
    added.add_argument("--raw", action="store_true", help="print lines as they were written")
    added = command(
        "run-task",
        "run a command in a task of its own, and end with its exit code",
        lambda d, a: run_task.run_task(d, command=a.words, container=a.container, raw=a.raw, token=a.token),
    )
    added.add_argument("--container", default=APP, help=f"container of the task (default: {APP})")
    added.add_argument("--raw", action="store_true", help="print lines as they were written")
    added.add_argument(
        "words",
        nargs="+",
        metavar="-- command",
        help="command to run, for example: -- flask db upgrade",
    )


def _psql(deployed: Deployed, arguments: argparse.Namespace) -> int:
    """Open psql through a tunnel; in the local cloud, in the PostgreSQL that runs here."""
    if not arguments.local:
        return tunnel.psql(deployed, sql=arguments.sql, token=arguments.token)
    from tools.local_cloud import database  # noqa: PLC0415 (as above)
    from tools.local_cloud.errors import LocalCloudError  # noqa: PLC0415 (as above)
    from tools.local_cloud.state import State  # noqa: PLC0415 (as above)

    try:
        database.shell(State(arguments.local.resolve()), sql=arguments.sql or None)
    except LocalCloudError as error:
        raise OperateError(str(error)) from None


def _deploy(deployed: Deployed, arguments: argparse.Namespace) -> int:
    """Deploy what `make synth` wrote to AWS, or a synth of now to the local cloud."""
    accept, fast, token = arguments.accept, arguments.fast, arguments.token
    if not arguments.local:
        assembly = _REPOSITORY / "cdk.out"
        return deploy.deploy(deployed, assembly=assembly, accept=accept, fast=fast, token=token)
    from tools.local_cloud import up  # noqa: PLC0415 (as above)
    from tools.local_cloud.errors import LocalCloudError  # noqa: PLC0415 (as above)
    from tools.local_cloud.state import State  # noqa: PLC0415 (as above)

    def ship(assembly: Path, url: str, roll_out: up.Ship) -> int:
        return deploy.deploy(
            deployed,
            assembly=assembly,
            accept=accept,
            fast=fast,
            token=token,
            url=url,
            roll_out=roll_out,
        )

    try:
        return up.again(State(arguments.local.resolve()), ship)
    except LocalCloudError as error:
        raise OperateError(str(error)) from None


def _add_changes(command: Add) -> None:
    added = command("deploy", "deploy what is here, the verdict first", _deploy)
    added.add_argument("--accept", action="store_true", help="deploy although the verdict is dangerous")
    added.add_argument(
        "--fast", action="store_true", help="past CloudFormation where containers alone change; drift remains"
    )
    added = command(
        "rollback",
        "go back to the release before, or stop the deployment under way",
        lambda d, a: rollback.rollback(d, to=a.to, token=a.token),
    )
    added.add_argument("--to", default="", help="revision of the task definition to go back to, such as 41")
    added = command(
        "maintenance-on",
        "let the load balancer answer 503 with a page",
        lambda d, a: maintenance.on(d, message=a.message, token=a.token),
    )
    added.add_argument("--message", default="We are back in a few minutes.", help="text of the page")
    command("maintenance-off", "let visitors in again", lambda d, _: maintenance.off(d))
    command("pause", "stop all tasks until somebody asks", lambda d, a: sleep.pause(d, token=a.token))
    command("resume", "start the tasks of a service that sleeps", lambda d, _: sleep.resume(d))
    added = command(
        "destroy",
        "destroy the stack where nothing protects it",
        lambda d, a: destroy.destroy(d, assembly=a.app, token=a.token),
    )
    added.add_argument("--app", type=Path, help="folder of a synth to use instead of a new one")


if __name__ == "__main__":
    sys.exit(main())
