"""Start the runner and wait for its first report."""

import os
import sys
import time
from dataclasses import replace

from tools.local_cloud import processes, running
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.logs import tail
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State

_READY_WITHIN_S = 30.0


def ensure(state: State, known: Running) -> Running:
    """Start the runner unless it runs, and wait for its first report."""
    if known.runner and known.runner.alive():
        known.save(state)
        return known
    running.end_tasks(state)
    command = [sys.executable, "-m", "tools.local_cloud.runner", "--state", str(state.folder)]
    command += ["--port", str(known.port), "--region", known.region]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    log = state.logs / "runner.log"
    process = processes.start(command, env=environment, cwd=REPOSITORY, log=log)
    known = replace(known, runner=processes.Started.of(process.pid))
    known.save(state)
    # CloudFormation waits for a deployment only if a runner reports, so wait for its first report.
    ends_at = time.monotonic() + _READY_WITHIN_S
    while state.read("tasks") is None:
        if process.poll() is not None or time.monotonic() > ends_at:
            raise LocalCloudError(
                "\n".join(["The runner did not start. The end of its log:", *tail(log, 15)])
            )
        time.sleep(0.05)
    return known
