"""Set the variables of the service's container; service/kit/settings.py is the other half of the contract."""

from infra.parameters import DEFAULT_HEALTH_PATH, GUNICORN_LINE_BYTES, TaskFields, Timeouts
from infra.task.containers import SHARED_FOLDER
from infra.task.ports import APP_PORT


def service_variables(
    parameters: TaskFields, *, version: str, proxy_hops: int, timeouts: Timeouts, noindex: bool
) -> dict[str, str]:
    """Return all variables of the app's containers, those of the environment first.

    `version` is what the image's content is called, `proxy_hops` the number of proxies before Gunicorn.
    """
    tasks = parameters.tasks
    return {
        **parameters.variables,
        "ENVIRONMENT": parameters.name,
        "VERSION": version,
        "PROXY_HOPS": str(proxy_hops),
        "MAX_CONTENT_LENGTH_BYTES": max_body_bytes(parameters),
        **health_variables(parameters),
        **({"NOINDEX": "true"} if noindex else {}),
        "TRACE_PERCENT": str(parameters.trace_percent),
        "GUNICORN_WORKERS": str(tasks.gunicorn_workers),
        "GUNICORN_THREADS": str(tasks.gunicorn_threads),
        "GUNICORN_QUEUE_S": f"{tasks.queue_s:g}",
        "GUNICORN_STREAMS": str(tasks.streams),
        "GUNICORN_TIMEOUT_S": str(timeouts.gunicorn_timeout_s),
        "GUNICORN_GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
        "GUNICORN_HEADER_LINE_BYTES": str(GUNICORN_LINE_BYTES),
        "SHARED_FOLDER": SHARED_FOLDER,
        # Only the proxy may connect, and while a task stops it is the proxy that goes on accepting.
        "HOST": "127.0.0.1",
        "PORT": str(APP_PORT),
        "LAME_DUCK_S": "0",
    }


def max_body_bytes(parameters: TaskFields) -> str:
    """Return the largest request body in bytes, as the service and the proxies read it."""
    return str(parameters.max_body_mib * 1024**2)


def health_variables(parameters: TaskFields) -> dict[str, str]:
    """Return HEALTH_PATH, unless the path is the one that the service and nginx take without it."""
    path = parameters.health_check.path
    return {} if path == DEFAULT_HEALTH_PATH else {"HEALTH_PATH": path}
