"""Put a plan into words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from tools.plan import facts
from tools.plan.app import App
from tools.plan.bill import bill, usd_a_month
from tools.plan.growth import growth
from tools.plan.limits import Hit, cells, hits
from tools.plan.loads import Load
from tools.plan.place import Place, instance_for, units_for
from tools.plan.sizing import Size, size
from tools.rehearsal.report import duration

SHOWN_LIMITS = 4


class Plan(NamedTuple):
    """A plan: what each load needs, and the limits in the order in which they are hit."""

    name: str
    place: Place
    app: App
    loads: list[Load]
    sizes: list[Size]
    hits: list[Hit]


def plan(name: str, place: Place, app: App, loads: list[Load]) -> Plan:
    """Return the plan for an environment."""
    sizes = [size(place, app, load.rps) for load in loads]
    return Plan(name, place, app, loads, sizes, hits(place, app))


def answer(of: Plan) -> str:
    """Return the answer in one line."""
    most = of.sizes[-1]
    passed = [hit for hit in of.hits if hit.limit.share(most) > 1]
    if not passed:
        first = of.hits[0]
        return f"{of.name} carries {_rate(most.rps)}; first {first.limit.name} run out, at {_load(first)}"
    first, *others = passed
    more = f", and {len(others)} more limits before {_rate(most.rps)}" if others else ""
    return f"{of.name} carries {_load(first)}; first {first.limit.name} run out{more}"


def needs(of: Plan) -> list[tuple[str, ...]]:
    """Return label and, for each load, what it needs."""
    place = of.place
    grown = [growth(place, *each) for each in zip(of.loads, of.sizes, strict=True)]
    rows: list[tuple[str, list[str]]] = [
        ("requests/s", [f"{each.rps:,.0f}" for each in of.sizes]),
        ("tasks", [f"{each.tasks:,}" for each in of.sizes]),
        ("vCPU, memory", [f"{each.vcpu:,g}, {each.memory_gib:,g} GiB" for each in of.sizes]),
        ("busy threads", [f"{each.busy_threads:,.0f} of {each.threads:,}" for each in of.sizes]),
        ("tasks while deploying", [f"{each.deploying:,}" for each in of.sizes]),
        ("addresses in each subnet, deploying", [_addresses(place, each) for each in of.sizes]),
        ("targets, deploying", [f"{each.targets:,}" for each in of.sizes]),
        (
            "rules of a security group",
            [f"{place.group_rules} of {facts.RULES_OF_GROUP.value:g}"] * len(of.sizes),
        ),
        ("LCUs", [f"{each.lcu:,.1f}" for each in of.sizes]),
        ("NAT: connections to one destination", [_nat(place, f"{each.nat_ports:,}") for each in of.sizes]),
        ("NAT: Gbit/s", [_nat(place, f"{each.nat_gbps:,.2g}") for each in of.sizes]),
        ("log, GB a month", [f"{each.log_gb_month:,.0f}" for each in of.sizes]),
        ("database connections, deploying", [_database(place, each) for each in of.sizes]),
        ("a deployment takes", [duration(each.rollout_s) for each in of.sizes]),
        ("cells, without a request to AWS", [f"{cells(of.hits, each.rps):,}" for each in of.sizes]),
        (
            _growth_label(of.loads),
            [f"{each.beyond_percent:.1f} %, {_over(each.recovery_s)}" for each in grown],
        ),
    ]
    bills = [bill(place, each) for each in of.sizes]
    lines = dict.fromkeys(line for each in bills for line in each)
    rows += [(f"USD: {line}", [f"{each.get(line, 0):,.0f}" for each in bills]) for line in lines]
    rows.append(("USD a month", [f"{usd_a_month(place, each):,.0f}" for each in of.sizes]))
    return [(label, *cells) for label, cells in rows]


def first_limits(of: Plan) -> list[tuple[str, ...]]:
    """Return the limits that are hit first: name, load, how much there is, what moves it, and the source."""
    found = [hit for hit in of.hits if math.isfinite(hit.rps)][:SHOWN_LIMITS]
    return [
        (hit.limit.name, _load(hit), f"{hit.limit.most:,g}", hit.limit.moves, hit.limit.source)
        for hit in found
    ]


def unknown(of: Plan) -> list[str]:
    """Return what the plan does not know, in sentences."""
    place = of.place
    said = [
        "How fast the load balancer grows: AWS publishes no figure. Reserve LCUs before an expected crowd.",
        "What the database computes and writes; its connections alone are counted.",
        "Requests that get slower under load, and what image pulls and other environments take of quotas.",
    ]
    if place.subnets is None:
        said.append("Free addresses of subnets that the template does not make: `make doctor` asks AWS.")
    if place.container_insights:
        said.append("The price of Container Insights, by the task and container: they grow with the tasks.")
    if place.gateways and not of.app.out_bytes:
        said.append("What the app sends through the NAT gateways; only its log is counted (--out-bytes).")
    return said


def assumptions(of: Plan) -> str:
    """Return what the plan takes for granted of the app."""
    app = of.app
    return (
        f"A model, not a measurement: a request takes {app.request_ms:g} ms, {app.cpu_ms:g} of them CPU, its "
        f"answer has {app.answer_bytes:,.0f} bytes, its log line {app.log_bytes:,.0f} ({app.where_from})"
    )


def _rate(rps: float) -> str:
    return f"{rps:,.0f} requests/s"


def _load(hit: Hit) -> str:
    return _rate(hit.rps) if hit.rps else "any load"


def _addresses(place: Place, size: Size) -> str:
    if place.subnets is None:
        return "unknown"
    return f"{size.addresses_per_subnet:,} of {min(place.subnets):,}"


def _nat(place: Place, text: str) -> str:
    return text if place.gateways else "no gateway"


def _database(place: Place, size: Size) -> str:
    if place.max_connections is None:
        return "no database"
    fits = f", {instance_for(size.connections)}" if place.instance else ""
    if place.aurora:
        fits = f", {units_for(size.connections, place.aurora)}"
    return f"{size.connections:,} of {place.max_connections:,}{fits}"


def _growth_label(loads: Sequence[Load]) -> str:
    name = loads[0].name if loads[0].trace else "doubling in a minute"
    return f"{name}: refused, time to grow"


def _over(seconds: int) -> str:
    return duration(seconds) if seconds else "at once"
