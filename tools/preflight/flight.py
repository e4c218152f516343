"""Make all checks of one image, in the order of a task's life."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import show
from tools.preflight.check import Check
from tools.preflight.engine import CannotRunError, Engine, ForeignImageError
from tools.preflight.image_checks import image_checks
from tools.preflight.images import images_of, read_image
from tools.preflight.inside_checks import inside_checks, log_check
from tools.preflight.load_checks import load_checks, worker_check
from tools.preflight.pod import Pod
from tools.preflight.situation import Load, Situation
from tools.preflight.start_checks import ended_check, start_checks
from tools.preflight.stop_checks import ends_check, stop_checks
from tools.preflight.task import Task
from tools.preflight.traffic_checks import stream_check, traffic_checks

_NEEDS_ANSWERS = ("traffic", "memory under load", "killed worker", "requests in flight")


@dataclass(kw_only=True)
class Outcome:
    """The result of all checks of an image for an environment."""

    image: str
    environment: str
    place: str = "Fargate"
    checks: list[Check] = field(default_factory=list)
    measured: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def faults(self) -> list[Check]:
        """Return the checks that do not hold."""
        return [check for check in self.checks if not check.ok]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "image": self.image,
            "environment": self.environment,
            "checks": [
                {"name": each.name, "ok": each.ok, "found": each.found, "fix": each.fix}
                for each in self.checks
            ],
            "measured": self.measured,
            "left_out": list(self.left_out),
        }

    def numbers(self) -> list[str]:
        """Return what was measured, in lines for people."""
        got = self.measured
        lines = [f"image: {got['compressed_mb']} MB compressed, {got['layers']} layers"]
        if "start_s" in got:
            lines[0] += f"; start to healthy: {got['start_s']} s"
        if "idle_mib" in got:
            beside = "".join(f", {name} {mib}" for name, mib in got["others_mib"].items())
            lines.append(
                f"memory, MiB of {got['task_mib']}: idle {got['idle_mib']}, saturated {got['saturated_mib']}"
                f"{beside}; each of {got['workers']} workers {got['worker_idle_mib']} idle, "
                f"{got['worker_saturated_mib']} saturated; master {got['main_mib']}"
            )
        return lines


def fly(
    engine: Engine,
    task: Task,
    *,
    image: str,
    others: Mapping[str, str],
    assembly: Path,
    variables: Mapping[str, str],
    network: str,
    load: Load,
) -> Outcome:
    """Make all checks; raises CannotRunError when they cannot be made. Leaves nothing behind."""
    images = images_of(engine, task, given=image, others=others, assembly=assembly)
    # The image is read while its task, which mostly waits, runs.
    with ThreadPoolExecutor(1) as reader, show.step(f"Running the image as a task of {task.environment}"):
        reading = reader.submit(read_image, engine, images["web"])
        outcome = Outcome(image=images["web"], environment=task.environment, place=task.rules.place)
        problem = ""
        try:
            with Pod(engine, task, images=images, variables=variables, network=network) as pod:
                _run_to_its_end(Situation(pod=pod, task=task, load=load, measured=outcome.measured), outcome)
        except ForeignImageError as error:
            problem = str(error)
        content = reading.result()
    outcome.checks = [*image_checks(content, task), *outcome.checks]
    outcome.measured |= {"compressed_mb": round(content.compressed_bytes / 1000**2), "layers": content.layers}
    if problem:
        # An image of another architecture than the task's is a fault; of another than this machine's is none.
        if not outcome.faults:
            raise CannotRunError(problem)
        outcome.left_out = ("all that needs it to run",)
    return outcome


def _run_to_its_end(now: Situation, outcome: Outcome) -> None:
    try:
        _run(now, outcome)
    except CannotRunError as error:
        if now.pod.running():
            raise
        # The container has ended while it was checked: that is a fault of the image.
        outcome.checks += [ended_check(now, str(error)), log_check(now)]
        outcome.left_out = ("what comes after",)


def _run(now: Situation, outcome: Outcome) -> None:
    outcome.checks += start_checks(now)
    if not now.pod.running():
        outcome.checks.append(log_check(now))
        outcome.left_out = ("its process", *_NEEDS_ANSWERS)
        return
    outcome.checks += inside_checks(now)
    if not now.answers:
        outcome.left_out = _NEEDS_ANSWERS
        outcome.checks += ends_check(now)
    else:
        outcome.checks += traffic_checks(now)
        if now.load.stream_path:
            outcome.checks.append(stream_check(now))
        outcome.checks += load_checks(now)
        if now.pod.running():
            outcome.checks.append(worker_check(now))
            outcome.checks += stop_checks(now)
    outcome.checks.append(log_check(now))
