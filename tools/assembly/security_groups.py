"""Read the security groups of a template: their rules, and the resources that carry them."""

from typing import Any, NamedTuple

from tools.assembly.resources import Properties, Template, references

ANYONE = "anyone"
THE_VPC = "the VPC"
ANOTHER_STACK = "another stack"
# The CDK writes this rule for a group without egress: no network has this address.
NOBODY = "255.255.255.255/32"

_GROUP = "AWS::EC2::SecurityGroup"
_EVERY_PORT = (0, 65535)
_PEERS = (
    "SourceSecurityGroupId",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
)


class Rule(NamedTuple):
    """A rule that lets `peer`, a group's logical id or somebody outside, use a range of ports."""

    peer: str
    protocol: str
    first: int
    last: int

    @property
    def ports(self) -> range:
        """Return the ports that the rule allows; for ICMP, the types."""
        return range(self.first, self.last + 1)

    @property
    def text(self) -> str:
        """Return protocol and ports as people write them."""
        if self.protocol == "-1":
            return "all"
        if (self.first, self.last) == _EVERY_PORT:
            return self.protocol
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last > self.first else "")

    def both(self, other: "Rule") -> "Rule | None":
        """Return a rule that allows what both this rule and `other` allow, or None without an overlap."""
        if other.protocol == "-1":
            return self
        if self.protocol == "-1":
            return other
        first, last = max(self.first, other.first), min(self.last, other.last)
        overlap = self.protocol == other.protocol and first <= last
        return Rule(self.peer, self.protocol, first, last) if overlap else None


class Group(NamedTuple):
    """A security group: its rules, and the logical ids of the resources that carry it.

    Of a group that is not the template's `own`, only the rules that the template adds are known.
    """

    ingress: list[Rule]
    egress: list[Rule]
    carriers: list[str]
    own: bool


def groups(template: Template) -> dict[str, Group]:
    """Return a template's security groups by logical id, and by name others that it adds rules to."""
    resources = template["Resources"]
    found = {
        logical_id: Group(
            ingress=[_rule(each) for each in resource["Properties"].get("SecurityGroupIngress", [])],
            egress=[_rule(each) for each in resource["Properties"].get("SecurityGroupEgress", [])],
            carriers=[other for other, carrier in resources.items() if logical_id in _carried(carrier)],
            own=True,
        )
        for logical_id, resource in resources.items()
        if resource["Type"] == _GROUP
    }
    for resource in resources.values():
        if resource["Type"] in (f"{_GROUP}Ingress", f"{_GROUP}Egress"):
            name = _name(resource["Properties"]["GroupId"])
            group = found.setdefault(name, Group(ingress=[], egress=[], carriers=[], own=False))
            rules = group.ingress if resource["Type"].endswith("Ingress") else group.egress
            rules.append(_rule(resource["Properties"]))
    for group in found.values():
        if group.own and not group.egress:  # then EC2's default egress rule stays, which allows all
            group.egress.append(Rule(ANYONE, "-1", *_EVERY_PORT))
    return found


def _rule(properties: Properties) -> Rule:
    protocol = str(properties.get("IpProtocol", "-1"))
    ports = [str(properties.get(key, "")) for key in ("FromPort", "ToPort")]
    # A port that only AWS knows may be any.
    every = protocol == "-1" or not all(each.isdecimal() for each in ports)
    first, last = _EVERY_PORT if every else map(int, ports)
    return Rule(_peer(properties), protocol, first, last)


def _peer(properties: Properties) -> str:
    for key in _PEERS:
        if key in properties:
            return _name(properties[key])
    address = properties.get("CidrIp") or properties.get("CidrIpv6")
    if address in ("0.0.0.0/0", "::/0"):
        return ANYONE
    # The only addresses that a template computes are the VPC's own.
    return THE_VPC if isinstance(address, dict) else str(address)


def _name(value: Any) -> str:
    """Return a logical id, an id such as sg-1, or ANOTHER_STACK."""
    return next(iter(references(value)), ANOTHER_STACK if isinstance(value, dict) else str(value))


def _carried(resource: Properties) -> set[str]:
    if resource["Type"].startswith((_GROUP, "Custom::")):
        return set()
    return _under_group_keys(resource.get("Properties", {}))


def _under_group_keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return {each for item in value for each in _under_group_keys(item)}
    if not isinstance(value, dict):
        return set()
    return {
        each
        for key, item in value.items()
        for each in (references(item) if "SecurityGroup" in key else _under_group_keys(item))
    }
