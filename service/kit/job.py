"""Run a job: `python -m service.kit.job --timeout-s 3600 --overlap skip nightly flask report`.

What it prints are lines of the service's log. After the timeout it is stopped, and killed 10 seconds later.
With `--overlap skip` it does not run beside itself: an advisory lock of the database says whether it does.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Sequence
from typing import Any

from service.database_url import compose
from service.kit import logs, migration
from service.kit.settings import ServerSettings, load

TIMED_OUT = 124  # as timeout(1) has it
_NOT_RUN = 126
_GRACE_S = 10
# With the job's name it makes the number of the lock; any will do that no app takes by chance.
_LOCKS = "flask-fargate job "


def main() -> int:
    """Run the job of the command line; return its exit code, 124 after the timeout, 0 if it is skipped."""
    parser = argparse.ArgumentParser(prog="python -m service.kit.job", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--timeout-s", type=float, required=True)
    parser.add_argument("--overlap", choices=("skip", "allow"), required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    job = parser.parse_args()
    settings = load(ServerSettings)
    logs.configure(settings.log_level, logs.chosen(settings.log_format))
    logs.guard()
    compose(os.environ)
    lock = None
    if job.overlap == "skip":
        try:
            lock = _taken(job.name)
        except Exception as error:  # noqa: BLE001 # the drivers' errors have no base class that both share
            _say(job.name, f"did not run, since its lock cannot be asked: {error}", _NOT_RUN, 0)
            return _NOT_RUN
        if lock is None:
            _say(job.name, "was skipped: its last run has not ended", 0, 0)
            return 0
    began = time.monotonic()
    code = _run(job.command, job.timeout_s)
    took_s = time.monotonic() - began
    ended = f"was stopped after its timeout_s ({job.timeout_s:g} s)" if code == TIMED_OUT else "ended"
    _say(job.name, f"{ended} with exit code {code} after {took_s:.0f} s", code, took_s)
    if lock:
        lock.close()
    return code


def _taken(name: str) -> Any:
    """Return a connection that holds the job's lock until it closes, or None if another one does."""
    connection = migration.opened(migration.driver(), os.environ.get("DATABASE_URL", ""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (zlib.crc32(f"{_LOCKS}{name}".encode()),))
        if cursor.fetchone()[0]:
            return connection
    connection.close()
    return None


def _run(command: Sequence[str], timeout_s: float) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603 # the team's own command
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return _NOT_RUN
    # ECS tells this process alone that the task stops.
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    reader = threading.Thread(target=_pass_on, args=(process,), daemon=True)
    reader.start()
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        code = TIMED_OUT
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # A process of its own that the command has left behind may keep the pipe open.
    reader.join(_GRACE_S)
    return code if code >= 0 else 128 - code


def _pass_on(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        print(line, end="", flush=True)


def _say(name: str, what: str, code: int, took_s: float) -> None:
    """Write the line that `make status` shows."""
    line = {"event": f"job {name} {what}", "job": name, "exit_code": code, "took_s": round(took_s, 1)}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
