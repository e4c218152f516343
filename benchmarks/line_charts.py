"""Draw the charts that have a line for each server, over a load or a number of workers that grows."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.drawing import Chart, legend_outside, log_ticks, style
from benchmarks.recorded import DEV, OURS, document, measured, row, rows, times_dev
from tools.pictures import BLUE, GREEN, ORANGE

_WORK = {
    "hello": "a small answer",
    "mixed": "1 ms computing, 20 ms waiting",
    "waits": "requests that wait: 1 ms computing, 40 ms waiting",
    "computes": "requests that compute: 4 ms",
}
_FORKS = {
    "ours": "each worker loads the app (as it ships)",
    "ours, preload": "preloaded",
    "ours, freeze": "preloaded and frozen",
}


def _overload_answer() -> str:
    least = min(each["of its peak"] for each in rows("overload", server=OURS) if each["times capacity"] > 1)
    return f"At least {round(100 * least)} % of its peak, up to ten times the capacity asked."


def _draw_overload(figure: Figure) -> None:
    for axes, work in zip(figure.subplots(1, 2), ("waits", "computes"), strict=True):
        capacity = document("overload")["capacity_per_s"][work]
        for server in measured("overload"):
            found = rows("overload", server=server, work=work)
            good = [each["good/s"] / capacity for each in found]
            axes.plot([each["times capacity"] for each in found], good, **style(server))
        log_ticks(axes, [each["times capacity"] for each in found], " x")
        axes.set_title(_WORK[work], fontsize=10)
        axes.set_xlabel("asked, capacity being 1 x")
        axes.set_ylim(bottom=0)
    figure.axes[0].set_ylabel("answered 200 within a second, capacity being 1")
    legend_outside(figure, figure.axes[0])


def _throughput_answer() -> str:
    return (
        f"With 64, {times_dev('hello', 64):.1f} x the development server's for a small answer, "
        f"{times_dev('mixed', 64):.1f} x for mixed work."
    )


def _by_load(axes: Axes, work: str, key: str) -> None:
    for server in measured("throughput"):
        found = rows("throughput", server=server, work=work)
        if found:
            axes.plot([each["at once"] for each in found], [each[key] for each in found], **style(server))
    log_ticks(axes, [1, 8, 64])
    axes.set_title(_WORK[work], fontsize=10)
    axes.set_xlabel("requests at once")
    axes.set_ylim(bottom=0)


def _draw_throughput(figure: Figure) -> None:
    left, right = figure.subplots(1, 2)
    _by_load(left, "hello", "requests/s")
    _by_load(right, "mixed", "requests/s")
    left.set_ylabel("requests/s")
    legend_outside(figure, left)


def _latency_answer() -> str:
    dev, ours = (
        row("throughput", server=server, work="mixed", at_once=64)["p99 ms"] for server in (DEV, OURS)
    )
    return f"With 64 at once, 99 % within {ours:g} ms; on the development server within {dev:g} ms."


def _draw_latency(figure: Figure) -> None:
    left, right = figure.subplots(1, 2, sharey=True)
    _by_load(left, "mixed", "p50 ms")
    _by_load(right, "mixed", "p99 ms")
    left.set_title("half of the answers within", fontsize=10)
    right.set_title("99 % of the answers within", fontsize=10)
    left.set_ylabel("ms")
    legend_outside(figure, right)


def _memory_answer() -> str:
    one, two = (row("start", server="ours", workers=workers)["MiB"] for workers in (1, 2))
    return f"{one:.0f} MiB for the first, about {two - one:.0f} MiB for each further one."


def _draw_memory(figure: Figure) -> None:
    axes = figure.subplots()
    for (server, label), hue in zip(_FORKS.items(), (BLUE, ORANGE, GREEN), strict=True):
        found = [each for each in rows("start", server=server) if "workers" in each]
        axes.plot(
            [each["workers"] for each in found],
            [each["MiB"] for each in found],
            color=hue,
            marker="o",
            label=label,
        )
    axes.set_xticks([1, 2, 4, 8])
    axes.set_xlabel("workers")
    axes.set_ylabel("MiB, all processes")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=9)


OVERLOAD = Chart(
    "overload",
    "What is still answered well when more is asked than can be served?",
    _overload_answer,
    _draw_overload,
)
THROUGHPUT = Chart(
    "throughput", "How many requests per second, as more ask at once?", _throughput_answer, _draw_throughput
)
LATENCY = Chart(
    "latency", "How long does mixed work take, as more ask at once?", _latency_answer, _draw_latency
)
MEMORY = Chart("memory", "How much memory do more workers take?", _memory_answer, _draw_memory)
