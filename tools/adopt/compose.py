"""Read a docker-compose file: how the app's container starts, and which other containers it needs.

https://docs.docker.com/reference/compose-file/services/
"""

import re
from collections.abc import Mapping
from typing import Any

from tools.adopt.beside import beside
from tools.adopt.report import Report
from tools.adopt.rules import Rule, apply, decided, otherwise, yours
from tools.adopt.wishes import Wishes

FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_LAPTOP = "a value for the laptop, not copied; if the app needs it in AWS: `variables` or `secrets`"

COMPOSE_RULES: tuple[Rule, ...] = (
    otherwise("build", "service/Dockerfile builds the image; what yours installs is read from it"),
    otherwise("image", "service/Dockerfile builds the image"),
    decided(
        "command",
        "set otherwise",
        "which app it starts goes to service/app/__init__.py; its options as those of a gunicorn.conf.py",
        lambda case: case.wishes.notes.setdefault("commands", []).append((case.source, case.value)),
    ),
    decided(
        "entrypoint",
        "set otherwise",
        "as command",
        lambda case: case.wishes.notes.setdefault("commands", []).append((case.source, case.value)),
    ),
    yours("environment", _LAPTOP),
    yours("env_file", _LAPTOP),
    otherwise("ports", "the kit chooses the ports of proxy and Gunicorn"),
    otherwise("expose", "the kit chooses the ports of proxy and Gunicorn"),
    yours(
        "volumes", "recipe docs/recipes/volumes.py, for files that outlive a task; code comes with the image"
    ),
    otherwise(
        "depends_on",
        "the load balancer sends requests to healthy tasks only; migrations are the `release_command`",
    ),
    otherwise("restart", "ECS starts tasks that end anew"),
    otherwise("healthcheck", "the load balancer checks tasks, at `health_check.path`"),
    otherwise("networks", "tasks admit the load balancer alone"),
    otherwise("container_name", "ECS names containers"),
    otherwise("platform", "`tasks.architecture`"),
    otherwise("user", "the service runs as user 10001"),
    otherwise("working_dir", "the working directory is service/src"),
    yours("secrets", "`secrets`"),
    yours("deploy", "`tasks`: number and size"),
    otherwise("stop_grace_period", "follows from `longest_request_s`"),
    otherwise("init", "the task has an init process"),
    otherwise("tty", "for the laptop"),
    otherwise("stdin_open", "for the laptop"),
    otherwise("develop", "for the laptop"),
    otherwise("profiles", "for the laptop"),
    yours("labels", "recipe docs/recipes/task_definition.py"),
    otherwise("logging", "the log goes to CloudWatch, for `log_days`"),
    otherwise("extra_hosts", "names are DNS names in AWS"),
    yours("extends", "adopt does not follow it"),
)


def take_compose(data: Mapping[str, Any], file: str, wishes: Wishes, report: Report) -> None:
    """Apply the rules to the app's service, and say what the others become."""
    services = {
        str(name): each for name, each in (data.get("services") or {}).items() if isinstance(each, Mapping)
    }
    own = app_service(services)
    for name, service in services.items():
        if name == own:
            apply(COMPOSE_RULES, _shortened(service), file=f"{file}: {name}", wishes=wishes, report=report)
        else:
            image = str(service.get("image", ""))
            here = beside(image) or "a second service of the same image: `workers` (docs/workers.md)"
            report.yours(f"{file}: {name}", image or "build", here)


def app_service(services: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the service that is the app: whose command is a web server, or the one that is built."""
    serving = [
        name
        for name, each in services.items()
        if re.search(r"gunicorn|flask\b.*\brun|uwsgi|waitress", str(each.get("command", "")))
    ]
    built = [name for name, each in services.items() if "build" in each]
    ports = [name for name in built if "ports" in services[name]]
    return next((names[0] for names in (serving, ports, built, list(services)) if len(names) == 1), None)


def _shortened(service: Mapping[str, Any]) -> dict[str, Any]:
    """Show the names of variables only: values may be secrets."""
    shown = dict(service)
    if variables := shown.get("environment"):
        names = (
            variables
            if isinstance(variables, Mapping)
            else [str(each).partition("=")[0] for each in variables]
        )
        shown["environment"] = ", ".join(map(str, names))
    return shown
