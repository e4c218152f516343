"""Limit the requests of each client address to RATE_LIMIT; others get 429 with Retry-After."""

from flask import Flask

from service.kit.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Limit each client, if RATE_LIMIT is set.

    With the default memory:// each worker process counts for itself, so a client gets up to workers x tasks
    times the limit; RATE_LIMIT_STORAGE_URI=redis://... counts for all (add the `redis` package).
    """
    if not settings.rate_limit:
        return
    # Imported only when it is turned on: it takes 4 MB and 60 ms.
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    Limiter(
        get_remote_address,  # behind ProxyFix: the client, not the load balancer
        app=app,
        application_limits=[settings.rate_limit],
        storage_uri=settings.rate_limit_storage_uri,
        headers_enabled=True,
        # The service goes on while the storage is down.
        swallow_errors=True,
    )
