"""Count what an environment costs a month beside AWS, without traffic, requests and free grants."""

from typing import Any, NamedTuple

from infra.elsewhere import Images, cloud_run_service, container_app
from infra.parameters import Environment, Google, Place

_SECONDS = 730 * 3600


class Rate(NamedTuple):
    """USD for a second of a vCPU at work, of one that waits, and of a GiB."""

    vcpu: float
    idle_vcpu: float
    gib: float


# Services with CPU always allocated, regions of tier 1; others cost up to 40 % more. Read 2026-11-30.
# https://cloud.google.com/run/pricing
CLOUD_RUN = Rate(0.000018, 0.000018, 0.000002)
# Consumption, as Azure's Retail Prices API said in autumn 2026 for several regions; a replica that works on
# nothing is idle. https://learn.microsoft.com/en-us/azure/container-apps/billing
CONTAINER_APPS = Rate(0.000024, 0.000003, 0.000003)


class Cost(NamedTuple):
    """USD a month of the service, with the fewest instances, idle or at work, and with the most."""

    idle: float
    fewest: float
    most: float

    @property
    def line(self) -> str:
        """Return it as a sentence."""
        idle = f"{self.idle:,.0f} to " if self.idle != self.fewest else ""
        fewest, most = f"{idle}{self.fewest:,.0f} with the fewest tasks", f"{self.most:,.0f} with the most"
        return f"USD a month at list prices, without traffic: {fewest}, {most}"


def cost(environment: Environment, place: Place, images: Images) -> Cost:
    """Return what the instances of an environment cost that the place takes."""
    if isinstance(place, Google):
        spec = cloud_run_service(environment, place, images)["spec"]["template"]["spec"]
        limits = [each["resources"]["limits"] for each in spec["containers"]]
        return _of(environment, CLOUD_RUN, [(float(each["cpu"]), _gib(each["memory"])) for each in limits])
    template = container_app(environment, place, images)["properties"]["template"]
    given: list[dict[str, Any]] = [each["resources"] for each in template["containers"]]
    return _of(environment, CONTAINER_APPS, [(each["cpu"], _gib(each["memory"])) for each in given])


def _of(environment: Environment, rate: Rate, sizes: list[tuple[float, float]]) -> Cost:
    vcpu, gib = (sum(each) for each in zip(*sizes, strict=True))
    busy, idle = ((each * vcpu + rate.gib * gib) * _SECONDS for each in (rate.vcpu, rate.idle_vcpu))
    tasks = environment.tasks
    return Cost(idle * tasks.min, busy * tasks.min, busy * tasks.max)


def _gib(memory: str) -> float:
    number, unit = float(memory[:-2]), memory[-2:]
    return number if unit == "Gi" else number / 1024
