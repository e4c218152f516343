"""Test the promises between infra and the service; neither half can break one alone."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from infra.contract import read_settings
from infra.parameters import Environment, HealthCheck, timeout_conflicts
from infra.task.proxy import SOURCES
from service.kit import ServerSettings, Settings
from service.kit.settings import DEFAULT_HEALTH_PATH
from tests.contract.conftest import PATHS
from tests.service.gunicorn_process import Server
from tests.service.installed import KIT_APP, SERVICE
from tests.service.kit_app.settings import Settings as AppSettings
from tests.wait import wait_for
from tools.assembly import Template, of_type, variables

DOCKERFILE = (SERVICE / "Dockerfile").read_text()


def at_most(field: FieldInfo) -> int:
    return next(int(limit.le) for limit in field.metadata if hasattr(limit, "le"))


def attributes(properties: dict[str, Any], key: str) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in properties[key]}


def instruction(name: str) -> str:
    """Return the arguments of the last instruction of this name in the Dockerfile."""
    return str(re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)[-1])


def test_every_variable_that_infra_sets_is_read_by_the_service(container: dict[str, Any]) -> None:
    assert {name.lower() for name in variables(container)} <= set(ServerSettings.model_fields)


def test_every_variable_that_the_service_requires_is_set_by_infra(container: dict[str, Any]) -> None:
    required = {name for name, field in ServerSettings.model_fields.items() if field.is_required()}
    assert required <= {name.lower() for name in variables(container)}


def test_infra_reads_the_settings_as_pydantic_does() -> None:
    known = read_settings(SERVICE / "kit" / "settings.py", KIT_APP / "settings.py")
    assert known
    fields = ServerSettings.model_fields | AppSettings.model_fields
    assert {name.lower() for name in known.settings} == set(fields)
    for name, setting in known.settings.items():
        field = fields[name.lower()]
        types = (field.annotation, *getattr(field.annotation, "__args__", ()))
        assert (setting.required, setting.secret) == (field.is_required(), SecretStr in types), name


@settings(deadline=None)  # pydantic makes a schema for each field
@given(st.sampled_from(("LOG_LEVEL", "LOG_FORMAT", "TRUSTED_HOSTS", "RATE_LIMIT", "HEALTH_PATH")), st.data())
def test_infra_refuses_the_values_that_pydantic_refuses(name: str, data: st.DataObject) -> None:
    known = read_settings(SERVICE / "kit" / "settings.py")
    assert known
    allowed = known.settings[name].allowed
    assert allowed
    some = [
        "debug",
        "INFO",
        "verbose",
        "json",
        "a.org",
        ".a.org, b.org",
        "A.org",
        "/x",
        "x",
        "5/second",
        "5 a",
    ]
    value = data.draw(st.sampled_from(some) | st.text(min_size=1, max_size=8))
    field = ServerSettings.model_fields[name.lower()]
    kind: Any = Annotated[field.annotation, field]
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        refused = True
    else:
        refused = False
    assert allowed.takes(value) is not refused


@pytest.mark.parametrize("missing", ["VERSION", "GUNICORN_TIMEOUT_S"])
def test_the_service_does_not_start_without_a_variable_that_infra_sets(
    made: dict[str, Template], checkout: Path, missing: str
) -> None:
    (task,) = of_type(made["dev"], "AWS::ECS::TaskDefinition")
    given = variables(task["ContainerDefinitions"][0])
    del given[missing]
    run = subprocess.run(
        task["ContainerDefinitions"][0]["Command"],
        cwd=checkout,
        env={**PATHS, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert len(run.stderr.splitlines()) == 1
    assert missing in run.stderr


def test_the_target_groups_health_check_is_answered_as_it_expects(template: Template, server: Server) -> None:
    (target_group,) = of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    # The load balancer asks each task by its address, not by the domain.
    response, _ = server.get(target_group["HealthCheckPath"], Host="10.0.1.17:8000")
    assert str(response.status) == target_group["Matcher"]["HttpCode"]


def test_the_front_container_listens_where_the_balancer_sends(template: Template) -> None:
    (target_group,) = of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    (service,) = of_type(template, "AWS::ECS::Service")
    (balancer,) = service["LoadBalancers"]
    (task,) = of_type(template, "AWS::ECS::TaskDefinition")
    (front,) = (each for each in task["ContainerDefinitions"] if each["Name"] == balancer["ContainerName"])
    (mapping,) = front["PortMappings"]
    assert target_group["Port"] == balancer["ContainerPort"] == mapping["ContainerPort"]
    assert str(mapping["ContainerPort"]) == variables(front)["PORT"]


def test_both_ends_speak_tls_or_neither_does(template: Template) -> None:
    (target_group,) = of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    (task,) = of_type(template, "AWS::ECS::TaskDefinition")
    (front,) = (each for each in task["ContainerDefinitions"] if each.get("PortMappings"))
    assert ("TLS_TO_TASKS" in variables(front)) == (target_group["Protocol"] == "HTTPS")


def test_the_timeouts_gunicorn_really_runs_with_fit_those_of_the_load_balancer(
    template: Template, container: dict[str, Any], checkout: Path
) -> None:
    printed = subprocess.run(
        [*container["Command"], "--print-config"],
        cwd=checkout,
        env={**PATHS, **variables(container)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    running = dict(re.findall(r"^(\w+) += (\d+)$", printed, re.MULTILINE))
    (balancer,) = of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    (target_group,) = of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    delay = attributes(target_group, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"]
    idle = attributes(balancer, "LoadBalancerAttributes")["idle_timeout.timeout_seconds"]
    assert (
        timeout_conflicts(
            alb_idle_s=int(idle),
            keepalive_s=None,
            deregistration_delay_s=int(delay),
            gunicorn_graceful_timeout_s=int(running["graceful_timeout"]),
            lame_duck_s=0,  # Gunicorn counts the lame duck as part of its graceful timeout
            stop_timeout_s=container["StopTimeout"],
        )
        == []
    )


def test_as_many_workers_boot_as_the_task_definition_says(server: Server, container: dict[str, Any]) -> None:
    expected = int(variables(container)["GUNICORN_WORKERS"])
    wait_for(lambda: server.count("Booting worker") == expected, f"the boot of {expected} workers")


def test_the_answer_names_the_environment_and_the_version(server: Server, container: dict[str, Any]) -> None:
    said = json.loads(server.get("/version")[1])
    expected = variables(container)
    assert (said["environment"], said["version"]) == (expected["ENVIRONMENT"], expected["VERSION"])


def test_the_service_believes_as_many_proxies_as_there_are(
    template: Template, container: dict[str, Any]
) -> None:
    (task,) = of_type(template, "AWS::ECS::TaskDefinition")
    assert variables(container)["PROXY_HOPS"] == str(len(task["ContainerDefinitions"]))


def test_the_image_runs_the_task_definitions_command(container: dict[str, Any]) -> None:
    assert json.loads(instruction("CMD")) == container["Command"]


def test_the_image_asks_for_its_health_where_the_service_answers() -> None:
    assert f'os.environ.get(\\"HEALTH_PATH\\", \\"{DEFAULT_HEALTH_PATH}\\")' in DOCKERFILE


def test_load_balancer_service_and_nginx_take_the_same_health_path_by_default() -> None:
    start = (SOURCES / "nginx" / "start").read_text()
    assert HealthCheck().path == DEFAULT_HEALTH_PATH
    assert f'HEALTH_PATH="${{HEALTH_PATH:-{DEFAULT_HEALTH_PATH}}}"' in start


def test_the_service_takes_every_body_limit_that_an_environment_may_have() -> None:
    field = ServerSettings.model_fields["max_content_length_bytes"]
    allowed = Environment.model_fields["max_body_mib"]
    assert at_most(allowed) * 1024**2 == at_most(field)


@settings(derandomize=True, database=None, deadline=None)
@given(st.from_regex(r"/[a-zA-Z0-9._~/%?:@-]{1,4}", fullmatch=True))
def test_the_service_answers_every_health_path_that_infra_takes(path: str) -> None:
    try:
        taken = HealthCheck(path=path)
    except ValidationError:
        return
    assert Settings(environment="test", version="1", proxy_hops=1, health_path=taken.path)


def test_the_image_and_the_task_definition_name_the_same_user(container: dict[str, Any]) -> None:
    assert instruction("USER").split(":")[0] == container["User"]


def test_the_image_lends_its_mode_to_every_folder_that_the_task_mounts(container: dict[str, Any]) -> None:
    declared = set(re.findall(r"^VOLUME (.+)$", DOCKERFILE, re.MULTILINE))
    assert {mount["ContainerPath"] for mount in container["MountPoints"]} == declared


def test_the_service_imports_nothing_that_the_image_lacks(container: dict[str, Any], checkout: Path) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import service, sys; service.create_app(); print(*sys.modules)"],
        cwd=checkout,
        env={**PATHS, **variables(container)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "flask" in loaded
    assert not {"aws_cdk", "boto3", "infra", "tools"} & set(loaded)
