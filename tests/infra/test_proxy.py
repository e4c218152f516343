"""Test the proxy in the task definition: its variables, its rights, and that the app outlives it."""

import re
import shutil
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.parameters import (
    FARGATE_MAX_STOP_TIMEOUT_S,
    Environment,
    HealthCheck,
    ProxyKind,
    Tasks,
    Timeouts,
    timeout_conflicts,
)
from infra.parameters.sizes import ALB_LINE_BYTES
from infra.task.proxy import SOURCES
from tests.infra.parts import web_service
from tests.infra.test_environment import mistakes

# What the start scripts make themselves, and what Apache's configuration defines.
COMPUTED = {"FOLDER", "HERE", "TLS", "HOST", "MODULES", "HEADER_LINES", "HOPS_BETWEEN"}
# Set while tls_to_tasks changes.
COMPUTED |= {"OTHER", "OTHER_PORT"}
COMPUTED |= {"OWN", "PROBLEM", "ID", "BEGIN", "READ", "UNREAD", "REFUSED", "SHED_FILE"}


def containers(template: Template) -> dict[str, dict[str, Any]]:
    (definition,) = template.find_resources("AWS::ECS::TaskDefinition").values()
    return {each["Name"]: each for each in definition["Properties"]["ContainerDefinitions"]}


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in container["Environment"]}


@pytest.fixture(params=["nginx", "apache"])
def kind(request: pytest.FixtureRequest) -> ProxyKind:
    chosen: ProxyKind = request.param
    return chosen


@pytest.fixture
def made(stack: cdk.Stack, tmp_path: Path, kind: ProxyKind) -> Template:
    return web_service(stack, tmp_path, proxy=kind)


def test_nginx_is_the_default() -> None:
    assert Environment(name="any").proxy == "nginx"


def test_the_load_balancer_talks_to_the_proxy_alone(made: Template) -> None:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    (balancer,) = service["Properties"]["LoadBalancers"]
    assert (balancer["ContainerName"], balancer["ContainerPort"]) == ("proxy", 8000)
    (ingress,) = made.find_resources("AWS::EC2::SecurityGroupIngress").values()
    assert ingress["Properties"]["FromPort"] == ingress["Properties"]["ToPort"] == 8000


def test_gunicorn_listens_to_the_proxy_alone(made: Template) -> None:
    both = containers(made)
    web = variables(both["web"])
    assert (web["HOST"], web["PORT"]) == ("127.0.0.1", variables(both["proxy"])["UPSTREAM_PORT"])
    assert "PortMappings" not in both["web"]


def test_the_proxy_is_one_hop_more(made: Template) -> None:
    assert variables(containers(made)["web"])["PROXY_HOPS"] == "2"


def test_the_app_is_stopped_after_the_proxy(made: Template) -> None:
    both = containers(made)
    assert both["proxy"]["DependsOn"] == [{"Condition": "START", "ContainerName": "web"}]
    assert "DependsOn" not in both["web"]


def test_only_the_proxy_is_a_lame_duck(made: Template) -> None:
    both = containers(made)
    assert variables(both["proxy"])["LAME_DUCK_S"] == "3"
    assert variables(both["web"])["LAME_DUCK_S"] == "0"


def test_tls_ends_at_the_proxy(stack: cdk.Stack, tmp_path: Path, kind: ProxyKind) -> None:
    both = containers(web_service(stack, tmp_path, proxy=kind, tls_to_tasks=True))
    assert variables(both["proxy"])["TLS_TO_TASKS"] == "1"
    assert variables(both["proxy"])["PORT"] == "8443"
    assert "TLS_TO_TASKS" not in variables(both["web"])


def test_the_task_ends_when_either_container_does(made: Template) -> None:
    assert [each["Essential"] for each in containers(made).values()] == [True, True]


def test_the_proxy_cannot_write_and_has_no_privileges(made: Template) -> None:
    proxy = containers(made)["proxy"]
    assert proxy["ReadonlyRootFilesystem"] is True
    assert proxy["User"] == "10001"
    assert proxy["LinuxParameters"] == {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}}
    assert [mount["ContainerPath"] for mount in proxy["MountPoints"]] == ["/tmp", "/srv/shared"]


def test_the_two_containers_share_one_folder_and_know_where_it_is(made: Template) -> None:
    web, proxy = (
        {mount["SourceVolume"]: mount["ContainerPath"] for mount in containers(made)[name]["MountPoints"]}
        for name in ("web", "proxy")
    )
    (shared,) = web.keys() & proxy.keys()
    paths = {variables(each)["SHARED_FOLDER"] for each in containers(made).values()}
    assert paths == {web[shared]} == {proxy[shared]}


def test_the_images_give_the_shared_folder_to_everybody(kind: ProxyKind) -> None:
    for dockerfile in (SOURCES / kind / "Dockerfile", Path("service/Dockerfile")):
        text = dockerfile.read_text()
        assert "install -d -m 1777 /srv/shared" in text
        assert "\nVOLUME /srv/shared\n" in text


def test_both_refuse_the_same_bodies(made: Template) -> None:
    sizes = {variables(each)["MAX_CONTENT_LENGTH_BYTES"] for each in containers(made).values()}
    assert sizes == {"10485760"}


@pytest.mark.parametrize(
    ("tasks", "wall"),
    [
        (Tasks(cpu=256, memory_mib=512), 256),
        (Tasks(cpu=512, memory_mib=1024), 512),
        (Tasks(cpu=512, memory_mib=1024, workers=1), 256),
        (Tasks(cpu=2048, memory_mib=4096), 1024),
    ],
)
def test_nginx_is_a_wall_only_against_floods(
    stack: cdk.Stack, tmp_path: Path, tasks: Tasks, wall: int
) -> None:
    both = containers(web_service(stack, tmp_path, proxy="nginx", tasks=tasks))
    assert variables(both["proxy"])["UPSTREAM_CONNECTIONS"] == str(wall)


def test_the_head_of_a_request_may_grow_on_its_way(made: Template) -> None:
    web, proxy = (variables(containers(made)[name]) for name in ("web", "proxy"))
    assert ALB_LINE_BYTES < int(proxy["HEADER_LINE_BYTES"]) < int(web["GUNICORN_HEADER_LINE_BYTES"])


@pytest.mark.parametrize("longest_request_s", [5, 30, 55, 112, FARGATE_MAX_STOP_TIMEOUT_S])
def test_every_timeout_of_the_proxy_follows_from_the_longest_request(
    stack: cdk.Stack, tmp_path: Path, longest_request_s: int
) -> None:
    timeouts = Timeouts(longest_request_s=longest_request_s)
    both = containers(web_service(stack, tmp_path, proxy="nginx", timeouts=timeouts))
    proxy = variables(both["proxy"])
    assert (
        timeout_conflicts(
            alb_idle_s=timeouts.alb_idle_s,
            keepalive_s=int(proxy["KEEPALIVE_S"]),
            deregistration_delay_s=timeouts.deregistration_delay_s,
            gunicorn_graceful_timeout_s=int(proxy["GRACEFUL_TIMEOUT_S"]),
            lame_duck_s=int(proxy["LAME_DUCK_S"]),
            stop_timeout_s=both["proxy"]["StopTimeout"],
        )
        == []
    )
    assert int(proxy["READ_TIMEOUT_S"]) > longest_request_s


def test_rejects_a_proxy_that_does_not_fit_the_memory() -> None:
    message = mistakes(name="any", proxy="apache", tasks={"cpu": 256, "memory_mib": 512, "worker_mib": 150})
    assert (
        "proxy is 'apache' and needs 128 MiB beside Gunicorn's 492 MiB with max_body_mib 10, "
        "but tasks.memory_mib is 512" in message
    )


def test_a_change_to_a_proxy_changes_its_own_image_alone(tmp_path: Path) -> None:
    def hashes(*folders: Path) -> list[str]:
        images = cdk.Stack(cdk.App(), "Images")
        return [
            cdk.aws_ecr_assets.DockerImageAsset(images, folder.name, directory=str(folder)).asset_hash
            for folder in folders
        ]

    shutil.copytree(SOURCES, tmp_path / "proxies")
    folders = [tmp_path / "proxies" / "nginx", tmp_path / "proxies" / "apache"]
    nginx, apache = hashes(*folders)
    (folders[0] / "nginx.conf").write_text("changed")
    assert hashes(*folders)[0] != nginx
    assert hashes(*folders)[1] == apache


def test_the_proxies_stop_by_their_graceful_signal(kind: ProxyKind) -> None:
    signal = {"nginx": "SIGQUIT", "apache": "SIGWINCH"}[kind]
    assert f"\nSTOPSIGNAL {signal}\n" in (SOURCES / kind / "Dockerfile").read_text()


def test_the_image_reads_no_variable_that_the_task_does_not_set(
    stack: cdk.Stack, tmp_path: Path, kind: ProxyKind
) -> None:
    # nginx's start script has a default for the usual health check path, so another path is chosen here.
    made = web_service(stack, tmp_path, proxy=kind, health_check=HealthCheck(path="/alive"))
    text = "".join(path.read_text() for path in (SOURCES / kind).glob("*.conf"))
    named = set(re.findall(r"@([A-Z_]+)@|\$\{([A-Z_]+)\}", text))
    read = {first or second for first, second in named} - COMPUTED
    assert read | {"LAME_DUCK_S", "PROXY_HOPS"} == set(variables(containers(made)["proxy"])) - {
        "TLS_TO_TASKS"
    }
