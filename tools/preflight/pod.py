"""Run the containers of a task as Fargate would, beside one that plays the load balancer."""

import contextlib
import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools.preflight.engine import CannotRunError, Engine, ForeignImageError
from tools.preflight.options import command, environment, options
from tools.preflight.task import Container, Task

_INSIDE = Path(__file__).resolve().parent / "inside"
BALANCER, LOOK = (_INSIDE / "balancer.py").read_text(), (_INSIDE / "look.py").read_text()
_PYTHONS = ("python3", "python")
# The engine says this if a container of the image cannot run on this machine at all.
_FOREIGN = ("exec format error", "Exec format error")


class Pod:
    """Containers that share a network, as those of a task do; `with` removes them at the end."""

    def __init__(
        self,
        engine: Engine,
        task: Task,
        *,
        images: Mapping[str, str],
        variables: Mapping[str, str],
        network: str,
    ) -> None:
        """Take image references by container name, and variables for the service's container."""
        self._engine, self._task, self._images = engine, task, images
        self._variables, self._network = variables, network
        self._prefix = f"preflight-{secrets.token_hex(4)}"
        self._python = _PYTHONS[0]

    def __enter__(self) -> "Pod":
        try:
            self._begin_balancer()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove all containers and volumes of the pod."""
        names = [self.name(each.name) for each in reversed(self._task.containers)]
        volumes = {volume for each in self._task.containers for _, volume in each.mounts}
        self._engine.remove([*names, self.name("balancer")], [self.name(volume) for volume in volumes])

    def name(self, of: str) -> str:
        """Return the engine's name for one of our containers or volumes."""
        return f"{self._prefix}-{of}"

    # --- start ------------------------------------------------------------------------------------

    def _begin_balancer(self) -> None:
        """Start the load balancer's container, whose network the task uses and keeps when containers end."""
        problem = ""
        for python in _PYTHONS:
            words = ["--name", self.name("balancer"), "--network", self._network, "--user", "65534"]
            words += ["--entrypoint", python, self._images["web"], "-c", "import time; time.sleep(3600)"]
            try:
                self._engine.call("run", "--detach", *words)
            except CannotRunError as error:
                problem = str(error)
                self._engine.remove([self.name("balancer")], [])
                continue
            time.sleep(0.1)
            if self._engine.state(self.name("balancer"))["Running"]:
                self._python = python
                return
            problem = self._engine.logs(self.name("balancer")).strip() or "it ends at once"
            self._engine.remove([self.name("balancer")], [])
        if any(word in problem for word in _FOREIGN):
            raise ForeignImageError(
                "this machine cannot run the image, which is of another architecture: check it on a "
                "machine of the task's, or install emulation: docker run --privileged --rm tonistiigi/binfmt "
                "--install all"
            )
        raise CannotRunError(f"the image has no Python that runs: {problem}")

    def start(self) -> float:
        """Start the task's containers in order; return the time.monotonic() of the last start."""
        for container in self._task.containers:
            for name, condition in container.after:
                self._await(name, condition)
            began = time.monotonic()
            self._engine.call("run", "--detach", *self._words(container))
        return began

    def _words(self, container: Container) -> list[str]:
        mounts = {path: self._volume(container, path, volume) for path, volume in container.mounts}
        return [
            *("--name", self.name(container.name)),
            *("--network", f"container:{self.name('balancer')}"),
            *options(container, self._task, self._engine),
            *environment(container, self._variables if container.name == "web" else {}),
            *(f"--volume={source}:{path}{how}" for path, (source, how) in mounts.items()),
            *command(container, self._images[container.name]),
        ]

    def _volume(self, container: Container, path: str, volume: str) -> tuple[str, str]:
        """Return a volume as ECS mounts it: with the image's mode if its Dockerfile declares it, else root's.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
        """
        reference, name = self._images[container.name], self.name(volume)
        declared = self._engine.image(reference).get("Config", {}).get("Volumes") or {}
        if path in declared:
            return name, ""
        # Mount it once as root, at a path that no image has: then it is empty and root's, as on Fargate.
        words = ["run", "--rm", "--user=0", "--network=none", f"--volume={name}:/preflight-volume"]
        self._engine.call(*words, "--entrypoint", self._python, reference, "-c", "pass")
        return name, ":nocopy"

    def _await(self, name: str, condition: str) -> None:
        container = next(each for each in self._task.containers if each.name == name)
        ends_at = time.monotonic() + max(60, self._task.grace_s)
        while time.monotonic() < ends_at:
            state = self._engine.state(self.name(name))
            if condition == "START":
                return
            if condition == "HEALTHY" and state["Running"] and self._healthy(container):
                return
            if not state["Running"] and condition in ("COMPLETE", "SUCCESS"):
                if condition == "COMPLETE" or state["ExitCode"] == 0:
                    return
                break
            time.sleep(0.2)
        raise CannotRunError(
            f"container '{name}' is never {condition}, and others wait for it; its last words: "
            f"{self.last_words(name)}"
        )

    def _healthy(self, container: Container) -> bool:
        kind, *words = container.health_command
        words = ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words
        try:
            self._engine.call("exec", self.name(container.name), *words)
        except CannotRunError:
            return False
        return True

    # --- ask --------------------------------------------------------------------------------------

    def balance(self, job: str, **details: Any) -> Any:
        """Have the load balancer do a job, and return its answer."""
        process = self.begin(job, **details)
        out, _ = process.communicate()
        return _answer(out, job)

    def begin(self, job: str, **details: Any) -> subprocess.Popen[str]:
        """Start a job of the load balancer."""
        given = json.dumps({"job": job, "tls": self._task.tls, "port": self._task.port, **details})
        return self._engine.begin(
            "exec", "--interactive", self.name("balancer"), self._python, "-c", BALANCER, given
        )

    def look(self, question: str, *arguments: str) -> Any:
        """Return the answer from inside the service's container."""
        words = (self.name("web"), self._python, "-c", LOOK, question, *arguments)
        return _answer(self._engine.call("exec", *words), question)

    def watch(self) -> subprocess.Popen[str]:
        """Note the highest memory of the service's container until stdin is closed."""
        return self._engine.begin(
            "exec", "--interactive", self.name("web"), self._python, "-c", LOOK, "watch"
        )

    def others_mib(self) -> dict[str, float]:
        """Return the memory of each other container in MiB, leaving out those that do not tell it."""
        found = {}
        for container in self._task.containers:
            if container.name != "web":
                with contextlib.suppress(CannotRunError):
                    found[container.name] = self._engine.memory_mib(self.name(container.name))
        return found

    def running(self) -> bool:
        """Return whether the service's container runs."""
        try:
            return bool(self._engine.state(self.name("web"))["Running"])
        except CannotRunError:  # the container was never made
            return False

    def exit_code(self) -> int:
        """Return the exit code of the service's container."""
        return int(self._engine.state(self.name("web"))["ExitCode"])

    def last_words(self, container: str, lines: int = 3) -> str:
        """Return the end of a container's log."""
        words = " / ".join(self._engine.logs(self.name(container)).strip().splitlines()[-lines:])
        return words or "none"

    def log(self) -> str:
        """Return all that the service's container has written."""
        return self._engine.logs(self.name("web"))

    # --- stop -------------------------------------------------------------------------------------

    def stop(self) -> dict[str, tuple[int, float]]:
        """Stop the containers as the place does: ECS stops those that others depend on last.

        Returns exit code and seconds of each.
        """
        began = time.monotonic()
        if not self._task.rules.together:
            return {each.name: self._stopped(each) for each in reversed(self._task.containers)}
        with ThreadPoolExecutor(len(self._task.containers)) as pool:
            found = pool.map(lambda each: self._stopped(each, began), self._task.containers)
            return dict(zip([each.name for each in self._task.containers], found, strict=True))

    def _stopped(self, container: Container, began: float | None = None) -> tuple[int, float]:
        began, name = began or time.monotonic(), self.name(container.name)
        self._engine.call("stop", "--time", str(container.stop_timeout_s), name)
        return int(self._engine.state(name)["ExitCode"]), time.monotonic() - began


def _answer(out: str, asked: str) -> Any:
    lines = out.strip().splitlines()
    if not lines:
        raise CannotRunError(f"no answer from inside the container to '{asked}'")
    return json.loads(lines[-1])
