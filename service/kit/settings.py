"""Read settings from environment variables of the same name; a wrong one stops the start with one line."""

import re
import sys
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    IPvAnyAddress,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# The one environment on which code depends: it allows what is for a developer's machine alone.
LOCAL = "local"
RATE = re.compile(r"\d+ ?(/|per) ?(\d+ ?)?(second|minute|hour|day)s?", re.IGNORECASE)
DEFAULT_HEALTH_PATH = "/healthz"
# From https://owasp.org/www-project-secure-headers/ : the recommendations that most Flask apps can keep.
DEFAULT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Where reports go, the kit adds.
POLICY = re.compile(r"(?!.*report-(uri|to))[\x20-\x7e]{1,4000}")
PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
HOST_NAME = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def _whole_number(low: int, high: int, **default: Any) -> Any:
    return Field(ge=low, le=high, description=f"a whole number from {low} to {high}", **default)


def _matching(pattern: re.Pattern[str]) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError("has another form")
        return value

    return AfterValidator(check)


def _names_matching(pattern: re.Pattern[str]) -> BeforeValidator:
    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(name.strip() for name in value.split(","))
        # A name with a scheme or a port matches no request: everything but the health check would get 400.
        if not all(pattern.fullmatch(name) for name in names):
            raise ValueError("not host names")
        return names

    return BeforeValidator(split)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Settings of the kit and of any app; an empty variable counts as one that is not set."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    # A label for logs and people. But for LOCAL no code depends on it, or staging would prove nothing about
    # prod.
    environment: str = Field(description="a label such as dev, staging or prod")
    version: str = Field(description="what is deployed, for example a Git commit")
    proxy_hops: int = _whole_number(0, 5)
    health_path: Annotated[str, _matching(PATH)] = Field(
        default=DEFAULT_HEALTH_PATH,
        description="a path that begins with /, of letters, digits and . _ ~ / -",
    )
    trusted_hosts: Annotated[tuple[str, ...] | None, NoDecode, _names_matching(HOST_NAME)] = Field(
        default=None,
        description="lower-case host names without scheme or port, comma separated, .a.org for subdomains",
    )
    # Eight uploads of 64 MB at once took 503 to 565 MB of memory without a limit, and 55 MB with this one.
    max_content_length_bytes: int = _whole_number(1, 1024**3, default=10 * 1024**2)
    # Flask signs sessions with this key; an app without sessions needs none.
    secret_key: SecretStr | None = Field(default=None, min_length=16, description="16 or more characters")
    noindex: bool = Field(default=False, description="true or false: whether search engines are to stay away")
    csp: Literal["report", "enforce", "off"] = Field(
        default="report", description="report, enforce or off: what the content security policy does"
    )
    content_security_policy: Annotated[str, _matching(POLICY)] = Field(
        default=DEFAULT_POLICY, description="directives and their sources, without report-uri and report-to"
    )
    rate_limit: Annotated[str, _matching(RATE)] | None = Field(
        default=None, description="such as 100 per minute or 5/second; unset, there is none"
    )
    rate_limit_storage_uri: str = Field(
        default="memory://", description="memory:// counts per worker, redis://host:6379 for all tasks"
    )
    prometheus_token: SecretStr | None = Field(
        default=None, min_length=16, description="16 or more characters"
    )
    trace_percent: float = Field(default=0, ge=0, le=100, description="a number from 0 to 100, 0 is off")
    # A client with this token may make /readyz fail, to try what happens then.
    drill_token: SecretStr | None = Field(
        default=None, min_length=16, description="a secret of 16 characters or more"
    )
    # A folder that the proxy reads and writes, too. Without it the app serves its static files itself.
    shared_folder: Path | None = Field(default=None, description="a folder")
    ecs_container_metadata_uri_v4: HttpUrl | None = Field(
        default=None, description="a URL, set by ECS itself"
    )


class ServerSettings(Settings):
    """Settings of Gunicorn, with those of the kit: all are checked before a worker starts."""

    # The Dockerfile sets 0.0.0.0: only in a container is the network known to be the service's own.
    host: IPvAnyAddress = Field(default=IPv4Address("127.0.0.1"), description="an IP address of this machine")
    port: int = _whole_number(1, 65535)
    gunicorn_workers: int = _whole_number(1, 64)
    gunicorn_threads: int = _whole_number(1, 256)
    gunicorn_timeout_s: int = _whole_number(1, 4000)
    gunicorn_graceful_timeout_s: int = _whole_number(1, 4000)
    # Seconds to serve on after SIGTERM, because load balancers go on sending for a while.
    lame_duck_s: int = _whole_number(0, 60)
    # A request that has waited longer for a thread is refused with 503.
    gunicorn_queue_s: float = Field(default=2, gt=0, le=60, description="a number above 0, up to 60")
    # Streams and WebSockets of a worker, each in a thread beside those for requests.
    gunicorn_streams: int = _whole_number(0, 1000, default=64)
    # The longest line in the head of a request. More than the proxy's, which has added to X-Forwarded-For.
    gunicorn_header_line_bytes: int = _whole_number(1, 1024**2, default=18 * 1024)
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field(default="info", description="debug, info, warning, error or critical")

    log_format: Literal["json", "text"] | None = Field(
        default=None, description="json or text; unset, text on a terminal and json elsewhere"
    )

    # Set on Cloud Run: its log has names of its own for the level and the trace.
    google_cloud_project: Annotated[str, _matching(PROJECT)] | None = Field(
        default=None, description="the id of a project of Google Cloud"
    )

    # Gunicorn itself reads these two. WEB_CONCURRENCY would be ignored; GUNICORN_CMD_ARGS would override
    # the settings above.
    web_concurrency: Literal[""] = Field(default="", description="unset, GUNICORN_WORKERS decides")
    gunicorn_cmd_args: Literal[""] = Field(default="", description="unset, service/gunicorn_conf.py decides")


Model = TypeVar("Model", bound=BaseSettings)


def load(model: type[Model]) -> Model:
    """Return the model's values from the environment; exit with 1 and one line on stderr if any is wrong."""
    try:
        return model()
    except ValidationError as error:
        wrong = "; ".join(
            _explain(model, fault["loc"][0], fault["input"], fault["type"]) for fault in error.errors()
        )
        sys.exit(f"service cannot start: {wrong}. Correct the environment variables and start again.")


def _explain(model: type[BaseSettings], name: int | str, value: object, fault: str) -> str:
    field = model.model_fields[str(name)]
    if fault == "missing":
        given = " is not set"
    elif SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ())):
        given = " is wrong, its value is a secret and not shown here"
    else:
        given = f"={value!r}"
    return f"{str(name).upper()}{given} (allowed: {field.description})"
