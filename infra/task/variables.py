"""The variables of the service's container: half of a contract, the other half is service/kit/settings.py."""

from infra.parameters import EnvironmentName, Tasks, Timeouts
from infra.task.proxy import APP_PORT

# Eight 64 MB uploads at once peaked at 503 to 565 MB without a limit and at 55 MB with this one.
MAX_BODY_BYTES = 10 * 1024**2


def service_variables(
    *,
    environment_name: EnvironmentName,
    version: str,
    proxy_hops: int,
    trace_percent: float,
    tasks: Tasks,
    timeouts: Timeouts,
) -> dict[str, str]:
    """Those that are the same with and without a proxy in the task."""
    return {
        "ENVIRONMENT": environment_name,
        "VERSION": version,
        "PROXY_HOPS": str(proxy_hops),
        "MAX_CONTENT_LENGTH_BYTES": str(MAX_BODY_BYTES),
        "TRACE_PERCENT": str(trace_percent),
        "GUNICORN_WORKERS": str(tasks.gunicorn_workers),
        "GUNICORN_THREADS": str(tasks.gunicorn_threads),
        "GUNICORN_TIMEOUT_S": str(timeouts.gunicorn_timeout_s),
        "GUNICORN_GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
        "GUNICORN_KEEPALIVE_S": str(timeouts.gunicorn_keepalive_s),
    }


def variables_without_proxy(*, port: int, tls: bool, timeouts: Timeouts) -> dict[str, str]:
    """Without a proxy, Gunicorn is what the load balancer talks to."""
    return {
        "PORT": str(port),
        **({"TLS_TO_TASKS": "1"} if tls else {}),
        "LAME_DUCK_S": str(timeouts.lame_duck_s),
    }


def variables_behind_proxy() -> dict[str, str]:
    """The proxy alone may connect, and is the lame duck of both."""
    return {"HOST": "127.0.0.1", "PORT": str(APP_PORT), "LAME_DUCK_S": "0"}
