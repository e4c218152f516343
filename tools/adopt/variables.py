"""Decide of each variable whether it is taken over, becomes a secret, or is set by the kit itself."""

import re
from typing import Any

from infra.parameters import SET_BY_INFRA, NewSecret, SecureParameter, any_value_will_do, parameter_name
from tools.adopt.report import Report
from tools.adopt.wishes import Wishes

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
# As infra/parameters/configuration_checks.py refuses them among the variables.
_SECRET = re.compile(
    "(.+_)?(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|SECRET|PRIVATE|SIGNING)_?KEY)"
)
_URL_WITH_PASSWORD = re.compile(r"\w://[^/\s:@]*:[^/\s@]+@")

_IMAGE = "the image sets it"
# Names that mean something to the kit, to Flask or to AWS: why they are no variables here.
SET_OTHERWISE = (
    (SET_BY_INFRA, "follows from other parameters (infra/task/variables.py)"),
    (re.compile("FLASK_APP"), "the image sets FLASK_APP, so that every `flask` command finds your app"),
    (
        re.compile("FLASK_(ENV|DEBUG|RUN_.+|SKIP_DOTENV)|WERKZEUG_.+"),
        "not set: it is the development server's, which never runs in AWS",
    ),
    (re.compile("ECS_.+|AWS_(DEFAULT_)?REGION|AWS_CONTAINER_.+|AWS_EXECUTION_ENV"), "ECS sets it"),
    (
        re.compile("AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE)"),
        "not set: tasks have a role; grant it what the app needs in infra/additions.py",
    ),
    (re.compile("PYTHON(UNBUFFERED|DONTWRITEBYTECODE|PATH|HOME|FAULTHANDLER|IOENCODING)|PATH"), _IMAGE),
    (
        re.compile("PIP_.+|POETRY_.+|PIPENV_.+|UV_.+|VIRTUAL_ENV|DEBIAN_FRONTEND"),
        "not set: only a build reads it",
    ),
    (re.compile("HOME|USER|SHELL|LANG|LANGUAGE|LC_.+"), "not set: the image's own is used"),
)


def take_variable(wishes: Wishes, report: Report, source: str, name: str, value: Any, env: str) -> None:
    """Wish for a variable, or say why it is none; no value of a secret is ever written or shown."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    reason = why_otherwise(name)
    if name == "WEB_CONCURRENCY" and text.isdecimal():
        wishes.set("tasks.workers", int(text), source)
        report.taken(source, text, f"`tasks.workers={text}`")
    elif name == "GUNICORN_CMD_ARGS":
        report.yours(source, text, "not set: service/gunicorn_conf.py is the kit's; see docs/coming-from.md")
    elif reason:
        report.otherwise(source, _seen(name, text), reason)
    elif not _NAME.fullmatch(name):
        report.yours(
            source, _seen(name, text), "not set: names of variables are capital letters, digits and _ here"
        )
    elif not text:
        report.otherwise(source, "", "not set: an empty variable counts as none")
    elif _SECRET.fullmatch(name) or _URL_WITH_PASSWORD.search(text):
        take_secret(wishes, report, source, name, env)
    elif name == "LOG_LEVEL":
        _take_log_level(wishes, report, source, text)
    else:
        wishes.add("variables", name, text, source)
        report.taken(source, text, f"`variables`: {name}")


def why_otherwise(name: str) -> str | None:
    """Return why a name is no variable and no secret here, None if it may be one."""
    return next((why for names, why in SET_OTHERWISE if names.fullmatch(name)), None)


def take_secret(wishes: Wishes, report: Report, source: str, name: str, env: str) -> None:
    """Wish for a secret whose value is not known here."""
    if name in (wishes.get("secrets") or {}):
        return
    if any_value_will_do(name):
        wishes.add("secrets", name, NewSecret(), source)
        report.otherwise(
            source,
            "(a secret)",
            f"`secrets`: {name} is a NewSecret(), which the stack makes; no value was copied",
        )
        return
    parameter = parameter_name(name, environment=env)
    wishes.add("secrets", name, SecureParameter(name=parameter), source)
    report.yours(
        source,
        "(a secret)",
        f"`secrets`: {name} is SecureParameter(name=...), such as "
        f"{parameter.replace(f'/{env}/', '/ENVIRONMENT/')}; no value "
        "was copied, so give it one (docs/configuration.md)",
    )


def is_secret(name: str) -> bool:
    """Return whether a variable of this name holds a secret."""
    return bool(_SECRET.fullmatch(name))


def _seen(name: str, text: str) -> str:
    return "(a secret)" if is_secret(name) or _URL_WITH_PASSWORD.search(text) else text


def _take_log_level(wishes: Wishes, report: Report, source: str, text: str) -> None:
    level = text.lower()
    if level in ("debug", "info", "warning", "error", "critical"):
        wishes.add("variables", "LOG_LEVEL", level, source)
        report.taken(source, text, f"`variables`: LOG_LEVEL is {level}")
    else:
        report.yours(
            source, text, "LOG_LEVEL is debug, info, warning, error or critical: set it in `variables`"
        )
