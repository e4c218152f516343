"""Play a flash crowd to the local cloud, and compare its tasks with the rehearsal's, for docs/scaling.md.

Five minutes on a quiet machine. The autoscaler runs ten times as fast, with the trace and the time that a
task takes to start shortened alike, so that the rehearsal is of an hour.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.application import build_app
from infra.parameters import Environment, ScalingTargets, Tasks
from tests.local_cloud.release import release
from tools.load.play import play
from tools.local_cloud import cdk, emulator_process, running, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import State
from tools.rehearsal.from_environment import rehearsed
from tools.rehearsal.simulation import simulate

RESULT = Path(__file__).with_suffix(".json")
SPEED = 10
# Eight threads of 200 ms are 40 requests/s for a task, of which it is to carry 70 %.
CROWD = Environment(
    name="crowd",
    tasks=Tasks(min=1, max=6, cpu=256, memory_mib=1024, workers=2, threads=4),
    scaling=ScalingTargets(saturation_percent=70, cpu_percent=None),
    removal="destroy",
)
_REQUEST_MS = 200
# Rates and this machine's seconds: quiet, six times as many, quiet again.
_STEPS = ((15, 20), (90, 75), (15, 125))
_WAITS = """
import time
_make = create_app
def create_app(*given, **named):
    app = _make(*given, **named)
    app.before_request(lambda: time.sleep(0.2))
    return app
"""
_START_S = 3


def main() -> None:
    """Measure, and write the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = _measured(Path(folder))
    RESULT.write_text(json.dumps(result) + "\n")
    print({key: value for key, value in result.items() if key not in ("desired", "foretold")})


def _measured(folder: Path) -> dict[str, Any]:
    state = State(folder / "state")
    build_app(CROWD, outdir=str(folder / "synth")).synth()
    assembly = release(folder / "synth", folder, stack=f"Web-{CROWD.name}", code=_WAITS)
    emulator, port, front = emulator_process.start(state, 0)
    known = Running(
        environment=CROWD.name,
        region=CROWD.region,
        port=port,
        front_port=front,
        emulator=emulator,
        runner=None,
    )
    known.save(state)
    state.write("speed", 0)
    try:
        cdk.bootstrap(known.cloud)
        if up.roll_out(state, known, assembly):
            raise SystemExit("the service was not deployed")
        return _played(state, running.required(state))
    finally:
        running.end_leftovers(state)


def _played(state: State, known: Running) -> dict[str, Any]:
    state.write("speed", SPEED)
    samples: list[tuple[float, int]] = []
    ends = threading.Event()

    def watch() -> None:
        while not ends.wait(0.5):
            services = (state.read("autoscaler") or {}).get("services", [])
            samples.extend((time.time(), each["desired"]) for each in services)

    watcher = threading.Thread(target=watch)
    watcher.start()
    scenario = state.folder / "scenario.py"
    scenario.write_text(_SCENARIO)
    errors: dict[str, int] = {}
    answers, asked = 0, []
    began = time.time()
    try:
        for rate, seconds in _STEPS:
            asked.append((time.time(), rate))
            done = play(known.url, scenario, rate=rate, seconds=seconds, watched=None, tell=print)
            answers += done.answers
            for kind, count in done.errors.items():
                errors[kind] = errors.get(kind, 0) + count
    finally:
        ends.set()
        watcher.join()
    return _compared(samples, asked, began, time.time()) | {"answers": answers, "errors": errors}


_SCENARIO = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/api/v1/info")
"""


def _compared(
    samples: list[tuple[float, int]], asked: Sequence[tuple[float, float]], began: float, ended: float
) -> dict[str, Any]:
    """Return the desired tasks of each second of this machine, and those that the rehearsal foretells."""
    seconds = [began + second for second in range(int(ended - began))]
    rates = [next((rate for at, rate in reversed(asked) if at <= second), asked[0][1]) for second in seconds]
    service = replace(
        rehearsed(CROWD, request_ms=_REQUEST_MS, cpu_ms=2, start_s=_START_S * SPEED), drain_s=SPEED
    )
    trace = [float(rate) for rate in rates for _ in range(SPEED)]
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "speed": SPEED,
        "rates": rates,
        "desired": [next((count for at, count in reversed(samples) if at <= each), 1) for each in seconds],
        "foretold": [moment.desired for moment in simulate(service, trace)][::SPEED],
    }


if __name__ == "__main__":
    main()
