"""Read a Procfile, and Heroku's app.json and runtime.txt.

https://devcenter.heroku.com/articles/procfile and app-json-schema
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from tools.adopt.beside import beside
from tools.adopt.report import Report
from tools.adopt.rules import Case, Rule, apply, decided, otherwise, yours
from tools.adopt.values import whole
from tools.adopt.variables import take_secret, take_variable
from tools.adopt.wishes import Wishes


def _take_process(case: Case) -> None:
    """Write the line that makes it a worker; whether its broker is there, adopt cannot know."""
    name = re.sub("[^a-z0-9]+", "-", case.source.rpartition(" ")[2].lower()).strip("-")
    try:
        words = tuple(shlex.split(str(case.value)))
    except ValueError:
        words = ()
    if not words or any(each in "|&;<>" or "$" in each or "=" in words[0] for each in words):
        case.yours(f"{_PROCESS} its command without a shell")
    else:
        # Two clocks would start everything twice.
        one = ", min=1, max=1" if _CLOCK.search(f"{name} {case.value}") else ""
        case.yours(f"{_PROCESS} `workers=(Worker(name={name!r}, command={words!r}{one}),)`")


_CLOCK = re.compile(r"\b(clock|beat|scheduler)\b")
_PROCESS = "a second service of the same image (docs/workers.md):"
PROCFILE_RULES: tuple[Rule, ...] = (
    decided(
        "web",
        "set otherwise",
        "which app it starts goes to service/app/__init__.py; its options as those of a gunicorn.conf.py",
        lambda _case: None,
    ),
    decided(
        "release", "taken over", "`release_command`: once before each new version serves", lambda _case: None
    ),
    decided(
        "*",
        "left to you",
        f"{_PROCESS} the line for `workers` is printed",
        _take_process,
    ),
)


def _take_env(case: Case) -> None:
    name, value = case.source.rpartition(".")[2], case.value
    if not isinstance(value, Mapping):
        take_variable(case.wishes, case.report, case.source, name, value, case.wishes.environment)
    elif value.get("generator") == "secret":
        take_secret(case.wishes, case.report, case.source, name, case.wishes.environment)
    elif "value" in value:
        take_variable(case.wishes, case.report, case.source, name, value["value"], case.wishes.environment)
    else:
        needed = "may be left out" if value.get("required") is False else "the app needs it"
        case.yours(f"{needed}: give {name} a value in `variables`, or in `secrets`")


def _take_quantity(case: Case) -> None:
    count = max(1, whole(case.value))
    case.set("tasks.min", count)
    case.set("tasks.max", max(count, 2))
    case.taken(f"`tasks.min={count}, max={max(count, 2)}`: the autoscaler decides between them")


def _take_postdeploy(case: Case) -> None:
    case.yours(f'it ran once, after the first deployment: `make run-task ENV=dev COMMAND="{case.value}"`')


def _take_addons(case: Case) -> None:
    for each in case.value if isinstance(case.value, list) else [case.value]:
        plan = str(each.get("plan", "") if isinstance(each, Mapping) else each)
        case.report.yours(
            case.source,
            plan,
            beside(plan) or "a service elsewhere, whose address and key are secrets (docs/configuration.md)",
        )


APP_JSON_RULES: tuple[Rule, ...] = (
    decided(
        "env.*", "taken over", "`variables`; what is generated, or looks like a secret, `secrets`", _take_env
    ),
    decided("formation.web.quantity", "taken over", "`tasks.min`, `tasks.max`", _take_quantity),
    yours(
        "formation.web.size",
        "`tasks.cpu` and `tasks.memory_mib`: a Basic or Standard-1X dyno has 512 MiB, a Standard-2X 1024",
    ),
    yours("formation", "`workers` (docs/workers.md)"),
    decided("scripts.postdeploy", "left to you", "`make run-task`, once", _take_postdeploy),
    yours("scripts", "its command belongs to your tests or your pipeline (docs/pipeline.md)"),
    decided(
        "addons",
        "left to you",
        "each by what it is: a PostgreSQL is `database=Postgres()` (docs/data.md)",
        _take_addons,
    ),
    yours(
        "buildpacks",
        "the image is built by service/Dockerfile: Python packages by the lock, Debian's by "
        "service/apt-packages.txt; what Node builds, before",
    ),
    otherwise("stack", "the image's base is python:3.13-slim"),
    otherwise("image", "the image's base is python:3.13-slim"),
    otherwise("name", "infra/environments.py names environments"),
    otherwise("description", "for people"),
    otherwise("keywords", "for people"),
    otherwise("logo", "for people"),
    otherwise("repository", "for people"),
    otherwise("website", "for people"),
    otherwise("success_url", "for people"),
    yours("environments", "each is an Environment(...) of infra/environments.py; a review app is `preview`"),
)


def read_procfile(text: str) -> dict[str, str]:
    """Return the commands of a Procfile by the name of their process."""
    return dict(re.findall(r"^([A-Za-z0-9_-]+):[ \t]*(.+?)[ \t]*$", text, re.MULTILINE))


def take_app_json(data: Mapping[str, Any], file: str, wishes: Wishes, report: Report) -> None:
    """Apply the rules to an app.json."""
    for_people = {rule.field for rule in APP_JSON_RULES if rule.here == "for people"}
    told = {name: value for name, value in data.items() if name not in for_people}
    apply(APP_JSON_RULES, told, file=file, wishes=wishes, report=report)
