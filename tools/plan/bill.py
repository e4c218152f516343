"""Calculate what a load costs a month, line by line."""

import math
from dataclasses import replace

from service.kit.emf import UNITS
from tools import prices
from tools.plan import facts
from tools.plan.place import Place
from tools.plan.sizing import HOURS, Size

_DAYS = 30
# Each price holds for what is above so many GB of a month.
_OUT = (
    (0, facts.OUT_GB),
    (10_000, facts.OUT_GB_10_TB),
    (50_000, facts.OUT_GB_50_TB),
    (150_000, facts.OUT_GB_150_TB),
)


def bill(place: Place, size: Size) -> dict[str, float]:
    """Return USD a month of a load that lasts all month."""
    never = place.spot == "never"
    price = replace(
        place.service.price,
        on_demand_tasks=size.tasks if never else place.service.price.on_demand_tasks,
    )
    lines = {
        "what stands, whatever the load": place.fixed_usd,
        "tasks": price.usd_per_hour(size.tasks) * HOURS,
        "public addresses of tasks": size.tasks * prices.PUBLIC_ADDRESS.monthly(place.region)
        if place.public_addresses
        else 0,
        "load balancer's LCUs": size.lcu * facts.LCU_HOUR.value * HOURS,
        "log": size.log_gb_month * (facts.LOG_GB.value + facts.LOG_GB_MONTH.value * place.log_days / _DAYS),
        "metrics of the service": len(UNITS) * facts.METRIC.value,
        "NAT gateways' data": size.nat_gbps / 8 * 3600 * HOURS * facts.NAT_GB.value,
        "firewall's requests": size.rps * 3600 * HOURS / 1e6 * facts.WAF_MILLION.value if place.waf else 0,
        "answers to the internet": _out(size.out_gb_month) if place.to_internet else 0,
    }
    return {name: usd for name, usd in lines.items() if usd}


def usd_a_month(place: Place, size: Size) -> float:
    """Return the sum of the bill."""
    return sum(bill(place, size).values())


def _out(gb: float) -> float:
    """Return USD for answers to the internet, whose price falls with their amount."""
    ends = [start for start, _ in _OUT[1:]] + [math.inf]
    return math.fsum(
        fact.value * max(0.0, min(gb, end) - start) for (start, fact), end in zip(_OUT, ends, strict=True)
    )
