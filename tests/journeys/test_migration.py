"""Test the lock of migrations, the app's user, and what `make why` knows of errors, on a real PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.kit.migration import LOCK
from tests.checkout import ROOT
from tests.journeys.conftest import PACKAGES
from tools import causes
from tools.local_cloud import database
from tools.local_cloud.database import Login
from tools.local_cloud.state import State

PYTHON = str(PACKAGES / "packages" / "bin" / "python")
# Writes down that it begins and ends, and asks the database what it may wait for.
COMMAND = """
import os, psycopg, sys
with open(sys.argv[1], "a") as file:
    print("begin", file=file, flush=True)
    with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as connection:
        print(connection.execute("SHOW lock_timeout").fetchone()[0], file=sys.stdout, flush=True)
        connection.execute("CREATE TABLE IF NOT EXISTS guest (id int)")
    print("end", file=file, flush=True)
print(sorted(name for name in os.environ if name.startswith("DATABASE_ADMIN")))
"""

# Provokes what goes wrong with a database, and prints its words.
FAILURES = """
import json, os, psycopg
url = os.environ["DATABASE_URL"].replace("+psycopg", "")
def said(at, *statements, **parts):
    try:
        with psycopg.connect(at, **parts) as connection:
            for statement in statements:
                connection.execute(statement)
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error}"
found = {
    "database-password": said(url, password="wrong"),
    "database-tls": said(url, sslmode="require"),
    "database-name-unknown": said(url, host="nowhere.invalid"),
    "database-unreachable": said(url, port=9),
    "database-missing": said(url, dbname="shop"),
    "database-behind": said(url, "SELECT * FROM nothing"),
    "database-behind ": said(url, "CREATE TEMP TABLE t (a int)", "SELECT b FROM t"),
    "database-rights": said(url, "SELECT * FROM pg_authid"),
    "database-read-only": said(url, "SET transaction_read_only = on", "CREATE TABLE t (a int)"),
}
with psycopg.connect(url) as first:
    first.execute("CREATE TABLE kept (a int)")
    first.commit()
    first.execute("LOCK TABLE kept")
    found["migration-lock"] = said(url, "SET lock_timeout = '1ms'", "ALTER TABLE kept ADD b int")
login = {"user": os.environ["ADMIN"], "password": os.environ["ADMIN_PASSWORD"]}
with psycopg.connect(url, autocommit=True, **login) as one:
    one.execute("ALTER ROLE app CONNECTION LIMIT 0")
    found["database-full"] = said(url)
    one.execute("ALTER ROLE app CONNECTION LIMIT -1")
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL, and the password that the app has."""

    login: Login
    logs: Path
    password: str = "a'b\"c%d"

    @property
    def environment(self) -> dict[str, str]:
        login = self.login
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(login.port),
            "DATABASE_NAME": login.name,
            "DATABASE_USER": "app",
            "DATABASE_PASSWORD": self.password,
            "DATABASE_SSLMODE": "prefer",
            "DATABASE_ADMIN_USERNAME": login.user,
            "DATABASE_ADMIN_PASSWORD": login.password,
        }

    def migrated(self, *command: str, **more: str) -> tuple[int, str, str]:
        """Return the exit code of a migration, and what it has said on stdout and stderr."""
        process = self.migrating(*command, **more)
        said, told = process.communicate()
        return process.returncode, said, told

    def migrating(self, *command: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PYTHON, "-m", "service.kit.migration", *command],
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def psql(self) -> subprocess.Popen[str]:
        place = ["--host", "127.0.0.1", "--port", str(self.login.port), "--username", self.login.user]
        return subprocess.Popen(
            [database.program("psql"), "--no-psqlrc", "--quiet", "--tuples-only", *place, self.login.name],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": self.login.password},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def asked(self, sql: str) -> str:
        said, _ = self.psql().communicate(sql)
        return said.strip()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a PostgreSQL; it outlives the process that starts it, which is another one here too."""
    state = State(tmp_path_factory.mktemp("postgres"))
    start = (
        "import sys; from pathlib import Path; from tools.local_cloud import database as d;"
        "from tools.local_cloud.state import State;"
        "d.start(State(Path(sys.argv[1])), 'dev', {'MasterUsername': 'administrator', 'DBName': 'app'})"
    )
    subprocess.run([sys.executable, "-c", start, str(state.folder)], cwd=ROOT, check=True)
    try:
        yield Server(Login(**state.read("database")["login"]), state.logs)
    finally:
        assert database.stop(state) == 1


def test_the_folder_of_a_socket_is_read_by_libpq_and_sqlalchemy_as_cloud_run_mounts_it() -> None:
    code = (
        "import os, json, service, psycopg.conninfo, sqlalchemy;"
        "url = os.environ['DATABASE_URL']; made = sqlalchemy.make_url(url);"
        "libpq = psycopg.conninfo.conninfo_to_dict(url.replace('+psycopg', ''));"
        "args, known = made.get_dialect()().create_connect_args(made);"
        "parts = ('host', 'port', 'user', 'dbname');"
        "print(json.dumps([[each[key] for key in parts] for each in (libpq, known)]))"
    )
    parts = {"HOST": "/cloudsql/acme:europe-west1:shop", "NAME": "shop", "USER": "app", "PASSWORD": "a/b@c"}
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    given |= {f"DATABASE_{name}": value for name, value in parts.items()}
    said = subprocess.run([PYTHON, "-c", code], env=given, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [["/cloudsql/acme:europe-west1:shop", "5432", "app", "shop"]] * 2


def test_three_at_once_wait_for_each_other_and_all_succeed(server: Server, tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert server.migrated()[0] == 0  # the user is made once; here only the lock counts
    holder = server.psql()
    assert holder.stdin
    assert holder.stdout
    holder.stdin.write(f"SELECT pg_advisory_lock({LOCK}), 'held';\n")
    holder.stdin.flush()
    assert "held" in holder.stdout.readline()
    no_administrator = {"DATABASE_ADMIN_USERNAME": ""}
    three = [server.migrating(PYTHON, "-c", COMMAND, str(book), **no_administrator) for _ in range(3)]
    for each in three:
        assert each.stderr
        assert each.stderr.readline() == "migration: another one is at work: waiting\n"
    assert not book.exists()
    holder.communicate()
    assert [each.communicate() and each.returncode for each in three] == [0, 0, 0]
    assert book.read_text().split() == ["begin", "end"] * 3


def test_the_command_waits_for_no_lock_for_long_and_has_no_administrators_login(
    server: Server, tmp_path: Path
) -> None:
    _, said, _ = server.migrated(PYTHON, "-c", COMMAND, str(tmp_path / "book"))
    assert said.splitlines() == ["5s", "[]"]


def test_the_apps_user_owns_the_database_and_is_no_superuser(server: Server) -> None:
    assert server.migrated()[0] == 0
    owner = (
        "SELECT rolname, rolsuper FROM pg_roles JOIN pg_database ON datdba = pg_roles.oid "
        "WHERE datname = 'app'"
    )
    assert server.asked(owner).split() == ["app", "|", "f"]


def test_no_password_gets_into_the_log_of_the_database(server: Server) -> None:
    assert server.migrated()[0] == 0  # makes the user, if no test before did
    server.asked("ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf();")
    assert replace(server, password="secret-in-a-log").migrated()[0] == 0
    log = (server.logs / "database.log").read_text()
    assert "ALTER ROLE app LOGIN PASSWORD 'SCRAM-SHA-256$" in log
    assert "secret-in-a-log" not in log


def test_the_next_release_gives_the_user_a_new_password(server: Server, tmp_path: Path) -> None:
    assert replace(server, password="another").migrated(PYTHON, "-c", COMMAND, str(tmp_path / "book"))[0] == 0
    _, _, told = server.migrated(PYTHON, "-c", "", DATABASE_ADMIN_USERNAME="")
    assert "password authentication failed" in told


def turn(server: Server, user: str, password: str, *command: str) -> tuple[int, str, str]:
    """Run a command as the user whose turn it is; as in RDS, the administrator may not do everything."""
    server.asked(
        "DO $$ BEGIN CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD 'manager'; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
        "SELECT 'CREATE DATABASE turns OWNER manager' WHERE NOT EXISTS "
        "(SELECT 1 FROM pg_database WHERE datname = 'turns') \\gexec"
    )
    return server.migrated(
        *command,
        DATABASE_LOGIN=json.dumps({"username": user, "password": password}),
        DATABASE_ADMIN_USERNAME="manager",
        DATABASE_ADMIN_PASSWORD="manager",
        DATABASE_NAME="turns",
        DATABASE_USER="owner",
    )


IN_TURNS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as connection:
    connection.execute(os.environ["SQL"])
    print(*connection.execute("SELECT session_user, current_user, tableowner FROM pg_tables "
                              "WHERE tablename = 'turn'").fetchone())
"""


def test_two_users_take_turns_and_each_changes_what_the_other_has_made(server: Server) -> None:
    done = []
    for user, sql in (
        ("owner", "CREATE TABLE turn (a int)"),
        ("owner_clone", "ALTER TABLE turn ADD b int"),
        ("owner", "ALTER TABLE turn ADD c int"),
    ):
        code, said, told = turn(server, user, f"of {user}", "env", f"SQL={sql}", PYTHON, "-c", IN_TURNS)
        assert code == 0, told
        done.append(said.strip())
    assert done == ["owner owner owner", "owner_clone owner owner", "owner owner owner"]


def test_the_user_before_goes_on_with_its_password(server: Server) -> None:
    assert turn(server, "owner", "the old one")[0] == 0
    assert turn(server, "owner_clone", "the new one")[0] == 0
    code, _, told = server.migrated(
        "true",
        DATABASE_LOGIN=json.dumps({"username": "owner", "password": "the old one"}),
        DATABASE_ADMIN_USERNAME="",
        DATABASE_NAME="turns",
    )
    assert code == 0, told


def test_a_login_that_nobody_can_use_fails_the_task(server: Server) -> None:
    code, _, told = server.migrated(
        DATABASE_LOGIN=json.dumps({"username": "app", "password": "never told"}), DATABASE_ADMIN_USERNAME=""
    )
    assert code == 1
    assert "password authentication failed" in told


def test_it_ends_as_the_command_ends(server: Server) -> None:
    assert server.migrated(PYTHON, "-c", "raise SystemExit(3)")[0] == 3


@pytest.mark.parametrize(
    ("command", "more", "said"),
    [
        (("no-such-command",), {}, "migration: no-such-command cannot be run: No such file or directory\n"),
        ((), {"DATABASE_HOST": ""}, "migration: DATABASE_URL is not set, or no URL such as"),
        ((), {"DATABASE_ADMIN_PASSWORD": "wrong"}, "password authentication failed"),
        ((), {"DATABASE_URL": "mysql://a@b/c"}, "migration: DATABASE_URL is not set, or no URL such as"),
    ],
)
def test_what_cannot_be_is_one_line(
    server: Server, command: tuple[str, ...], more: dict[str, str], said: str
) -> None:
    code, _, told = server.migrated(*command, **more)
    assert code == 1
    assert said in told
    assert len(told.splitlines()) == 1


def test_without_a_driver_it_says_which_to_add(server: Server) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.kit.migration"],
        env=server.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == (
        "migration: there is no driver: add psycopg[binary] to service/requirements.in, then make lock\n"
    )


def job(server: Server, code: str) -> subprocess.Popen[str]:
    """Start a job that does not run beside itself."""
    given = {"ENVIRONMENT": "test", "VERSION": "1", "PORT": "8000", "PROXY_HOPS": "1", "LAME_DUCK_S": "0"}
    given |= {f"GUNICORN_{name}": "9" for name in ("WORKERS", "THREADS", "TIMEOUT_S", "GRACEFUL_TIMEOUT_S")}
    words = ["--timeout-s", "60", "--overlap", "skip", "nightly", PYTHON, "-c", code]
    return subprocess.Popen(
        [PYTHON, "-m", "service.kit.job", *words],
        env={**server.environment, **given, "DATABASE_USER": server.login.user, "LOG_FORMAT": "json"}
        | {"DATABASE_PASSWORD": server.login.password},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_job_is_skipped_while_its_last_run_goes_on(server: Server) -> None:
    first = job(server, "print('begun', flush=True); input()")
    assert first.stdout
    assert "begun" in first.stdout.readline()
    second = job(server, "print('ran twice')")
    said, _ = second.communicate()
    assert second.returncode == 0
    assert "job nightly was skipped: its last run has not ended" in said
    assert "ran twice" not in said
    first.communicate("\n")
    third = job(server, "print('ran again')")
    assert "ran again" in third.communicate()[0]


def test_the_errors_of_a_real_server_are_known_to_make_why(server: Server) -> None:
    code, said, told = server.migrated(
        PYTHON, "-c", FAILURES, ADMIN=server.login.user, ADMIN_PASSWORD=server.login.password
    )
    assert code == 0, told
    errors = json.loads(said)
    known = {
        name: causes.of([f"log: {line}" for line in error.splitlines()]) for name, error in errors.items()
    }
    assert {name: each and each.name for name, each in known.items()} == {
        name: name.strip() for name in errors
    }
