"""Measure the seconds to the first answer, with and without compiled bytecode, and the memory by workers.

`preload` loads the app before the workers are forked; `freeze` also hides the loaded objects from the garbage
collector, so that the workers go on sharing their memory pages.
"""

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks import report
from benchmarks.quiet import Row
from benchmarks.servers import PYTHON, ROOT, answers, free_port, variables

KINDS = ["gthread", "ours"]
CONF = """
import gc
from service.gunicorn_conf import *  # noqa: F403 (the service's own, with one value changed)
preload_app = {preload}
def when_ready(server):
    if {freeze}:
        gc.freeze()
"""


def _start(command: list[str], env: dict[str, str], port: int) -> tuple[subprocess.Popen[bytes], float]:
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=env["PYTHONPATH"].split(":")[0],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not answers(port):
        if time.monotonic() - began > 30 or process.poll() is not None:
            raise SystemExit(f"no answer from {' '.join(command)}")
        time.sleep(0.01)
    return process, time.monotonic() - began


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # only this server is in the session
    process.wait(10)


def _seconds(kind: str, *, bytecode: bool, times: int) -> float:
    """Return the median start of a copy whose own bytecode is compiled or missing; libraries keep theirs."""
    with tempfile.TemporaryDirectory() as copy:
        for package in ("service", "benchmarks"):
            shutil.copytree(
                ROOT / package,
                Path(copy, package),
                ignore=shutil.ignore_patterns("__pycache__", ".venv", "results"),
            )
        if bytecode:
            subprocess.run([PYTHON, "-m", "compileall", "-q", copy], check=True)
        measured = []
        for _ in range(times):
            port = free_port()
            env = variables(port, workers=2, threads=16) | {
                "PYTHONPATH": copy,
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            if kind == "ours":
                options = ["--config", "python:service.gunicorn_conf", "benchmarks.apps:kit()"]
            else:
                options = ["-k", "gthread", "-w", "2", "--threads", "16", "-b", f"127.0.0.1:{port}"]
                options += ["--no-control-socket", "benchmarks.apps:bare()"]
            process, seconds = _start([PYTHON, "-m", "gunicorn", *options], env, port)
            _end(process)
            measured.append(seconds)
    return round(statistics.median(measured), 2)


def _memory(workers: int, *, preload: bool, freeze: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conf.py").write_text(CONF.format(preload=preload, freeze=freeze))
        port = free_port()
        env = variables(port, workers=workers, threads=16)
        command = [PYTHON, "-m", "gunicorn", "--config", f"{folder}/conf.py", "benchmarks.apps:kit()"]
        process, _ = _start(command, env, port)
        try:
            return _settled_mib(psutil.Process(process.pid), workers, port)
        finally:
            _end(process)


def _settled_mib(main: psutil.Process, workers: int, port: int) -> float:
    """Return the memory (PSS) once every worker has started, has loaded the app and has served."""
    before, ends_at = 0.0, time.monotonic() + 30
    while time.monotonic() < ends_at:
        for _ in range(20 * workers):
            answers(port)
        family = [main, *main.children(recursive=True)]
        now = sum(each.memory_full_info().pss for each in family) / 1024**2
        if len(family) > workers and abs(now - before) < 1:
            return round(now, 1)
        before = now
        time.sleep(0.5)
    raise SystemExit(f"the memory of {workers} workers did not settle")


def main() -> None:
    """Measure, and write the results to start.json."""
    given = report.arguments("start", __doc__, KINDS)
    times = 1 if given.quick else 7
    rows: list[Row] = [
        {
            "server": kind,
            "own bytecode": bytecode,
            "s to first answer": _seconds(kind, bytecode=bytecode, times=times),
        }
        for kind in given.kinds
        for bytecode in (True, False)
    ]
    for workers in (2,) if given.quick else (1, 2, 4, 8):
        for name, preload, freeze in (
            ("", False, False),
            (", preload", True, False),
            (", freeze", True, True),
        ):
            mib = _memory(workers, preload=preload, freeze=freeze)
            rows.append({"server": f"ours{name}", "workers": workers, "MiB": mib})
    report.write("start", given, rows)


if __name__ == "__main__":
    main()
