"""Run a migration that no other runs beside: `python -m service.kit.migration flask db upgrade`.

It waits for an advisory lock of the database, runs the command, and ends with the command's exit code. With
the administrator's login in DATABASE_ADMIN_USERNAME and DATABASE_ADMIN_PASSWORD it first makes the user whom
the app logs in as, or gives it the password that the app has. DATABASE_USER owns the database; another user,
who takes turns with it when the password is rotated, works in its name.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

# Any number will do that no app takes by chance; it is this text's CRC-32: zlib.crc32(b"flask-fargate").
LOCK = 2380803090
# A statement that waits for a lock makes all later ones wait behind it, also those of tasks that serve.
LOCK_TIMEOUT = "5s"
# By place: 1 the user who logs in, 2 its password, 3 the database, 4 its owner.
_OWNING = [
    "GRANT %4$I TO CURRENT_USER",
    "ALTER DATABASE %3$I OWNER TO %4$I",
    "REVOKE ALL ON DATABASE %3$I FROM PUBLIC",
]
# What it makes belongs to the owner, so that both users can change it.
_IN_ITS_NAME = ["GRANT %4$I TO %1$I", "ALTER ROLE %1$I SET role = %4$I"]
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2")


def main() -> int:
    """Prepare the database and run the command of the command line under the lock; return its exit code."""
    command = sys.argv[1:]
    url = os.environ.get("DATABASE_URL", "")
    if urlsplit(url).scheme not in _SCHEMES:
        return _refuse("DATABASE_URL is not set, or no URL such as postgresql://user:password@host/name")
    try:
        found = driver()
    except ImportError:
        return _refuse("there is no driver: add psycopg[binary] to service/requirements.in, then make lock")
    try:
        _prepare(found, url, os.environ)
        return _run(found, url, command) if command else _log_in(found, url)
    except Exception as error:  # noqa: BLE001 # the driver's errors have no base class that both drivers share
        return _refuse(f"{type(error).__name__}: {' '.join(str(error).split())}")


def _refuse(why: str) -> int:
    print(f"migration: {why}", file=sys.stderr, flush=True)
    return 1


def driver() -> Any:
    """Return psycopg, or psycopg2 where the app has that: the kit itself needs neither."""
    try:
        return importlib.import_module("psycopg")
    except ImportError:
        return importlib.import_module("psycopg2")


def opened(driver: Any, url: str) -> Any:
    """Connect outside of a transaction: one that is open while a migration waits would stop others."""
    _, _, rest = url.partition("://")
    connection = driver.connect(f"postgresql://{rest}")
    connection.autocommit = True
    return connection


def _log_in(driver: Any, url: str) -> int:
    """See that the app can log in: a rotation must not go on with a login that nobody can use."""
    opened(driver, url).close()
    return 0


def _run(driver: Any, url: str, command: Sequence[str]) -> int:
    connection = opened(driver, url)
    with connection.cursor() as cursor:
        # Of the session, not of a transaction: it ends with this process, however that ends.
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
        if not cursor.fetchone()[0]:
            print("migration: another one is at work: waiting", file=sys.stderr, flush=True)
            cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    options = f"{os.environ.get('PGOPTIONS', '')} -c lock_timeout={LOCK_TIMEOUT}".strip()
    without_administrator = {
        key: value for key, value in os.environ.items() if not key.startswith("DATABASE_ADMIN_")
    }
    try:
        return subprocess.run(  # noqa: S603 # the team's own release command
            command, env={**without_administrator, "PGOPTIONS": options}, check=False
        ).returncode
    except OSError as error:
        return _refuse(f"{command[0]} cannot be run: {error.strerror}")
    finally:
        connection.close()


def _prepare(driver: Any, url: str, environ: Mapping[str, str]) -> None:
    """Make the app's user the owner of the database and its only client, with the app's own password."""
    administrator = environ.get("DATABASE_ADMIN_USERNAME")
    if not administrator:
        return
    parts = urlsplit(url)
    user, name = unquote(parts.username or ""), unquote(parts.path.lstrip("/"))
    login = f"{quote(administrator, safe='')}:{quote(environ['DATABASE_ADMIN_PASSWORD'], safe='')}"
    netloc = f"{login}@{parts.netloc.rpartition('@')[2]}"
    connection = opened(driver, parts._replace(netloc=netloc).geturl())
    password = _encrypted(driver, connection, user, unquote(parts.password or ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            owner = environ.get("DATABASE_USER") or user
            for role, login in ((owner, "NOLOGIN"), (user, "LOGIN PASSWORD %L")):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
                if not cursor.fetchone():
                    _execute(cursor, f"CREATE ROLE %I {login}", role, password)
            statements = ["ALTER ROLE %I LOGIN PASSWORD %L", *_OWNING]
            for statement in statements + (_IN_ITS_NAME if user != owner else []):
                _execute(cursor, statement, user, password, name, owner)
    finally:
        connection.close()


def _execute(cursor: Any, statement: str, *values: str) -> None:
    """Execute a statement with names in it, which cannot be parameters: the server itself quotes them."""
    given = ", ".join(["%s::text"] * (1 + len(values)))
    cursor.execute(f"SELECT format({given})", (statement, *values))
    cursor.execute(cursor.fetchone()[0])


def _encrypted(driver: Any, connection: Any, user: str, password: str) -> str:
    """Return the password as the server keeps it: the server's log may have the statement."""
    method = "scram-sha-256"
    if hasattr(connection, "pgconn"):
        made = connection.pgconn.encrypt_password(password.encode(), user.encode(), method.encode())
        return str(made.decode())
    return str(driver.extensions.encrypt_password(password, user, scope=connection, algorithm=method))


if __name__ == "__main__":
    sys.exit(main())
