"""How busy this worker process is: the numbers behind admission, metrics and readiness."""

from dataclasses import dataclass


@dataclass
class Slots:
    """Requests of one worker process; written by its main thread alone, so it may be read without a lock."""

    # One slot is one thread. 0 where the app does not run under our worker, as in a test client.
    total: int = 0
    # Admitted and not answered yet: those with a thread, and those that wait for one.
    admitted: int = 0
    # Refused with 503 since this process started; only ever grows.
    shed: int = 0
    # SIGTERM came: still serving, but balancers should send new requests elsewhere.
    stopping: bool = False

    @property
    def busy(self) -> int:
        """Slots in use, 0 to `total`."""
        return min(self.admitted, self.total)

    @property
    def waiting(self) -> int:
        """Admitted requests for which there is no slot yet."""
        return self.admitted - self.busy


slots = Slots()
