"""Measure what the kit costs a small request, in requests per second and CPU, beside bare Flask in Gunicorn.

All variants stand behind the same nginx, and are measured one after the other in several rounds. Each figure
is the median of the ratios to plain Gunicorn in the same round, so that a busy machine disturbs all alike.
CPU is that of Gunicorn's processes, without nginx's.
"""

import asyncio
import contextlib
import statistics

from benchmarks import client, report
from benchmarks.servers import Server, running

BASE = "Gunicorn as shipped, bare Flask"
# What is on and can be switched off, then what is off and can be switched on.
VARIANTS = {
    "the kit's worker, bare Flask": {"APP": "bare"},
    "the kit without its content security policy": {"CSP": "off"},
    "all, as it ships": {},
    "all + RATE_LIMIT": {"RATE_LIMIT": "1000000/second"},
    "all + PROMETHEUS_TOKEN": {"PROMETHEUS_TOKEN": "a token for the benchmark"},
    "all + TRACE_PERCENT=1": {"TRACE_PERCENT": "1"},
}
AT_ONCE = 8


async def _ask(server: Server, seconds: float) -> tuple[float, float]:
    """Return the requests per second, and the server's CPU per request in microseconds."""
    asker, before = client.Client(server.port), server.app_cpu_s()
    answers = await client.closed_loop(asker, client.get("/work"), at_once=AT_ONCE, seconds=seconds)
    asker.close()
    count = answers.count(200)
    return count / seconds, (server.app_cpu_s() - before) / max(count, 1) * 1e6


def main() -> None:
    """Measure, and write the results to kit_overhead.json."""
    given = report.arguments("kit_overhead", __doc__, ["ours, nginx"])
    rounds, seconds = (1, 0.3) if given.quick else (30, 0.5)
    variants = [BASE, *VARIANTS]
    rates: dict[str, list[float]] = {name: [] for name in variants}
    cpus: dict[str, list[float]] = {name: [] for name in variants}
    with contextlib.ExitStack() as stack:
        servers = {BASE: stack.enter_context(running("gthread, nginx"))}
        for name, settings in VARIANTS.items():
            servers[name] = stack.enter_context(running("ours, nginx", settings=settings))
        for _ in range(rounds):
            for name, server in servers.items():
                rate, cpu = asyncio.run(_ask(server, seconds))
                rates[name].append(rate)
                cpus[name].append(cpu)
    rows = [
        {
            "server": "ours, nginx",
            "variant": name,
            "requests/s": round(statistics.median(rates[name])),
            "of bare": _ratio(rates[name], rates[BASE]),
            "CPU us": round(statistics.median(cpus[name])),
            "CPU of bare": _ratio(cpus[name], cpus[BASE]),
        }
        for name in variants
    ]
    report.write("kit_overhead", given, rows, at_once=AT_ONCE, rounds=rounds)


def _ratio(values: list[float], bare: list[float]) -> float:
    return round(statistics.median(value / base for value, base in zip(values, bare, strict=True)), 2)


if __name__ == "__main__":
    main()
