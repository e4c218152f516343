"""Test that a task gets the settings of the synthesised template; no engine is needed."""

from pathlib import Path

from tests.image.conftest import HERE
from tools.preflight.task import read_task, source_of


def test_prod_is_read_with_its_proxy_in_front(assembly: Path) -> None:
    task = read_task("prod", assembly)
    assert [container.name for container in task.containers] == ["web", "proxy"]
    assert (task.front.name, task.port, task.tls) == ("proxy", 8443, True)
    assert (task.cpu, task.memory_mib, task.idle_s, task.grace_s) == (0.5, 1024, 60, 60)
    assert (task.health_path, task.health_codes, task.health_timeout_s) == ("/healthz", "200", 5)
    assert task.slots == 32


def test_a_container_is_read_with_all_that_confines_it(assembly: Path) -> None:
    web = read_task("dev", assembly).web
    assert (web.user, web.read_only, web.dropped, web.init) == ("10001", True, ("ALL",), True)
    assert web.mounts == (("/tmp", "tmp"), ("/srv/shared", "shared"))
    assert web.command == ("gunicorn", "--config", "python:service.gunicorn_conf")
    assert web.stop_timeout_s == 38
    assert web.variables["PORT"] == "8001"


def test_the_architecture_is_that_of_the_environment(assembly: Path) -> None:
    here = "arm64" if HERE == "ARM64" else "amd64"
    assert read_task("dev", assembly).architecture == here
    assert read_task("hurried", assembly).architecture != here


def test_an_image_asset_is_found_by_its_tag(assembly: Path) -> None:
    task = read_task("prod", assembly)
    found = source_of(task.front, "prod", assembly)
    assert found
    assert (found[0] / "nginx.conf").exists()
