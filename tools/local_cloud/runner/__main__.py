"""Run the tasks of deployed ECS services as processes, as ECS would, for the emulator.

The runner reads the deployed services through the ECS API, runs one process group per container, and reports
back. It ends, with everything that it started, when it is told to or when the emulator is gone.
"""

import argparse
import contextlib
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_cloud import logs
from tools.local_cloud.cloud import ACCOUNT, Cloud
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner import report
from tools.local_cloud.runner.autoscaling import Autoscaling
from tools.local_cloud.runner.breaker import Breaker
from tools.local_cloud.runner.deployed import Deployed, Service
from tools.local_cloud.runner.launcher import Launcher
from tools.local_cloud.runner.log_driver import LogDriver
from tools.local_cloud.runner.notes import note
from tools.local_cloud.runner.one_off import OneOffs
from tools.local_cloud.runner.rollout import Rollout
from tools.local_cloud.runner.targets import Targets
from tools.local_cloud.state import State

_STEP_S = 0.1
_READ_EVERY_S = 0.5
_SHIP_EVERY_S = 0.3
_CAP_LOGS_EVERY_S = 5.0
_EMULATOR_LOST_S = 5.0


class Runner:
    """The loop over all services."""

    def __init__(self, state: State, cloud: Cloud) -> None:
        self._state, self._cloud = state, cloud
        self._deployed = Deployed(cloud)
        self._launcher = Launcher(state, cloud, self._deployed)
        self._one_offs = OneOffs(self._launcher)
        self._autoscaling = Autoscaling(cloud.client)
        self._log_driver = LogDriver(cloud, self._autoscaling.measures.hear)
        self._rollouts: dict[str, Rollout] = {}
        self._targets: dict[str, Targets] = {}
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="health-check")
        self._told: object = None
        self._told_of_scaling: object = None
        self._failure: object = None
        self._problem = ""
        self._capped_at = self._read_at = self._scaled_at = self._shipped_at = 0.0
        self._answered_at = time.monotonic()
        self.running = True

    def run(self) -> None:
        """Work until told to end or until the emulator is gone."""
        while self.running and not self._emulator_is_gone():
            try:
                self._step()
            except (BotoCoreError, ClientError, OSError) as error:
                self._complain(f"will try again: {error}")
            time.sleep(_STEP_S)
        if self.running:
            note("The emulator is gone: ending all tasks.")
        for rollout in self._rollouts.values():
            for task in rollout.tasks:
                task.kill()
        for one_off in self._one_offs.tasks.values():
            one_off.kill()
        with contextlib.suppress(OSError):
            self._state.write("tasks", report.to_person([]))

    def _emulator_is_gone(self) -> bool:
        """Return whether the emulator's port is closed; an emulator that is only slow still has it open."""
        if time.monotonic() - self._answered_at < _EMULATOR_LOST_S:
            return False
        try:
            socket.create_connection(("127.0.0.1", self._cloud.port), timeout=1).close()
        except OSError:
            return True
        return False

    def _complain(self, problem: str) -> None:
        """Note a problem once, not ten times a second."""
        if problem != self._problem:
            note(problem)
        self._problem = problem

    def _step(self) -> None:
        now = time.monotonic()
        if now - self._read_at > _READ_EVERY_S:
            self._read_at = now
            services = {service.arn: service for service in self._deployed.services()}
            for arn in services.keys() - self._rollouts.keys():
                self._rollouts[arn] = self._adopt(services[arn])
            for arn, rollout in self._rollouts.items():
                rollout.follow(services.get(arn))
        for rollout in self._rollouts.values():
            rollout.step(self._pool)
        self._one_offs.step()
        self._tell()
        # Scale and ship logs after the report, so that a failure there does not make the emulator look lost.
        if now - self._scaled_at > _READ_EVERY_S:
            self._scaled_at = now
            self._autoscale(self._state.read("speed") or 0)
        if now - self._shipped_at > _SHIP_EVERY_S:
            self._shipped_at = now
            of_services = (task for rollout in self._rollouts.values() for task in rollout.tasks)
            self._log_driver.ship([*of_services, *self._one_offs.tasks.values()])
        if now - self._capped_at > _CAP_LOGS_EVERY_S:
            self._capped_at = now
            logs.cap(self._state.logs)

    def _autoscale(self, speed: int) -> None:
        rollouts = list(self._rollouts.values())
        known = len(self._autoscaling.activities)
        self._autoscaling.step(rollouts, now=time.time(), speed=speed)
        told = self._autoscaling.as_json(rollouts)
        if told != self._told_of_scaling:
            self._state.write("autoscaler", told)
            self._told_of_scaling = told
        if new := self._autoscaling.activities[known:]:
            self._cloud.call("scaling", {"account": ACCOUNT, "region": self._cloud.region, "activities": new})

    def _adopt(self, service: Service) -> Rollout:
        return Rollout(service, self._launcher, self._targets_of, Breaker(service.rollout))

    def _targets_of(self, group: str) -> Targets:
        if group not in self._targets:
            self._targets[group] = Targets(self._cloud.client("elbv2"), group)
            self._targets[group].empty()
        return self._targets[group]

    def _tell(self) -> None:
        rollouts = list(self._rollouts.values())
        told_to_ecs = {
            "account": ACCOUNT,
            "region": self._cloud.region,
            "services": [report.to_ecs(rollout) for rollout in rollouts],
            "one_offs": [task.in_ecs() for task in self._one_offs.tasks.values()],
        }
        self._one_offs.follow(self._cloud.call("ecs", told_to_ecs)["one_offs"])
        self._answered_at = time.monotonic()
        told = report.to_person(rollouts)
        if told != self._told:
            self._state.write("tasks", told)
            self._told = told
        # In a file of its own, which outlives the tasks, the rollback of their stack, and this process.
        failure = report.last_failure(rollouts)
        if failure and failure != self._failure:
            self._state.write("failure", failure)
            self._failure = failure


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.local_cloud.runner")
    parser.add_argument("--state", type=Path, required=True, help="folder of the local cloud")
    parser.add_argument("--port", type=int, required=True, help="port of the emulator")
    parser.add_argument("--region", required=True, help="region of the deployed stack")
    arguments = parser.parse_args()
    runner = Runner(State(arguments.state), Cloud(arguments.port, arguments.region))

    def end(_signal: int, _frame: object) -> None:
        runner.running = False

    signal.signal(signal.SIGTERM, end)
    # Containers inherit ignored signals. Shells ignore these two for background jobs, and
    # SIGQUIT is the stop signal of nginx.
    for default in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(default, signal.SIG_DFL)
    try:
        runner.run()
    except LocalCloudError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
