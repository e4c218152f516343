"""Count how busy this worker process is; the worker, the metrics and /readyz share these numbers."""

from dataclasses import dataclass


@dataclass
class Slots:
    """Requests of one worker process; written by its main thread alone, so it may be read without a lock."""

    # One slot is one thread. 0 where the app does not run under our worker, as in a test client.
    total: int = 0
    # Requests admitted and not answered yet, whether they have a thread or wait for one.
    admitted: int = 0
    # Refused with 503 since this process started.
    shed: int = 0
    # SIGTERM came: still serving, but balancers should send new requests elsewhere.
    stopping: bool = False

    @property
    def busy(self) -> int:
        """Return the slots in use, 0 to `total`."""
        return min(self.admitted, self.total)

    @property
    def waiting(self) -> int:
        """Return the admitted requests for which there is no slot yet."""
        return self.admitted - self.busy


slots = Slots()
