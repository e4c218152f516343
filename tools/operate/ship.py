"""Run `cdk deploy` and show how it goes: one line for each change, CDK's own words in a file."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import which
from subprocess import Popen
from typing import Any

from botocore.exceptions import ClientError
from rich.live import Live
from rich.table import Table

from tools.operate import waiting
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, OperateError
from tools.operate.status import alarms_on
from tools.show import console

_ROOT = Path(__file__).resolve().parents[2]
_CDK = _ROOT / "node_modules" / ".bin" / "cdk"
# https://docs.aws.amazon.com/cdk/v2/guide/build-containers.html: CDK_DOCKER names another builder.
_BUILDERS = ("docker", "podman", "finch")


def builder(assembly: Path, stack: str) -> str:
    """Return the program that builds the images of a stack; nothing where there is none to build."""
    assets = assembly / f"{stack}.assets.json"
    if not assets.exists() or '"dockerImages": {}' in assets.read_text():
        return ""
    given = os.environ.get("CDK_DOCKER", "")
    for name in [given] if given else _BUILDERS:
        if which(name):
            return name
    raise OperateError(
        f"Nothing here builds images: {given or ', '.join(_BUILDERS)} was looked for. Install one, or let"
        " the pipeline deploy, or name an image that is there (image=ImageByDigest(...))."
    )


def ship(deployed: Deployed, assembly: Path, *, builds_with: str, log: Path, fast: bool = False) -> bool:
    """Deploy the stack of a synth and what it needs; tell whether it succeeded.

    A fast one gives ECS the new task definition past CloudFormation, where no more than that has changed.
    https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html
    """
    if not _CDK.exists():
        raise OperateError(f"{_CDK} is missing: `make setup` installs it.")
    command = [str(_CDK), "deploy", deployed.stack, "--app", str(assembly), "--require-approval", "never"]
    command += ["--hotswap-fallback"] if fast else []
    environment = {**os.environ} | ({"CDK_DOCKER": builds_with} if builds_with else {})
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        process = Popen(  # noqa: S603 (our own CLI)
            [*command, "--progress", "events", "--no-notices", "--no-color"],
            cwd=_ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            _watch(deployed, process)
        except KeyboardInterrupt:
            process.wait()
            raise
    return process.returncode == 0


def _watch(deployed: Deployed, process: Popen[bytes]) -> None:
    began, seen = time.monotonic(), dict[str, str]()
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            ended = process.poll() is not None
            for name, now in _state(deployed):
                if seen.get(name) != now:
                    seen[name] = now
                    if not console.is_terminal:
                        console.print(f"{time.monotonic() - began:5.0f} s  {name:8} {now}", markup=False)
            if console.is_terminal:
                live.update(_screen(seen, time.monotonic() - began), refresh=True)
            if ended:
                return
            time.sleep(waiting.POLL_S)


def _screen(seen: dict[str, str], seconds: float) -> Table:
    shown = Table(box=None, show_header=False, pad_edge=False)
    for name, now in {"after": f"{seconds:.0f} s", **seen}.items():
        shown.add_row(f"[dim]{name}[/]", now)
    return shown


def _state(deployed: Deployed) -> Iterator[tuple[str, str]]:
    """Yield what can be seen of a deploy now: the stack, its release command, tasks old and new, alarms."""
    now = replace(deployed)  # asks anew
    try:
        yield "stack", now.description["StackStatus"]
        yield from _release_command(now)
        service = now.service()
        # The oldest first: what leaves, then what comes.
        tasks = [_deployment(now, each) for each in reversed(service["deployments"])]
        yield "tasks", "; ".join(tasks)
        yield "alarms", ", ".join(name for name, *_ in alarms_on(deployed)) or "none is on"
    except (NotDeployedError, ClientError):
        yield "stack", "not there yet"


def _release_command(now: Deployed) -> Iterator[tuple[str, str]]:
    for item in now.held:
        if item["ResourceType"] == "Custom::ReleaseCommand" and item["ResourceStatus"].endswith(
            "_IN_PROGRESS"
        ):
            yield "release", f"the release command runs: {item['ResourceStatus']}"


def _deployment(now: Deployed, deployment: dict[str, Any]) -> str:
    failed = f", {deployment['failedTasks']} failed" if deployment.get("failedTasks") else ""
    version = now.version(deployment["taskDefinition"])
    return f"{version}: {deployment['runningCount']} of {deployment['desiredCount']} run{failed}"


def git(*arguments: str) -> str:
    """Return what git says of this repository, or nothing where it is none."""
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607 # whichever git the user has
    return done.stdout.strip() if done.returncode == 0 else ""
