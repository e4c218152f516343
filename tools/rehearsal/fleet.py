"""Simulate the tasks of a service: starting, serving, draining."""

from collections import deque


class Fleet:
    """Tasks that serve `start_s` after they are asked for and are gone `drain_s` after they are not."""

    def __init__(self, *, serving: int, start_s: int, drain_s: int) -> None:
        self.serving = serving
        self._start_s = start_s
        self._drain_s = drain_s
        self._ready_at: deque[int] = deque()
        self._gone_at: deque[int] = deque()

    @property
    def starting(self) -> int:
        """Return the number of tasks that are paid for and do not serve yet."""
        return len(self._ready_at)

    @property
    def draining(self) -> int:
        """Return the number of tasks that are paid for and get no new requests."""
        return len(self._gone_at)

    def follow(self, desired: int, second: int) -> None:
        """Bring the count towards the desired one; what has not started yet is stopped first."""
        while self._ready_at and self._ready_at[0] <= second:
            self._ready_at.popleft()
            self.serving += 1
        while self._gone_at and self._gone_at[0] <= second:
            self._gone_at.popleft()
        while self.serving + self.starting < desired:
            self._ready_at.append(second + self._start_s)
        while self.serving + self.starting > desired:
            if self._ready_at:
                self._ready_at.pop()
            else:
                self.serving -= 1
                self._gone_at.append(second + self._drain_s)
