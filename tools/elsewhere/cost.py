"""Count what an environment costs a month beside AWS, without traffic, requests and free grants."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from infra.elsewhere import Images, cloud_run_service, container_app, front_door, load_balancer
from infra.parameters import Environment, Google, Place

_HOURS = 730
_SECONDS = _HOURS * 3600
READ = "2026-11-30"
PLACES = ("Cloud Run", "Container Apps")


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
# Of a front end, USD a month: up to five forwarding rules of a project, a policy of Cloud Armor and each of
# its rules; Front Door Premium. As pages that repeat the vendors' said on 2026-11-30:
# https://cloud.google.com/load-balancing/pricing, https://cloud.google.com/armor/pricing and
# https://azure.microsoft.com/en-us/pricing/details/frontdoor/
FORWARDING, POLICY, RULE, FRONT_DOOR = 0.025 * _HOURS, 5.0, 1.0, 330.0


class Cost(NamedTuple):
    """USD a month of the service with the fewest instances, idle or at work all the time, and with the most.

    `edge` is what is in front of it, which costs as much whether anybody comes or not.
    """

    idle: float
    fewest: float
    most: float
    place: str = ""
    edge: float = 0

    @property
    def line(self) -> str:
        """Return it as a sentence."""
        edge = f", and {self.edge:,.0f} for the edge" if self.edge else ""
        return (
            f"USD a month at list prices, without traffic: {_range(self.idle, self.fewest)} with the fewest "
            f"tasks, {self.most:,.0f} with the most{edge}"
        )

    @property
    def bounds(self) -> str:
        """Return it in two numbers, the edge included, as the table of `make synth` has it."""
        return f"{self.edge + self.fewest:,.0f}-{self.edge + self.most:,.0f}"


def _range(idle: float, fewest: float) -> str:
    return f"{idle:,.0f} to {fewest:,.0f}" if idle != fewest else f"{fewest:,.0f}"


def cost(environment: Environment, place: Place, images: Images) -> Cost:
    """Return what the service of an environment costs that the place takes."""
    if isinstance(place, Google):
        written = [cloud_run_service(environment, place, images)]
        written += [load_balancer(environment, place)] if place.edge else []
    else:
        app = {"type": _APP, **container_app(environment, place, images)}
        written = [{"resources": [app]}, *([front_door(environment, place)] if place.edge else [])]
    found = of_manifests(written)
    if not found:
        raise ValueError(f"{place.title} has no service in what was written")
    return found


_APP, _PROFILE = "Microsoft.App/containerApps", "Microsoft.Cdn/profiles"


def of_manifests(manifests: Iterable[dict[str, Any]]) -> Cost | None:
    """Return what the service and the edge among some manifests cost; None without a service."""
    services, edge = list[Cost](), 0.0
    for each in manifests:
        if each.get("kind") == "Service":
            services.append(_google(each))
        edge += sum(_armor(each))
        for resource in each.get("resources", []):
            edge += FRONT_DOOR if resource["type"] == _PROFILE else 0
            # A worker has no ingress.
            if resource["type"] == _APP and resource["properties"]["configuration"].get("ingress"):
                services.append(_azure(resource["properties"]["template"]))
    return services[0]._replace(edge=edge) if services else None


def _google(manifest: dict[str, Any]) -> Cost:
    bounds = manifest["metadata"]["annotations"]
    given = manifest["spec"]["template"]["spec"]["containers"]
    limits = [each["resources"]["limits"] for each in given]
    return _of(
        CLOUD_RUN,
        [(float(each["cpu"]), _gib(each["memory"])) for each in limits],
        *(int(bounds[f"run.googleapis.com/{name}Scale"]) for name in ("min", "max")),
        place=PLACES[0],
    )


def _azure(template: dict[str, Any]) -> Cost:
    given = [each["resources"] for each in template["containers"]]
    return _of(
        CONTAINER_APPS,
        [(each["cpu"], _gib(each["memory"])) for each in given],
        *(template["scale"][f"{name}Replicas"] for name in ("min", "max")),
        place=PLACES[1],
    )


def _armor(manifest: dict[str, Any]) -> Iterator[float]:
    resources = manifest.get("resource", {})
    if "google_compute_global_forwarding_rule" in resources:
        yield FORWARDING
    for policy in resources.get("google_compute_security_policy", {}).values():
        yield POLICY + RULE * len(policy["rule"])


def _of(rate: Rate, sizes: list[tuple[float, float]], fewest: int, most: int, *, place: str) -> Cost:
    vcpu, gib = (sum(each) for each in zip(*sizes, strict=True))
    busy, idle = ((each * vcpu + rate.gib * gib) * _SECONDS for each in (rate.vcpu, rate.idle_vcpu))
    return Cost(idle * fewest, busy * fewest, busy * most, place)


def _gib(memory: str) -> float:
    number, unit = float(memory[:-2]), memory[-2:]
    return number if unit == "Gi" else number / 1024
