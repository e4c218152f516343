"""Draw the charts that have a bar for each server, or for each part of the kit."""

from matplotlib.figure import Figure

from benchmarks.drawing import Chart, bars, server_bars
from benchmarks.recorded import DEV, OURS, measured, row, rows, worst_health_ms
from tools.pictures import BLUE, GREY, SKY, VERMILION

# The aim: the kit keeps at least this share of bare Flask's requests per second.
AIM = 0.85


def _kit_answer() -> str:
    share = row("kit_overhead", variant="all, as it ships")["of bare"]
    return f"{_fewer(share)} than bare Flask, all on as it ships; the aim is 15 % at most."


def _fewer(share: float) -> str:
    return f"{round(100 * (1 - share))} % fewer requests/s" if share < 1 else "Not fewer requests/s"


def _draw_kit(figure: Figure) -> None:
    axes = figure.subplots()
    shares = {each["variant"]: each["of bare"] for each in rows("kit_overhead")}
    colors = [{"bare Flask": GREY, "all, as it ships": BLUE}.get(variant, SKY) for variant in shares]
    bars(axes, shares, colors, "requests/s, as a share of bare Flask's")
    axes.axvline(AIM, color=VERMILION, linestyle="--", linewidth=1.2)
    axes.text(AIM, -0.62, "aim ", color=VERMILION, fontsize=9, ha="right")


def _slow_answer() -> str:
    return (
        f"99 % of health checks within {worst_health_ms(OURS):g} ms in the worst attack; the aim is 100 ms."
    )


def _draw_slow(figure: Figure) -> None:
    attacks = {"silence": "say nothing", "head": "trickle headers", "body": "trickle a body"}
    for axes, (attack, title) in zip(figure.subplots(1, 3, sharey=True), attacks.items(), strict=True):
        found = {
            server: row("slow_clients", server=server, attack=attack)["health p99 ms"]
            for server in measured("slow_clients")
        }
        server_bars(axes, found, "ms")
        axes.set_title(f"500 clients {title}", fontsize=10)
        axes.set_xlim(0, 1.3 * max(100, *(value or 0 for value in found.values())))
        axes.axvline(100, color=VERMILION, linestyle="--", linewidth=1.2)


def _uploads_answer() -> str:
    dev, ours = (row("uploads", server=server, MiB_each=64) for server in (DEV, OURS))
    return (
        f"{ours['peak MiB']:.0f} MiB, as what is above its limit gets 413; "
        f"the development server {dev['peak MiB']:.0f} MiB."
    )


def _draw_uploads(figure: Figure) -> None:
    found = {
        server: round(row("uploads", server=server, MiB_each=64)["peak MiB"])
        for server in measured("uploads")
    }
    server_bars(figure.subplots(), found, "MiB at most, all processes")


def _stopping_answer() -> str:
    lost = [row("stopping", server=OURS, event=event)["lost"] for event in ("SIGTERM", "SIGSEGV in a worker")]
    dead = row("stopping", server=DEV, event="SIGSEGV in a worker")["lost"]
    return f"{lost[0]} at a stop, {lost[1]} at a crash; the development server never comes back ({dead})."


def _draw_stopping(figure: Figure) -> None:
    events = {"SIGTERM": "a stop, the load balancer lagging 2 s", "SIGSEGV in a worker": "a crash"}
    for axes, (event, title) in zip(figure.subplots(1, 2, sharey=True), events.items(), strict=True):
        found = {server: row("stopping", server=server, event=event) for server in measured("stopping")}
        lost = {server: each["lost"] for server, each in found.items()}
        server_bars(axes, lost, f"requests lost, of {found[DEV]['requests']}")
        axes.set_title(title, fontsize=10)


KIT = Chart("kit", "What does the kit cost a small request?", _kit_answer, _draw_kit)
SLOW_CLIENTS = Chart(
    "slow-clients", "What do health checks feel while 500 slow clients hold on?", _slow_answer, _draw_slow
)
UPLOADS = Chart("uploads", "How much memory do eight uploads of 64 MiB take?", _uploads_answer, _draw_uploads)
STOPPING = Chart("stopping", "What is lost at a stop and at a crash?", _stopping_answer, _draw_stopping)
