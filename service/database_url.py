"""Make DATABASE_URL of the parts that infra gives, as SQLAlchemy reads it."""

import importlib.util
import json
from collections.abc import MutableMapping
from urllib.parse import quote

# Longer than a failover's first refusals, shorter than a client waits; infra gives more where it may pause.
_CONNECT_TIMEOUT_S = "10"


def compose(environ: MutableMapping[str, str]) -> None:
    """Set DATABASE_URL from DATABASE_HOST and the other parts; one that is set already stays."""
    if not environ.get("DATABASE_HOST") or environ.get("DATABASE_URL"):
        return
    given = {part: environ.get(f"DATABASE_{part}", "") for part in ("USER", "PASSWORD", "NAME")}
    if login := environ.get("DATABASE_LOGIN"):
        # Of the kit: who logs in changes with each rotation (infra/release/database_rotation.py).
        known = json.loads(login)
        given |= {"USER": known["username"], "PASSWORD": known["password"]}
    user, password, name = (quote(each, safe="") for each in given.values())
    # SQLAlchemy 2.0 and 2.1 differ in the driver that they take without its name.
    driver = "psycopg" if importlib.util.find_spec("psycopg") else "psycopg2"
    host, port = environ["DATABASE_HOST"], environ.get("DATABASE_PORT", "5432")
    # The folder of a socket, as Cloud Run has it; libpq ignores sslmode there.
    # https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#unix-domain-connections
    socket = host.startswith("/")
    place, folder = ("", f"host={quote(host)}&port={port}&") if socket else (f"{host}:{port}", "")
    environ["DATABASE_URL"] = (
        f"postgresql+{driver}://{user}:{password}@{place}/{name}"
        f"?{folder}sslmode={environ.get('DATABASE_SSLMODE', 'require')}"
        f"&connect_timeout={environ.get('DATABASE_CONNECT_TIMEOUT_S', _CONNECT_TIMEOUT_S)}"
    )
