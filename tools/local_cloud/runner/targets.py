"""Register the tasks of a target group, and wait until they have drained."""

import contextlib
import time
from typing import Any

_HOST = "127.0.0.1"
_ASK_EVERY_S = 0.1


class Targets:
    """The targets of a group: ports of this machine that are registered, and drained before they go."""

    def __init__(self, elb: Any, group: str) -> None:
        self._elb = elb
        self._group = group
        self._leaving: set[int] = set()
        self._asked_at = 0.0
        self._busy: set[int] = set()

    def register(self, port: int) -> None:
        """Let the load balancer send requests to a port."""
        self._elb.register_targets(**self._target(port))

    def drained(self, port: int, deadline: float) -> bool:
        """Deregister a port on the first call; tell whether its requests have ended or the time is up."""
        if port not in self._leaving:
            self._deregister(port)
            self._asked_at = 0.0
        if time.monotonic() - self._asked_at > _ASK_EVERY_S:
            self._busy = self.ports()
            self._asked_at = time.monotonic()
        if port in self._busy and time.monotonic() < deadline:
            return False
        self._leaving.discard(port)
        return True

    def ports(self) -> set[int]:
        """Return the ports that serve or drain; none when the target group is gone."""
        try:
            answer = self._elb.describe_target_health(TargetGroupArn=self._group)
        except self._elb.exceptions.TargetGroupNotFoundException:
            return set()
        return {item["Target"]["Port"] for item in answer["TargetHealthDescriptions"]}

    def empty(self) -> None:
        """Deregister what a runner before this one left behind."""
        for port in self.ports():
            self._deregister(port)

    def _deregister(self, port: int) -> None:
        self._leaving.add(port)
        # The group is gone when the stack is being deleted.
        with contextlib.suppress(self._elb.exceptions.TargetGroupNotFoundException):
            self._elb.deregister_targets(**self._target(port))

    def _target(self, port: int) -> dict[str, Any]:
        return {"TargetGroupArn": self._group, "Targets": [{"Id": _HOST, "Port": port}]}
