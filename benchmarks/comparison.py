"""Compare the development server with this service: one measured number a row, whichever is better."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.quiet import Row
from benchmarks.recorded import DEV, OURS, document, row, worst_health_ms

# Two runs on a shared machine differ by up to this factor, so a smaller difference counts as level.
LEVEL = 1.15


@dataclass(frozen=True)
class Measure:
    """One number measured on both servers; None means that no answer came."""

    what: str
    benchmark: str
    dev: float | None
    ours: float | None
    unit: str = ""
    more_is_better: bool = False
    # Differences below this value mean nothing.
    grain: float = 0.0

    def better(self) -> str:
        """Name the server that is better, in the words of docs/performance.md."""
        if self.dev == self.ours:
            return "level"
        if self.dev is None or self.ours is None:
            return "**this**" if self.dev is None else "development server"
        low, high = sorted((self.dev, self.ours))
        if high - low <= self.grain or high <= low * LEVEL:
            return "level"
        return "**this**" if (self.ours > self.dev) == self.more_is_better else "development server"


def measures() -> dict[str, list[Measure]]:
    """Return the rows of the first table of docs/performance.md, grouped by claim."""
    return {
        "Security": list(_security()),
        "Stability": list(_stability()),
        "Scalability": list(_scalability()),
    }


def _pair(benchmark: str, **wanted: object) -> tuple[Row, Row]:
    return row(benchmark, server=DEV, **wanted), row(benchmark, server=OURS, **wanted)


def _security() -> Iterator[Measure]:
    dev, ours = _pair("malformed")
    what = f"malformed requests answered 2xx, of {dev['of']}"
    yield Measure(what, "malformed", dev["answered 2xx"], ours["answered 2xx"])
    dev, ours = _pair("uploads", MiB_each=64)
    yield Measure("memory at eight 64 MiB uploads", "uploads", dev["peak MiB"], ours["peak MiB"], "MiB")
    dev, ours = _pair("slow_clients", attack="body")
    what = f"threads with {dev['sockets']} slow uploads"
    yield Measure(what, "slow_clients", dev["threads"], ours["threads"])
    what = f"slowest 1 % of health checks with {dev['sockets']} slow clients"
    yield Measure(what, "slow_clients", worst_health_ms(DEV), worst_health_ms(OURS), "ms", grain=50)


def _stability() -> Iterator[Measure]:
    for event, when in (
        ("SIGTERM", "at a stop, the load balancer lagging 2 s"),
        ("SIGSEGV in a worker", "when the process that serves crashes"),
    ):
        dev, ours = _pair("stopping", event=event)
        what = f"requests lost {when}, of {dev['requests']}"
        yield Measure(what, "stopping", dev["lost"], ours["lost"])
    for work in ("waits", "computes"):
        dev, ours = _pair("overload", work=work, times_capacity=10.0)
        what = f"slowest 1 % of health checks, 10 x capacity asked, work {work}"
        yield Measure(what, "overload", dev["health p99 ms"], ours["health p99 ms"], "ms")
    dev, ours = _pair("overload", work="waits", times_capacity=10.0)
    growth = [max(0.0, round(each["MiB after"] - each["MiB before"], 1)) for each in (dev, ours)]
    what = "memory more after 10 x capacity, work waits"
    yield Measure(what, "overload", growth[0], growth[1], "MiB", grain=5)


def _scalability() -> Iterator[Measure]:
    for times in (2, 10):
        for work in ("waits", "computes"):
            dev, ours = _pair("overload", work=work, times_capacity=float(times))
            what = f"good answers/s, {times} x capacity asked, work {work}"
            yield Measure(what, "overload", dev["good/s"], ours["good/s"], more_is_better=True)
            what = "... as a share of the server's own peak"
            share = [round(100 * each["of its peak"]) for each in (dev, ours)]
            yield Measure(what, "overload", share[0], share[1], "%", more_is_better=True)
    dev, ours = _pair("throughput", work="computes")
    yield Measure(
        "cores kept busy, 2 workers", "throughput", dev["cores"], ours["cores"], more_is_better=True
    )
    yield Measure(
        "requests/s, 10 ms computing each, 2 workers",
        "throughput",
        dev["requests/s"],
        ours["requests/s"],
        more_is_better=True,
    )
    threads = document("throughput")["threads"]
    for work, name in (("hello", "a small answer"), ("mixed", "1 ms computing, 20 ms waiting")):
        dev, ours = _pair("throughput", work=work, at_once=64)
        what = f"requests/s, {name}, 64 at once, 1 worker of {threads} threads"
        yield Measure(what, "throughput", dev["requests/s"], ours["requests/s"], more_is_better=True)
