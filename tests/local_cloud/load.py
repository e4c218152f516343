"""Send a steady load through the load balancer and account for every answer."""

import collections
import http.client
import json
import threading
import time
from types import TracebackType

# This is about half of the load that the emulator is said to carry on two cores.
PER_SECOND = 150
CONNECTIONS = 8


class Load:
    """A sender that makes requests at a steady rate until it is told to stop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(i,)) for i in range(CONNECTIONS)]
        self.failed: list[str] = []
        self.versions: collections.Counter[str] = collections.Counter()
        self.tasks: collections.Counter[str] = collections.Counter()

    @property
    def sent(self) -> int:
        """Count the requests that have ended, well or badly."""
        return len(self.failed) + self.versions.total()

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        due = time.monotonic() + number / PER_SECOND
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            due += CONNECTIONS / PER_SECOND
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._count(problem=repr(error))
            else:
                self._count(status=response.status, body=body)
        connection.close()

    def _count(self, *, problem: str = "", status: int = 0, body: bytes = b"") -> None:
        with self._lock:
            if status == 200:
                answer = json.loads(body)
                self.versions[answer["version"]] += 1
                self.tasks[answer["task"]] += 1
            else:
                self.failed.append(problem or f"{status}: {body[:200]!r}")
