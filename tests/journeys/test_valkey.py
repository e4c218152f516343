"""Test on a real Valkey what docs/cache.md says of packages, and what `make why` knows of errors."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.checkout import ROOT
from tests.journeys.conftest import PACKAGES
from tools import causes
from tools.local_cloud import cache
from tools.local_cloud.cache import Login
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State

PYTHON = str(PACKAGES / "packages" / "bin" / "python")
LIMITS = {"CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Unit": "GB"}}}
# Gives the app its user as ElastiCache does, and then does what the test says with `url`.
AS_THE_APP = """
import json, os, redis
administrator = redis.Redis(port=int(os.environ["PORT"]), password=os.environ["PASSWORD"])
administrator.execute_command("ACL", "SETUSER", "app", "reset", ">secret", *"on ~* &* +@all -@admin".split())
url = f"redis://app:secret@127.0.0.1:{os.environ['PORT']}/0"
"""
# Provokes what goes wrong with a cache, and prints its words.
FAILURES = """
def said(at, *words):
    try:
        redis.from_url(at).execute_command(*words)
    except redis.RedisError as error:
        return f"{type(error).__module__}.{type(error).__name__}: {error}"
found = {
    "cache-slots": said(url, "MGET", "a", "b"),
    "cache-password": said(url.replace("secret", "wrong"), "GET", "a"),
    "cache-password ": said(url.replace("app:secret@", ""), "GET", "a"),
    "cache-database": said(url.replace("/0", "/1"), "GET", "a"),
    "cache-rights": said(url, "CONFIG", "GET", "dir"),
    "cache-unreachable": said("redis://127.0.0.1:9/0", "GET", "a"),
    "cache-unreachable ": said(url.replace("redis:", "rediss:"), "GET", "a"),
}
administrator.config_set("maxmemory", "1mb")
found["cache-full"] = said(url, "SET", "a", "b")
administrator.config_set("maxmemory", "0")
print(json.dumps(found))
"""
FLASK = """
import warnings
from flask import Flask, session
from flask_caching import Cache
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_session import Session
warnings.simplefilter("ignore")
app = Flask("shop")
app.config.update(SESSION_TYPE="redis", SESSION_REDIS=redis.from_url(url))
app.config.update(CACHE_TYPE="RedisCache", CACHE_REDIS_URL=url)
Session(app)
cache = Cache(app)
limits = Limiter(get_remote_address, app=app, storage_uri=url)
@app.get("/")
@limits.limit("2/minute")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return str(session["visits"])
@cache.memoize()
def twice(number):
    print("worked")
    return 2 * number
visitor = app.test_client()
print([visitor.get("/").text[:1] for _ in range(2)], visitor.get("/").status_code)
with app.app_context():
    print(twice(4), twice(4))
    try:
        cache.get_many("a", "b")
    except redis.RedisError as error:
        print(error)
"""
RQ = """
import rq
try:
    rq.Queue(connection=redis.from_url(url)).enqueue(print, "hello")
except redis.RedisError as error:
    print(error)
"""
CELERY = """
import celery
app = celery.Celery("shop", broker=url, backend=url)
try:
    app.send_task("shop.add", retry=False)
except Exception as error:
    print(error)
"""


@dataclass(frozen=True)
class Server:
    """A Valkey as `make up` starts it."""

    login: Login
    state: State

    def does(self, code: str) -> str:
        """Return what a program of the app says with this cache."""
        done = subprocess.run(
            [PYTHON, "-c", AS_THE_APP + code],
            env={"PATH": os.environ["PATH"], "PORT": str(self.login.port), "PASSWORD": self.login.password},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a Valkey as `make up` does: by another process, which it outlives."""
    state = State(tmp_path_factory.mktemp("a folder"))
    start = (
        "import sys; from pathlib import Path; from tools.local_cloud import cache;"
        "from tools.local_cloud.state import State;"
        f"cache.start(State(Path(sys.argv[1])), 'dev', {LIMITS!r})"
    )
    subprocess.run([sys.executable, "-c", start, str(state.folder)], cwd=ROOT, check=True)
    try:
        yield Server(Login(**state.read("cache")["login"]), state)
    finally:
        assert cache.stop(state) == 1


def test_sessions_limits_and_caching_work_but_not_many_keys_at_once(server: Server) -> None:
    assert server.does(FLASK).splitlines() == [
        "['1', '2'] 429",
        "worked",
        "8 8",
        "Keys in request don't hash to the same slot",
    ]


def test_rq_does_not_work(server: Server) -> None:
    assert server.does(RQ) == "Keys in request don't hash to the same slot\n"


def test_celery_does_not_work_without_its_prefix(server: Server) -> None:
    assert "Keys in request don't hash to the same slot" in server.does(CELERY)


def test_the_errors_of_a_real_server_are_known_to_make_why(server: Server) -> None:
    errors = json.loads(server.does(FAILURES))
    known = {
        name: causes.of([f"log: {line}" for line in error.splitlines()]) for name, error in errors.items()
    }
    assert {name: each and each.name for name, each in known.items()} == {
        name: name.strip() for name in errors
    }


def test_nobody_else_on_this_machine_reads_its_password(server: Server) -> None:
    folder = server.state.folder / "cache" / "dev"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "valkey.conf").stat().st_mode & 0o077 == 0


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    process = psutil.Process(server.state.read("cache")["process"]["pid"])
    listening = [each.laddr.ip for each in process.net_connections() if each.status == psutil.CONN_LISTEN]
    assert {*listening} == {"127.0.0.1"}


def test_without_a_server_for_this_machine_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tools.local_cloud.emulator_process.INTERPRETER", tmp_path / "bin" / "python")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match="elsewhere install Valkey 8 or newer"):
        cache.program()
