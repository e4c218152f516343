"""Make DATABASE_URL of the parts that infra gives, as SQLAlchemy reads it."""

import importlib.util
from collections.abc import MutableMapping
from urllib.parse import quote

# Longer than a failover's first refusals, shorter than a client waits.
_CONNECT_TIMEOUT_S = 10


def compose(environ: MutableMapping[str, str]) -> None:
    """Set DATABASE_URL from DATABASE_HOST and the other parts; one that is set already stays."""
    if not environ.get("DATABASE_HOST") or environ.get("DATABASE_URL"):
        return
    user, password, name = (
        quote(environ.get(f"DATABASE_{part}", ""), safe="") for part in ("USER", "PASSWORD", "NAME")
    )
    # SQLAlchemy 2.0 and 2.1 differ in the driver that they take without its name.
    driver = "psycopg" if importlib.util.find_spec("psycopg") else "psycopg2"
    place = f"{environ['DATABASE_HOST']}:{environ.get('DATABASE_PORT', '5432')}"
    environ["DATABASE_URL"] = (
        f"postgresql+{driver}://{user}:{password}@{place}/{name}"
        f"?sslmode={environ.get('DATABASE_SSLMODE', 'require')}&connect_timeout={_CONNECT_TIMEOUT_S}"
    )
