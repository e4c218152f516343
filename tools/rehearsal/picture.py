"""Draw a rehearsal: load, tasks, saturation and cost over time."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from tools.pictures import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION, plain, write_picture
from tools.rehearsal.outcome import Outcome
from tools.rehearsal.policies import Metric
from tools.rehearsal.simulation import Moment, Service

_POINTS = 3000
# The unit of time, its seconds, and the distances between ticks to choose from.
_MINUTES = ("minutes", 60, (1, 2, 5, 10, 30))
_HOURS = ("hours", 3600, (1, 2, 6, 12))


def draw(
    service: Service, moments: Sequence[Moment], result: Outcome, *, title: str, subtitle: str, path: Path
) -> None:
    """Write the PNG, whole or not at all; its title stands in its metadata. Raises OSError."""
    step = max(1, len(moments) // _POINTS)
    shown = moments[::step]
    unit, unit_s, ticks = _HOURS if len(moments) > 6 * 3600 else _MINUTES
    times = [index * step / unit_s for index in range(len(shown))]
    figure = Figure(figsize=(11, 10.5), dpi=100, layout="constrained")
    figure.suptitle(f"{title}\n", fontsize=13, fontweight="bold", x=0.01, ha="left")
    figure.text(0.011, 0.942, subtitle, fontsize=9.5, color=GREY)
    load, tasks, use, cost = figure.subplots(4, 1, sharex=True, height_ratios=(3, 2.2, 2.2, 1.8))
    _draw_load(load, times, shown, service)
    _draw_tasks(tasks, times, shown, service)
    _draw_use(use, times, shown, service)
    _draw_cost(cost, times, shown, service, result)
    for axes in (load, tasks, use, cost):
        plain(axes)
        axes.margins(x=0)
        axes.legend(loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False, fontsize=9)
    cost.set_xlabel(unit)
    cost.xaxis.set_major_locator(MultipleLocator(next(each for each in ticks if times[-1] <= 15 * each)))
    write_picture(figure, path, title)


def _draw_load(axes: Axes, times: list[float], shown: Sequence[Moment], service: Service) -> None:
    rates = [moment.rps for moment in shown]
    capacity = [moment.capacity_rps for moment in shown]
    kept = service.policies.tightest(service.task).kept_rps(service.task)
    beyond = [moment.beyond_rps > 0 for moment in shown]
    if any(beyond):
        axes.fill_between(
            times,
            rates,
            capacity,
            where=beyond,
            color=VERMILION,
            alpha=0.35,
            linewidth=0,
            label="beyond capacity",
        )
    axes.plot(times, capacity, color=BLUE, linewidth=1.8, drawstyle="steps-post", label="capacity")
    axes.plot(
        times,
        [moment.serving * kept for moment in shown],
        color=SKY,
        linestyle="--",
        drawstyle="steps-post",
        label="load the targets keep",
    )
    axes.plot(times, rates, color="black", linewidth=1.8, label="load")
    axes.set_ylabel("requests/s")
    axes.set_ylim(bottom=0)


def _draw_tasks(axes: Axes, times: list[float], shown: Sequence[Moment], service: Service) -> None:
    bottom = [0] * len(shown)
    for name, color in (("serving", BLUE), ("starting", ORANGE), ("draining", GREY)):
        top = [below + getattr(moment, name) for below, moment in zip(bottom, shown, strict=True)]
        axes.fill_between(times, bottom, top, step="post", color=color, alpha=0.8, linewidth=0, label=name)
        bottom = top
    desired = [moment.desired for moment in shown]
    axes.plot(times, desired, color="black", linewidth=1.2, drawstyle="steps-post", label="desired")
    for limit in (service.policies.min_tasks, service.policies.max_tasks):
        axes.axhline(limit, color="black", linestyle=":", linewidth=1)
    axes.plot([], [], color="black", linestyle=":", linewidth=1, label="minimum, maximum")
    axes.set_ylabel("tasks")
    axes.set_ylim(0, max(service.policies.max_tasks, *bottom) + 1)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_use(axes: Axes, times: list[float], shown: Sequence[Moment], service: Service) -> None:
    targets = {policy.metric: policy.target for policy in service.policies.tracked}
    lines: tuple[tuple[Metric, str, str, list[float]], ...] = (
        ("saturation", "busy slots", GREEN, [moment.saturation_percent for moment in shown]),
        ("cpu", "CPU", ORANGE, [moment.cpu_percent for moment in shown]),
    )
    for metric, label, color, values in lines:
        target = targets.get(metric)
        # In an overload both lines are at 100 %: drawn thin on thick, both can be seen.
        width = 3.2 if metric == "saturation" else 1.4
        named = label if target else f"{label} (no target)"
        axes.plot(times, values, color=color, linewidth=width, label=named)
        if target:
            axes.axhline(target, color=color, linestyle="--", linewidth=1, label=f"its target, {target:g} %")
    axes.set_ylabel("% of slots, of CPU")
    axes.set_ylim(0, 105)


def _draw_cost(
    axes: Axes, times: list[float], shown: Sequence[Moment], service: Service, result: Outcome
) -> None:
    price, most = service.price.usd_per_hour, service.policies.max_tasks
    autoscaled = [price(moment.billed) for moment in shown]
    axes.plot(
        times,
        autoscaled,
        color=BLUE,
        linewidth=1.6,
        drawstyle="steps-post",
        label=f"autoscaled: ${result.usd:.3f} in all",
    )
    for tasks, style, color, usd in (
        (most, ":", GREY, result.usd_at_max),
        (result.enough_tasks, "--", VERMILION, result.usd_enough),
    ):
        axes.axhline(
            price(tasks), color=color, linestyle=style, linewidth=1.3, label=f"{tasks} fixed: ${usd:.3f}"
        )
    axes.set_ylabel("$ per hour")
    axes.set_ylim(0, 1.15 * max(price(most), price(result.enough_tasks), *autoscaled))
