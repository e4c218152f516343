"""Test that the emulator's extension is pinned and refuses an emulator that it does not fit."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.local_cloud.emulator.__main__ import EXTENDS
from tools.local_cloud.emulator_process import INTERPRETER
from tools.local_cloud.state import REPOSITORY


def test_the_extension_fits_the_pinned_version() -> None:
    pinned = (REPOSITORY / "tools" / "local_cloud" / "requirements.in").read_text()
    assert re.findall(r"^ministack==([\d.]+)", pinned, flags=re.MULTILINE) == [EXTENDS]


@pytest.mark.parametrize(
    "moved",
    [
        "ministack.services.ecs._make_deployment",
        "ministack.services.ecs._reconcile_service_tasks",
        "ministack.services.alb._proxy_http_target",
        "ministack.services.cloudformation.stacks._runs_on_worker_thread",
        "ministack.services.cloudformation.provisioners._RESOURCE_HANDLERS",
    ],
)
def test_a_version_that_moves_what_is_extended_is_refused_in_a_sentence(moved: str, tmp_path: Path) -> None:
    module, _, name = moved.rpartition(".")
    script = f"import sys, {module}; del {moved}\n"
    script += "sys.argv = ['emulator', '--port', '1', '--front-port', '2', '--account', '123456789012']\n"
    script += "from tools.local_cloud.emulator.__main__ import main; main()"
    done = subprocess.run(
        [str(INTERPRETER), "-c", script],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"was written for ministack {EXTENDS}" in done.stderr
    assert name in done.stderr
    assert "Traceback" not in done.stderr
