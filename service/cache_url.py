"""Make CACHE_URL of the parts that infra gives, as clients of Redis and Valkey read it."""

from collections.abc import MutableMapping
from urllib.parse import quote


def compose(environ: MutableMapping[str, str]) -> None:
    """Set CACHE_URL from CACHE_HOST and the other parts; one that is set already stays."""
    if not environ.get("CACHE_HOST") or environ.get("CACHE_URL"):
        return
    user, password = (quote(environ.get(f"CACHE_{part}", ""), safe="") for part in ("USER", "PASSWORD"))
    scheme = environ.get("CACHE_SCHEME", "rediss")
    # Celery refuses an address with TLS that does not say so; for others it is the default.
    checked = "?ssl_cert_reqs=required" if scheme == "rediss" else ""
    # A cluster has no other database than 0.
    place = f"{environ['CACHE_HOST']}:{environ.get('CACHE_PORT', '6379')}/0"
    environ["CACHE_URL"] = f"{scheme}://{user}:{password}@{place}{checked}"
