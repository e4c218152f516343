"""Play the load balancer: run by `python -c` with a job as JSON, in the task's network.

It is one file because its text is passed to Python.
"""

from __future__ import annotations  # the image's Python may be older than ours

import contextlib
import http.client
import json
import ssl
import sys
import threading
import time
from typing import Any

TASK = "127.0.0.1"
# What the proxy answers in place of an app that it does not reach.
UNREACHED = (502, 503, 504)
# What an ALB sends with a health check: the task's address and port as Host, and this name.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
AGENT = "ELB-HealthChecker/2.0"
PRIVATE_IP = "10.0.1.23"
# An ALB appends the client's address to the header that the client sent.
CLAIMED, CLIENT = "198.51.100.66", "203.0.113.77"
GIVE_UP_S = 60
# For so long a stream is watched after its first bytes.
WATCH_S = 10

Job = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


def connect(job: Job, timeout_s: float = GIVE_UP_S) -> http.client.HTTPConnection:
    """Return a connection to the container that the load balancer talks to."""
    if job["tls"]:
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001 (as load balancers do)
        return http.client.HTTPSConnection(TASK, job["port"], timeout=timeout_s, context=unverified)
    return http.client.HTTPConnection(TASK, job["port"], timeout=timeout_s)


def headers(job: Job, **more: str) -> dict[str, str]:
    """Return the headers of a visitor's request as an ALB passes it on."""
    return {
        "Host": job.get("host", "www.example.com"),
        "X-Forwarded-For": f"{CLAIMED}, {CLIENT}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "443",
        "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
        **more,
    }


def ask(
    connection: http.client.HTTPConnection, path: str, given: dict[str, str], method: str = "GET"
) -> Answer:
    """Send a request and return the whole answer."""
    connection.request(method, path, headers=given)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def health(job: Job) -> Answer:
    """Return the answer to a health check; raise OSError or HTTPException if there is none."""
    connection = connect(job, job["timeout_s"])
    try:
        host = job.get("host", f"{PRIVATE_IP}:{job['port']}")
        return ask(connection, job["path"], {"Host": host, "User-Agent": AGENT, "Connection": "close"})
    finally:
        connection.close()


def accepts(codes: str, status: int) -> bool:
    """Return whether a matcher such as 200, 200,202 or 200-399 accepts a status."""
    ranges = [part.partition("-") for part in codes.split(",")]
    return any(int(low) <= status <= int(high or low) for low, _, high in ranges)


def wait_until_healthy(job: Job) -> Job:
    """Ask until the task is healthy or the time is over; return what answered last."""
    ends_at, last, answers = time.monotonic() + job["within_s"], "", False
    while time.monotonic() < ends_at:
        try:
            status, _, _ = health(job)
        except (OSError, http.client.HTTPException) as error:
            last = last if answers else str(error) or type(error).__name__
        else:
            if accepts(job["codes"], status):
                return {"healthy": True, "answers": True, "status": status}
            answers = answers or status not in UNREACHED
            last = str(status)
        time.sleep(0.1)
    return {"healthy": False, "answers": answers, "last": last}


def ask_once(job: Job) -> Job:
    """Send a visitor's request; return status, headers and the beginning of the body."""
    connection = connect(job, job.get("timeout_s", GIVE_UP_S))
    try:
        given = headers(job) if "headers" not in job else job["headers"]
        status, got, body = ask(connection, job["path"], given)
        return {"status": status, "headers": got, "body": body[:2000].decode("utf-8", "replace")}
    except (OSError, http.client.HTTPException) as error:
        return {"status": 0, "headers": {}, "body": "", "error": str(error) or type(error).__name__}
    finally:
        connection.close()


def stream(job: Job) -> Job:
    """Ask for a stream as browsers do; return after how many seconds the first bytes came, and its end."""
    connection = connect(job, job["timeout_s"])
    began = time.monotonic()
    answer: Job = {"status": 0, "first_s": None, "end_s": None}
    try:
        connection.request("GET", job["path"], headers=headers(job, **{"Accept-Encoding": "gzip"}))
        sock = connection.sock
        response = connection.getresponse()
        answer["status"] = response.status
        first = response.read1()
        answer["first_s"] = time.monotonic() - began if first else None
        sock.settimeout(WATCH_S)
        ends_at = time.monotonic() + WATCH_S
        while time.monotonic() < ends_at:
            if not response.read1():
                answer["end_s"] = time.monotonic() - began
                break
    except TimeoutError:
        pass  # there is no first byte, or no end
    except (OSError, http.client.HTTPException) as error:
        answer["error"] = str(error) or type(error).__name__
    finally:
        connection.close()
    return answer


class Tally:
    """A count of answers by status; requests without an answer count as status 0."""

    def __init__(self) -> None:
        self.by_status: dict[int, int] = {}
        self.reasons: list[str] = []
        self.failed_in_a_row = self._failed = 0
        self._lock = threading.Lock()

    def add(self, status: int, reason: str = "") -> None:
        """Count one answer."""
        with self._lock:
            self.by_status[status] = self.by_status.get(status, 0) + 1
            self._failed = 0 if status == 200 else self._failed + 1
            self.failed_in_a_row = max(self.failed_in_a_row, self._failed)
            if reason and reason not in self.reasons:
                self.reasons.append(reason)


def visit(job: Job, tally: Tally, until: threading.Event) -> None:
    """Send one request after the other on a kept connection until told, and finish the last one."""
    connection: http.client.HTTPConnection | None = None
    while not until.is_set():
        connection = connection or connect(job)
        try:
            status, _, _ = ask(connection, job["path"], headers(job))
            tally.add(status)
        except (OSError, http.client.HTTPException) as error:
            tally.add(0, str(error) or type(error).__name__)
            connection.close()
            connection = None
            time.sleep(0.05)
    if connection:
        connection.close()


FORM_BEGIN = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
FORM_END = b"\r\n--limit--\r\n"


def form(job: Job) -> bytes:
    """Return the body of a form with a file, of as many bytes as the job says."""
    size: int = job["bytes"]
    return FORM_BEGIN + b"x" * (size - len(FORM_BEGIN) - len(FORM_END)) + FORM_END


def upload(job: Job, body: bytes, tally: Tally, halfway: threading.Semaphore, go_on: threading.Event) -> None:
    """Send half of an upload, and the rest when told to."""
    half = len(body) // 2
    connection = connect(job)
    try:
        connection.putrequest("POST", job["path"], skip_host=True)
        for name, value in headers(job).items():
            connection.putheader(name, value)
        connection.putheader("Content-Type", "multipart/form-data; boundary=limit")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:half])
        halfway.release()
        go_on.wait()
        with contextlib.suppress(
            OSError
        ):  # the server has answered and closed, and the answer can still be read
            connection.send(body[half:])
        response = connection.getresponse()
        response.read()
        tally.add(response.status)
    except (OSError, http.client.HTTPException) as error:
        halfway.release()
        tally.add(0, str(error) or type(error).__name__)
    finally:
        connection.close()


def probe(job: Job, tally: Tally, until: threading.Event) -> None:
    """Send a health check four times a second, under load."""
    while not until.wait(0.25):
        try:
            status, _, _ = health(job["health"])
            tally.add(200 if accepts(job["health"]["codes"], status) else status)
        except (OSError, http.client.HTTPException) as error:
            tally.add(0, str(error) or type(error).__name__)


def load(job: Job) -> Job:
    """Send visits, large uploads and health checks at once, until stdin has a line."""
    visits, uploads, checks, until, go_on = Tally(), Tally(), Tally(), threading.Event(), threading.Event()
    go_on.set()
    halfway, body = threading.Semaphore(0), form(job)

    def keep_uploading() -> None:
        while not until.is_set():
            upload({**job, "path": job["upload_path"]}, body, uploads, halfway, go_on)

    threads = [threading.Thread(target=probe, args=(job, checks, until))]
    threads += [threading.Thread(target=visit, args=(job, visits, until)) for _ in range(job["visitors"])]
    threads += [threading.Thread(target=keep_uploading) for _ in range(job["uploaders"])]
    for thread in threads:
        thread.start()
    told(job)
    until.set()
    for thread in threads:
        thread.join()
    return {
        "visits": visits.by_status,
        "uploads": uploads.by_status,
        "checks": checks.by_status,
        "checks_failed_in_a_row": checks.failed_in_a_row,
        "reasons": visits.reasons + uploads.reasons,
    }


def last_requests(job: Job) -> Job:
    """Hold requests in flight while the task stops: say when they are, and start no more when told."""
    tally, until, go_on, halfway = Tally(), threading.Event(), threading.Event(), threading.Semaphore(0)
    half_sent = {**job, "path": job["upload_path"]}
    threads = [threading.Thread(target=visit, args=(job, tally, until)) for _ in range(job["visitors"])]
    held = [
        threading.Thread(target=upload, args=(half_sent, form(job), tally, halfway, go_on))
        for _ in range(job["uploaders"])
    ]
    held += [
        threading.Thread(target=once, args=({**job, "path": path}, tally))
        for path in job["held_paths"]
        for _ in range(job["visitors"])
    ]
    for thread in threads + held:
        thread.start()
    for _ in range(job["uploaders"]):
        halfway.acquire()
    time.sleep(0.3)  # so that slow ones have arrived
    in_flight = sum(thread.is_alive() for thread in held)
    say({"in_flight": in_flight})
    told(job)
    until.set()
    go_on.set()
    for thread in threads + held:
        thread.join()
    return {"answers": tally.by_status, "reasons": tally.reasons}


def once(job: Job, tally: Tally) -> None:
    """Send one request on a connection of its own."""
    answer = ask_once(job)
    tally.add(answer["status"], answer.get("error", ""))


def told(_job: Job) -> None:
    """Wait for a line on stdin, or its end."""
    sys.stdin.readline()


def say(answer: Job) -> None:
    """Write a line of JSON."""
    print(json.dumps(answer), flush=True)


JOBS = {job.__name__: job for job in (wait_until_healthy, ask_once, stream, load, last_requests)}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    say(JOBS[given["job"]](given))
