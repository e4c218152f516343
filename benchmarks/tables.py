"""Make the tables of docs/performance.md from the recorded results."""

import statistics
from collections.abc import Iterable, Sequence

from benchmarks.comparison import measures
from benchmarks.quiet import OTHERS
from benchmarks.recorded import NAMES, SERVERS, document, measured, row, rows


def _table(header: Sequence[object], body: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 10 else f"{value:g}"
    return "none" if value is None else str(value)


def comparison() -> str:
    """Make the table that compares the development server with this service, claim by claim."""
    body: list[list[object]] = []
    for claim, found in measures().items():
        body.append([f"**{claim}**", "", "", "", ""])
        body += [
            [
                each.what,
                *(_with(value, each.unit) for value in (each.dev, each.ours)),
                each.better(),
                f"`BENCH={each.benchmark}`",
            ]
            for each in found
        ]
    return _table(["", "development server", "this", "better", "`make bench`"], body)


def _with(value: float | None, unit: str) -> str:
    return "no answer" if value is None else f"{_cell(value)} {unit}".strip()


def malformed() -> str:
    """Make the table of malformed requests that each server answers and should refuse."""
    lines = []
    for server in measured("malformed"):
        found = row("malformed", server=server)
        few = ", ".join(found["which"]) if len(found["which"]) <= 6 else "..."
        lines.append([SERVERS[server], f"{found['answered 2xx']} of {found['of']}", found["smuggled"], few])
    return _table(["", "answered 2xx", "answered twice", "which"], lines)


def overload() -> str:
    """Make the table of answers at twice and at ten times the capacity."""
    lines = []
    for server in measured("overload"):
        for work in ("waits", "computes"):
            two, ten = (
                row("overload", server=server, work=work, times_capacity=times) for times in (2.0, 10.0)
            )
            lines.append(
                [
                    SERVERS[server],
                    work,
                    *(f"{each['good/s']:.0f} ({each['of its peak']:.0%})" for each in (two, ten)),
                    ten["503 p99 ms"],
                    f"{ten['health p99 ms']:,.0f} ms" if ten["health p99 ms"] else "no answer",
                    ten["health failed"],
                    ten["lost"],
                    f"{ten['MiB before']:.0f} → {ten['MiB after']:.0f}",
                ]
            )
    header = [
        "",
        "work",
        "good/s at 2 x",
        "at 10 x",
        "503 within ms",
        "health within",
        "health late",
        "lost",
        "MiB",
    ]
    return _table(header, lines)


def shipped() -> str:
    """Make the table of good answers of the sizes that ship, at twice and at ten times their capacity."""
    lines = []
    for size in document("shipped")["sizes"]:
        for work in ("waits", "computes"):
            for server in measured("shipped"):
                two, ten = (
                    row("shipped", size=size, server=server, work=work, times_capacity=times)
                    for times in (2.0, 10.0)
                )
                cells = [f"{each['good/s']:.0f} ({each['of peak']:.0%})" for each in (two, ten)]
                missed = ", ".join(dict.fromkeys([*two["missed"], *ten["missed"]])) or "none"
                figures = [ten["503 p99 ms"], ten["health p99 ms"], ten["lost"]]
                lines.append([size, work, SERVERS[server], *cells, *figures, missed])
    header = ["task of", "work", "", "good/s at 2 x", "at 10 x", "503 within ms", "health within ms", "lost"]
    return _table([*header, "aims missed"], lines)


def shipped_bursts() -> str:
    """Make the table of bursts on the sizes that ship."""
    found = [each for each in rows("shipped") if "burst" in each]
    lines = []
    for size, burst in dict.fromkeys((each["size"], each["burst"]) for each in found):
        cells = []
        for server in measured("shipped"):
            each = row("shipped", size=size, server=server, burst=burst)
            cells.append(f"{each['503']} in {each['seconds']:g} s")
        lines.append([size, burst, *cells])
    return _table(["task of", "burst: refused", *(SERVERS[each] for each in measured("shipped"))], lines)


def slow() -> str:
    """Make the table of health checks during each attack of slow clients."""
    lines = []
    for server in measured("slow_clients"):
        found = {
            attack: row("slow_clients", server=server, attack=attack)
            for attack in ("none", "silence", "head", "body")
        }
        body = found["body"]
        lines.append(
            [
                SERVERS[server],
                *(each["health p99 ms"] for each in found.values()),
                f"{min(each['answered'] for each in found.values())} of {body['of']}",
                body["threads"],
                body["MiB"],
            ]
        )
    header = [
        "health within ms",
        "no attack",
        "silence",
        "headers",
        "bodies",
        "requests answered",
        "threads",
        "MiB",
    ]
    return _table(header, lines)


def uploads() -> str:
    """Make the table of memory and answers while large bodies are uploaded."""
    lines = []
    for server in measured("uploads"):
        eight, large = (row("uploads", server=server, MiB_each=mib) for mib in (8, 64))
        answers = ", ".join(f"{count} x {status}" for status, count in large["answers"].items())
        lines.append(
            [SERVERS[server], eight["peak MiB"], large["peak MiB"], answers, large["health slowest ms"]]
        )
    return _table(["", "MiB at 8 x 8 MiB", "at 8 x 64 MiB", "answers", "slowest health check, ms"], lines)


def stopping() -> str:
    """Make the table of requests lost at a stop and at a crash."""
    lines = []
    for server in measured("stopping"):
        stop, crash = (
            row("stopping", server=server, event=event) for event in ("SIGTERM", "SIGSEGV in a worker")
        )
        lost = [f"{each['lost']} of {each['requests']}" for each in (stop, crash)]
        lines.append([SERVERS[server], lost[0], f"{stop['seconds to exit']} s", lost[1]])
    return _table(["", "lost at SIGTERM", "time to exit", "lost at a crash"], lines)


def kit() -> str:
    """Make the table of the kit's cost, part by part."""
    header = ["", "requests/s, of bare Flask's", "CPU per request, of bare Flask's"]
    return _table(
        header, [[each["variant"], each["of bare"], each["CPU of bare"]] for each in rows("kit_overhead")]
    )


def throughput() -> str:
    """Make the table of requests per second, as ratios to the development server's."""
    loads = [("hello", 8), ("hello", 64), ("mixed", 8), ("mixed", 64), ("computes", 8)]
    lines = []
    for server in measured("throughput"):
        cells: list[object] = []
        for work, at_once in loads:
            found = rows("throughput", server=server, work=work, at_once=at_once)
            cells.append(f"{found[0]['of dev']:.2f} ({_cell(found[0]['p99 ms'])} ms)" if found else "")
        lines.append([SERVERS[server], *cells])
    return _table(
        ["requests/s of dev's (p99)", *(f"{work}, {at_once} at once" for work, at_once in loads)], lines
    )


def start() -> str:
    """Make the table of seconds to the first answer."""
    lines = [
        [
            name,
            *(row("start", server=server, own_bytecode=own)["s to first answer"] for own in (True, False)),
        ]
        for server, name in (("gthread", SERVERS["gthread"]), ("ours", "this, without its proxy"))
    ]
    return _table(["seconds to the first answer", "bytecode compiled", "not compiled"], lines)


def runs() -> str:
    """Make the table of when each benchmark ran, and how much of the machine others used meanwhile."""
    lines = []
    for name in NAMES:
        machine = document(name)["machine"]
        others = [each[OTHERS] for each in rows(name) if OTHERS in each]
        used = [statistics.median(others), max(others)] if others else ["", ""]
        lines.append([f"`BENCH={name}`", machine["measured_at"], machine["load_before"], *used])
    return _table(["", "on", "load before", "others' cores, median", "most"], lines)
