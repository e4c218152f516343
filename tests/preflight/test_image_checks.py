"""Test the checks that need no engine; tests/image tests them on real images."""

from dataclasses import replace
from typing import Any

import pytest

from tools.preflight.archive import File, Image
from tools.preflight.image_checks import image_checks
from tools.preflight.task import Container, Task

WEB = Container(
    name="web",
    image="i:1",
    command=(),
    entry_point=(),
    variables={},
    secrets=(),
    user="10001",
    read_only=True,
    dropped=("ALL",),
    init=True,
    mounts=(("/tmp", "tmp"),),
    stop_timeout_s=38,
    memory_mib=None,
    after=(),
    health_command=(),
)
TASK = Task(
    environment="dev",
    containers=(WEB,),
    front=WEB,
    port=8000,
    tls=False,
    health_path="/healthz",
    health_codes="200",
    health_timeout_s=5,
    unhealthy_count=3,
    grace_s=60,
    idle_s=60,
    cpu=0.25,
    memory_mib=512,
    architecture="arm64",
)


def image(*, files: tuple[str, ...] = (), architecture: str = "arm64", **settings: Any) -> Image:
    """Return an image without faults, changed as given."""
    good = {"User": "10001:10001", "Cmd": ["gunicorn", "x:app"], "Volumes": {"/tmp": {}}, "Env": []}
    found = {path: File(path=path, mode=0o755, layer=0) for path in files}
    return Image(config={"architecture": architecture, "config": {**good, **settings}}, layers=4, files=found)


def faults(given: Image, task: Task = TASK) -> dict[str, str]:
    """Return the faults by the check's name."""
    return {check.name: check.found for check in image_checks(given, task) if not check.ok}


def test_a_good_image_has_no_fault() -> None:
    assert faults(image(files=("/usr/bin/python3", "/sbin/ldconfig", "/usr/bin/ld.so"))) == {}


@pytest.mark.parametrize(
    ("changes", "check", "found"),
    [
        ({"architecture": "amd64"}, "architecture", "the image is amd64, the task arm64"),
        ({"User": ""}, "image user", "root"),
        ({"User": "root:app"}, "image user", "root"),
        ({"User": "0"}, "image user", "root"),
        ({"Cmd": ["/bin/sh", "-c", "gunicorn x:app"]}, "exec form", "CMD is in shell form"),
        ({"Entrypoint": ["/bin/sh", "-c", "gunicorn x:app"]}, "exec form", "ENTRYPOINT is in shell form"),
        ({"Cmd": ["flask", "--app", "x", "run"]}, "server", "flask --app x run"),
        ({"Cmd": ["gunicorn", "--reload", "x:app"]}, "server", "--reload"),
        ({"Env": ["FLASK_DEBUG=1"]}, "debug mode", "FLASK_DEBUG"),
        ({"files": ("/venv/lib/python3.13/site-packages/debugpy/__init__.py",)}, "debug mode", "debugpy"),
        ({"files": ("/usr/bin/x86_64-linux-gnu-gcc-14",)}, "build tools", "x86_64-linux-gnu-gcc"),
        ({"files": ("/usr/bin/git",)}, "build tools", "git"),
        ({"files": ("/root/.cache/pip/http/x",)}, "build tools", "/root/.cache/pip"),
        ({"Volumes": None}, "volumes", "belongs to root"),
        ({"Env": ["API_TOKEN=x"]}, "secrets", "API_TOKEN"),
    ],
)
def test_one_fault_is_found_and_no_other(changes: dict[str, Any], check: str, found: str) -> None:
    told = faults(image(**changes))
    assert list(told) == [check]
    assert found in told[check]


def test_a_shell_that_hands_over_by_exec_is_none_between() -> None:
    assert faults(image(Cmd=["/bin/sh", "-c", "exec gunicorn x:app"])) == {}


def test_a_large_image_is_a_fault() -> None:
    large = image()
    large.compressed_bytes = 251 * 1000**2
    assert "251 MB compressed, above 250" in faults(large)["size"]


def test_a_task_without_mounts_needs_no_volume() -> None:
    bare = replace(WEB, mounts=())
    assert faults(image(Volumes=None), replace(TASK, containers=(bare,), front=bare)) == {}
