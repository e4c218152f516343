"""Run the unmodified CDK CLI against the emulator."""

import errno
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.local_cloud.cloud import ACCOUNT, Cloud
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import REPOSITORY

_CLI = REPOSITORY / "node_modules" / ".bin" / "cdk"
_LAST_LINES = 40


def synth(application: Path, assembly: Path, environment: dict[str, str]) -> None:
    """Write the templates and assets of all stacks into a folder."""
    # CDK's own template validation takes seconds; `make synth` and the tests run it, so it is left out here.
    quiet = environment | {"CDK_VALIDATION": "false"}
    half = assembly.with_name(assembly.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    _quietly(["synth", "--quiet", "--output", str(half)], cwd=application, environment=quiet)
    # Replace the old assembly last: `make down` needs a whole one even if this synth fails.
    shutil.rmtree(assembly, ignore_errors=True)
    half.rename(assembly)


def bootstrap(cloud: Cloud) -> None:
    """Create the bootstrap stack in the emulator."""
    # Run in an empty folder: in another one the CLI would first synthesise the application there.
    with tempfile.TemporaryDirectory(prefix="cdk-bootstrap-") as empty:
        _quietly(
            ["bootstrap", f"aws://{ACCOUNT}/{cloud.region}"], cwd=Path(empty), environment=cloud.environment()
        )


def deploy(cloud: Cloud, assembly: Path, stack: str) -> bool:
    """Deploy a stack with the CLI's own progress on the terminal; tell whether it succeeded."""
    return _shown(cloud, ["deploy", stack, "--require-approval", "never", "--progress", "events"], assembly)


def destroy(cloud: Cloud, assembly: Path, stacks: list[str]) -> bool:
    """Destroy stacks with the CLI's own progress on the terminal; tell whether it succeeded."""
    return _shown(cloud, ["destroy", *stacks, "--force"], assembly)


def region_of(assembly: Path, stack: str) -> str:
    """Return the region a synthesised stack names; refuse a stack that is not there."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = sorted(key for key, value in artifacts.items() if value["type"] == "aws:cloudformation:stack")
    if stack not in stacks:
        names = ", ".join(name.removeprefix("Web-") for name in stacks)
        given = stack.removeprefix("Web-")
        raise LocalCloudError(
            f"There is no environment '{given}'. Choose one of: {names}. For example: ENV=dev"
        )
    region = artifacts[stack]["environment"].rpartition("/")[2]
    if region.startswith("unknown"):
        raise LocalCloudError(f"Stack {stack} names no region. Set one in infra/environments.py.")
    return str(region)


def _shown(cloud: Cloud, arguments: list[str], assembly: Path) -> bool:
    command = [str(_CLI), *arguments, "--app", str(assembly), "--no-notices"]
    return subprocess.run(command, env=cloud.environment(), check=False).returncode == 0


def _quietly(arguments: list[str], *, cwd: Path, environment: dict[str, str]) -> None:
    command = [str(_CLI), *arguments, "--no-notices"]
    done = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        if os.strerror(errno.ENOSPC) in done.stdout + done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        lines = (done.stdout + done.stderr).splitlines()[-_LAST_LINES:]
        raise LocalCloudError("\n".join([f"`cdk {' '.join(arguments)}` failed:", *lines]))
