"""Find who can newly open connections to whom."""

import ipaddress
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from tools.assembly import ANYONE, LOAD_BALANCER, TASKS, Reach, Template, labels, reach
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
    before = reach(old, beside=new)
    names = labels(new, beside=old)
    fresh = {names[each] for each in new["Resources"] if each not in old["Resources"]}
    internal = _with_scheme(new, names, "internal")
    for each in sorted(reach(new, beside=old)):
        if not _held(each, before):
            yield _wider(each, internal=each.target in internal, fresh=each.target in fresh)
    known = labels(old, beside=new)
    for name in sorted(_with_scheme(new, names, "internet-facing") & _with_scheme(old, known, "internal")):
        yield Reason("dangerous", f"the {name} gets public addresses: it was internal", "widening")


def narrower_reach(old: Template, new: Template) -> Iterator[Reason]:
    """Yield a sentence for each connection that was possible and is not any more, between what stays."""
    after = reach(new, beside=old)
    gone = set(labels(old, beside=new).values()) - set(labels(new, beside=old).values())
    for each in sorted(reach(old, beside=new)):
        if each.source in gone or each.target in gone or _held(each, after):
            continue
        # What is left counts if it is a part of the same, and not the way to one group alone.
        left = [
            known
            for known in after
            if _holds(each, known) and (known.target == each.target or _addresses(known.target))
        ]
        who, whom = _named(each.source, internal=False), _target(each.target)
        text = f"{who} can no longer reach {whom} on {Ports.of(each.ports).text}"
        if left:
            some = f"{_named(left[0].source, internal=False)} on {Ports.of(left[0].ports).text}"
            yield Reason("look", f"{text}, but {some} still can")
        else:
            serves = LOAD_BALANCER in each.target or TASKS in each.source or LOAD_BALANCER in each.source
            yield Reason("dangerous" if serves else "look", text)


def _with_scheme(template: Template, names: dict[str, str], scheme: str) -> set[str]:
    return {
        names[logical_id]
        for logical_id, resource in template["Resources"].items()
        if resource.get("Type") == _BALANCER and resource.get("Properties", {}).get("Scheme") == scheme
    }


def _wider(each: Reach, *, internal: bool, fresh: bool) -> Reason:
    ports = Ports.of(each.ports)
    text = f"{_named(each.source, internal=internal)} can now reach {_target(each.target)} on {ports.text}"
    # A new load balancer is there to be reached, on the ports of the web.
    web = fresh and LOAD_BALANCER in each.target and ports in (Ports("tcp", 80, 80), Ports("tcp", 443, 443))
    many = (each.source == ANYONE and not internal) or _many(each.source)
    return Reason("dangerous" if many and not web else "look", text, "widening")


def _target(peer: str) -> str:
    return _named(peer, internal=False)


def _named(peer: str, *, internal: bool) -> str:
    if peer == ANYONE:
        return "everyone with a way into the network" if internal else "anyone on the internet"
    if _addresses(peer):
        return f"everyone at {peer}"
    return f"the {peer}" if peer.startswith(LOAD_BALANCER) else peer


def _held(each: Reach, known: Collection[Reach]) -> bool:
    """Return whether known connections include another, one of them or several together."""
    if any(_holds(other, each) for other in known):
        return True
    addresses = _addresses(each.source)
    parts = [
        part
        for other in known
        if (part := _addresses(other.source))
        and addresses
        and part.version == addresses.version
        and _holds(other._replace(source=each.source), each)
    ]
    # Neighbours of one kind become the network that holds them.
    joined = ipaddress.collapse_addresses(parts)  # type: ignore[type-var]
    return addresses is not None and any(_subnet(addresses, other) for other in joined)


def _holds(known: Reach, other: Reach) -> bool:
    """Return whether a known connection includes another."""
    return (
        _within(other.source, known.source)
        and _within(other.target, known.target)
        and Ports.of(known.ports).hold(Ports.of(other.ports))
    )


def _within(peer: str, other: str) -> bool:
    if other in (peer, ANYONE):
        return True
    inner, outer = _addresses(peer), _addresses(other)
    if not inner or not outer:
        return False
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
