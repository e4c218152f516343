"""Read an instance of Cloud Run or of Container Apps from the manifest that would be deployed there."""

from pathlib import Path
from typing import Any

from infra.elsewhere import (
    CLOUD_RUN_STOP_S,
    Images,
    cloud_run_service,
    container_app,
    refuse,
    timeouts,
)
from infra.parameters import BuildImage, Environment, Google, Place
from tools.elsewhere.images import ROOT, images
from tools.preflight.task import Container, Rules, Task

_MIB = {"Mi": 1.0, "Gi": 1024.0}


def read_instance(environment: Environment, place: Place) -> Task:
    """Return what runs there; raises RefusedError if the place cannot have the environment."""
    refuse(environment, place)
    containers, stop_s = _written(environment, place, images(environment, place))
    by_name = {each.name: each for each in containers}
    check = environment.health_check
    return Task(
        environment=environment.name,
        # The proxy starts after the service there: run.googleapis.com/container-dependencies.
        containers=tuple(sorted(containers, key=lambda each: (each.name == "proxy", each.name != "web"))),
        front=by_name["proxy"],
        port=by_name["proxy"].number("PORT", 0),
        tls=False,
        health_path=check.path,
        health_codes="200-399",
        health_timeout_s=check.timeout_s,
        unhealthy_count=check.unhealthy_count,
        grace_s=max(check.grace_s, check.interval_s * check.unhealthy_count),
        idle_s=timeouts(environment, place).alb_idle_s,
        cpu=environment.tasks.cpu / 1024,
        memory_mib=sum(each.memory_mib or 0 for each in containers),
        architecture="amd64",
        rules=Rules(
            place=place.title,
            keeper=place.title,
            together=True,
            stop_s=stop_s,
            confined=False,
            files_are_memory=isinstance(place, Google),
        ),
        sources=_sources(environment),
    )


def _written(environment: Environment, place: Place, made: Images) -> tuple[list[Container], int]:
    """Return the containers of the manifest, and the seconds from SIGTERM to SIGKILL."""
    if isinstance(place, Google):
        template = cloud_run_service(environment, place, made)["spec"]["template"]["spec"]
        stop_s = CLOUD_RUN_STOP_S
    else:
        template = container_app(environment, place, made)["properties"]["template"]
        stop_s = template["terminationGracePeriodSeconds"]
    return [_container(each, stop_s) for each in template["containers"]], stop_s


def _container(each: dict[str, Any], stop_s: int) -> Container:
    command = [*each.get("command", []), *each.get("args", [])]
    # Cloud Run sets PORT in the container that gets the requests, and in no other.
    # https://docs.cloud.google.com/run/docs/container-contract#port
    port = {"PORT": str(each["ports"][0]["containerPort"])} if "ports" in each else {}
    memory = each.get("resources", {}).get("limits", each["resources"])["memory"]
    return Container(
        name=each["name"],
        image=each["image"],
        command=tuple(command[1:]),
        entry_point=tuple(command[:1]),
        variables={pair["name"]: pair["value"] for pair in each["env"] if "value" in pair} | port,
        secrets=tuple(pair["name"] for pair in each["env"] if "value" not in pair),
        user="",
        read_only=False,
        dropped=(),
        init=False,
        mounts=tuple(
            (mount["mountPath"], mount.get("name") or mount["volumeName"])
            for mount in each.get("volumeMounts", [])
        ),
        stop_timeout_s=stop_s,
        memory_mib=int(float(memory[:-2]) * _MIB[memory[-2:]]),
        after=(("web", "START"),) if each["name"] == "proxy" else (),
        health_command=(),
    )


def _sources(environment: Environment) -> dict[str, tuple[Path, dict[str, str]]]:
    """Return folder and build arguments of the images that the deployment builds."""
    made = {"proxy": (ROOT / "infra/task/proxies" / environment.proxy, dict[str, str]())}
    choice = environment.image
    if isinstance(choice, BuildImage):
        made["web"] = (ROOT / "service", dict(choice.build_args))
    return made
