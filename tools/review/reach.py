"""Find who can newly open connections to whom."""

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly import ANYONE, LOAD_BALANCER, Reach, Template, of_type, reach
from tools.review.reasons import Reason

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
# A shorter prefix holds more addresses than one company has.
_COMPANY, _COMPANY_V6 = 16, 32
_PORTS = re.compile(r"(?P<protocol>\S+)(?: (?P<first>\d+)(?:-(?P<last>\d+))?)?")


class Ports(NamedTuple):
    """Open ports as numbers; protocol `all` is every protocol."""

    protocol: str
    first: int
    last: int

    @classmethod
    def of(cls, text: str) -> "Ports":
        """Read what the security groups' report says, such as `tcp 80-81`."""
        match = _PORTS.fullmatch(text)
        if not match or not match["first"]:
            return cls(text, 0, 65535)
        return cls(match["protocol"], int(match["first"]), int(match["last"] or match["first"]))

    def hold(self, other: "Ports") -> bool:
        """Return whether these ports include all of `other`."""
        same = self.protocol in ("all", other.protocol)
        return same and self.first <= other.first and other.last <= self.last

    @property
    def text(self) -> str:
        """Return the ports as people say them."""
        if self.protocol == "all":
            return "every port"
        if (self.first, self.last) == (0, 65535):
            return f"every {self.protocol} port"
        kind = "" if self.protocol == "tcp" else f"{self.protocol} "
        one = self.first == self.last
        return f"{kind}port {self.first}" if one else f"{kind}ports {self.first} to {self.last}"


def reachable(template: Template) -> list[Reach]:
    """Return all connections from outside that the security groups let in."""
    return sorted(each for each in reach(template) if each.source == ANYONE)


def wider_reach(old: Template, new: Template) -> Iterator[Reason]:
    """Yield a sentence for each connection that is possible now and was not before."""
    before = reach(old)
    internal = any(each.get("Scheme") == "internal" for each in of_type(new, _BALANCER))
    for each in sorted(reach(new)):
        if not any(_holds(known, each) for known in before):
            yield _sentence(each, internal=internal and each.target == LOAD_BALANCER)
    if _public(new) and not _public(old) and _internal(old):
        yield Reason("dangerous", "the load balancer gets public addresses: it was internal", "widening")
    if _tasks_are_public(new) and not _tasks_are_public(old) and of_type(old, "AWS::ECS::Service"):
        text = "tasks get public addresses; their security group alone keeps the internet out"
        yield Reason("look", text, "widening")


def _sentence(each: Reach, *, internal: bool) -> Reason:
    ports = Ports.of(each.ports).text
    source, target = _named(each.source, internal=internal), _named(each.target, internal=False)
    if each.source == ANYONE and not internal:
        return Reason("dangerous", f"{source} can now reach {target} on {ports}", "widening")
    if _addresses(each.source):
        return Reason(
            "dangerous" if _many(each.source) else "look",
            f"{source} can now reach {target} on {ports}",
            "widening",
        )
    return Reason("look", f"{source} can now reach {target} on {ports}", "widening")


def _named(peer: str, *, internal: bool) -> str:
    if peer == ANYONE:
        return "everyone with a way into the network" if internal else "anyone on the internet"
    if _addresses(peer):
        return f"everyone at {peer}"
    return f"the {peer}" if peer == LOAD_BALANCER else peer


def _holds(known: Reach, other: Reach) -> bool:
    """Return whether a known connection includes another."""
    return (
        _within(other.source, known.source)
        and _within(other.target, known.target)
        and Ports.of(known.ports).hold(Ports.of(other.ports))
    )


def _within(peer: str, other: str) -> bool:
    if peer == other:
        return True
    inner, outer = _addresses(peer), _addresses(other)
    if not inner or not outer:
        return inner is not None and other == ANYONE
    return inner.version == outer.version and _subnet(inner, outer)


Addresses = ipaddress.IPv4Network | ipaddress.IPv6Network


def _subnet(inner: Addresses, outer: Addresses) -> bool:
    first, last = int(outer.network_address), int(outer.broadcast_address)
    return first <= int(inner.network_address) and int(inner.broadcast_address) <= last


def _addresses(peer: str) -> Addresses | None:
    try:
        return ipaddress.ip_network(peer, strict=False)
    except ValueError:
        return None


def _many(peer: str) -> bool:
    """Return whether these are more public addresses than one company has."""
    network = _addresses(peer)
    if not network or network.is_private:
        return False
    return network.prefixlen < (_COMPANY if isinstance(network, ipaddress.IPv4Network) else _COMPANY_V6)


def _public(template: Template) -> bool:
    return any(each.get("Scheme") == "internet-facing" for each in of_type(template, _BALANCER))


def _internal(template: Template) -> bool:
    return any(each.get("Scheme") == "internal" for each in of_type(template, _BALANCER))


def _tasks_are_public(template: Template) -> bool:
    services = of_type(template, "AWS::ECS::Service")
    networks = [each.get("NetworkConfiguration", {}).get("AwsvpcConfiguration", {}) for each in services]
    return any(network.get("AssignPublicIp") == "ENABLED" for network in networks)
