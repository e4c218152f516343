"""RATE_LIMIT: at most so many requests per client address; the rest get 429 with Retry-After."""

from flask import Flask

# They must answer whoever asks and however often.
EXEMPT = frozenset({"health.readyz", "health.drill", "health.version", "prometheus.metrics"})


def init_app(app: Flask) -> None:
    """Limit each client, if RATE_LIMIT is set.

    With the default memory:// each worker process counts for itself, so a client gets up to workers x tasks
    times the limit; RATE_LIMIT_STORAGE_URI=redis://... counts for all (add the `redis` package).
    """
    if not app.config["RATE_LIMIT"]:
        return
    # Imported when wanted only: it takes 4 MB and 60 ms.
    from flask import request
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    limiter = Limiter(
        get_remote_address,  # behind ProxyFix: the client, not the load balancer
        app=app,
        application_limits=[app.config["RATE_LIMIT"]],
        storage_uri=app.config["RATE_LIMIT_STORAGE_URI"],
        headers_enabled=True,
        # A storage that is down must not take the service down.
        swallow_errors=True,
    )
    limiter.request_filter(lambda: request.endpoint in EXEMPT)
