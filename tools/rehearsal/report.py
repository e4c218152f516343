"""Put the figures of a rehearsal into words."""

from tools.prices import FARGATE_READ, SPOT_SHARE
from tools.rehearsal.outcome import Outcome
from tools.rehearsal.simulation import Service

METRICS = {"cpu": "CPU", "requests": "requests per target", "saturation": "busy slots"}


def question(service: Service, traffic: str) -> str:
    """Return the question that a rehearsal answers."""
    return f"Does {service.name} keep up with {traffic}?"


def answer(service: Service, result: Outcome) -> str:
    """Return the answer in one line."""
    if not result.beyond:
        share = 100 * result.usd / result.usd_at_max
        most = service.policies.max_tasks
        return f"Yes: no request is beyond capacity, at {share:.0f} % of the cost of {most} tasks"
    lost = f"{result.beyond_percent:.1f} % of requests are beyond capacity"
    if result.enough_tasks > service.policies.max_tasks:
        return (
            f"No: the peak needs {result.enough_tasks} tasks of {service.policies.max_tasks} allowed; {lost}"
        )
    recovery = f"{duration(result.recovery_s)} to recover" if result.recovered else "to the end"
    return f"Not at once: {lost}, {recovery}"


def subtitle(service: Service) -> str:
    """Return what the answer takes for granted."""
    task = service.task
    periods = ", ".join(f"{METRICS[each.metric]} {each.period_s} s" for each in service.policies.tracked)
    request = f"a request takes {1000 * task.request_s:g} ms, {1000 * task.cpu_s:g} of them CPU"
    return f"A model, not a measurement: {request}; a task starts in {service.start_s} s; metrics: {periods}"


def rows(service: Service, result: Outcome) -> list[tuple[str, str]]:
    """Return label and value of each figure."""
    policies, task = service.policies, service.task
    tightest = policies.tightest(task)
    length = duration(result.duration_s)
    added = f"{tightest.kept_rps(task):,.1f} requests/s each, the target of {METRICS[tightest.metric]}"
    allowed = f"{policies.min_tasks} to {policies.max_tasks}"
    return [
        ("load", f"up to {result.peak_rps:,.1f} requests/s, {result.requests:,.0f} in {length}"),
        ("a task takes", f"{task.capacity_rps:,.1f} requests/s, then it is out of {task.limit}"),
        ("tasks are added above", added),
        ("tasks that serve", f"{result.fewest} to {result.most}, allowed are {allowed}"),
        ("requests beyond capacity", f"{result.beyond:,.0f}, {result.beyond_percent:.1f} %"),
        ("time to recover", _recovery(result)),
        ("cost", f"${result.usd:.3f}"),
        (f"cost of {policies.max_tasks} tasks, the maximum", _beside(result.usd, result.usd_at_max)),
        (f"cost of {result.enough_tasks}, the fewest for the peak", _beside(result.usd, result.usd_enough)),
        ("prices", _prices(service)),
    ]


def duration(seconds: float) -> str:
    """Return seconds as people say them: 5 min 58 s."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 s"


def _recovery(result: Outcome) -> str:
    if not result.beyond:
        return "never beyond capacity"
    longest = f"{duration(result.recovery_s)}, the longest time beyond capacity"
    return longest if result.recovered else f"none: beyond capacity at the end ({longest})"


def _beside(usd: float, fixed: float) -> str:
    change = 100 * (usd - fixed) / fixed
    return f"${fixed:.3f}: autoscaling costs {abs(change):.0f} % {'more' if change > 0 else 'less'}"


def _prices(service: Service) -> str:
    price = service.price
    spot = f", Spot at {100 * SPOT_SHARE:.0f} % of on demand"
    return (
        f"Fargate in {price.rate_region}, {price.architecture}, {FARGATE_READ}"
        f"{'' if price.on_demand_tasks >= service.policies.max_tasks else spot}"
        f"{'' if price.rate_region == price.region else f' ({price.region} has no price here)'}"
    )
