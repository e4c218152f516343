"""Check load balancers, their listeners, rules and target groups, and web ACLs."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from infra.parameters import CLOUDFRONT_PREFIX_LIST_IDS
from infra.policy.refused.read import Problem, each, key_of, listed, nested, text
from infra.policy.template import Properties, dicts, number

_ELB = "AWS::ElasticLoadBalancingV2::"
_MOST_WILDCARDS = 6
_MOST_CONDITION_VALUES, _MOST_CERTIFICATES, _MOST_GROUPS, _LAST_PRIORITY = 5, 25, 5, 50_000
_MOST_RULES, _PREFIX_LIST = 60, 55
_OF_CLOUDFRONT = set(CLOUDFRONT_PREFIX_LIST_IDS.values())
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html, read 2026-11-30
MANAGED = frozenset(
    f"AWSManagedRules{name}"
    for name in (
        *("CommonRuleSet", "AdminProtectionRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet"),
        *("UnixRuleSet", "WindowsRuleSet", "PHPRuleSet", "WordPressRuleSet", "AmazonIpReputationList"),
        *("AnonymousIpList", "ACFPRuleSet", "ATPRuleSet", "BotControlRuleSet", "AntiDDoSRuleSet"),
    )
)


def listener_ports(template: Properties) -> Iterator[Problem]:
    """Yield each listener whose port another one of its load balancer has."""
    seen: dict[tuple[str, int], str] = {}
    for name, listener in each(template, f"{_ELB}Listener"):
        port = number(listener.get("Port"))
        if port is None:
            continue
        other = seen.setdefault((key_of(listener.get("LoadBalancerArn")), port), name)
        if other != name:
            yield name, f"port {port} of its load balancer is that of {other} already: use another port"


def priorities(template: Properties) -> Iterator[Problem]:
    """Yield each listener rule whose priority is taken, or that listeners do not have."""
    seen: dict[tuple[str, int], str] = {}
    for name, rule in each(template, f"{_ELB}ListenerRule"):
        priority = number(rule.get("Priority"))
        if priority is None:
            continue
        if not 1 <= priority <= _LAST_PRIORITY:
            yield name, f"Priority is {priority}: use 1 to {_LAST_PRIORITY}"
        other = seen.setdefault((key_of(rule.get("ListenerArn")), priority), name)
        if other != name:
            yield (
                name,
                f"Priority {priority} is that of {other} already: give each rule of a listener its own",
            )


def conditions(template: Properties) -> Iterator[Problem]:
    """Yield each listener rule that compares with more values than a rule may have."""
    for name, rule in each(template, f"{_ELB}ListenerRule"):
        values = sum(
            max(len(listed(nested(condition, kind, "Values"))) for kind in (*condition, ""))
            or len(listed(condition.get("Values")))
            for condition in dicts(rule.get("Conditions"))
        )
        if values > _MOST_CONDITION_VALUES:
            yield (
                name,
                (
                    f"its conditions have {values} values, a rule takes {_MOST_CONDITION_VALUES}: "
                    "use wildcards, or several rules"
                ),
            )
        wildcards = sum(
            value.count("*") + value.count("?")
            for condition in dicts(rule.get("Conditions"))
            for kind in (*condition, "")
            for value in listed(nested(condition, kind, "Values") if kind else condition.get("Values"))
            if isinstance(value, str)
        )
        if wildcards > _MOST_WILDCARDS:
            yield (
                name,
                f"its conditions have {wildcards} wildcards, a rule takes {_MOST_WILDCARDS}: use more rules",
            )


def forwards(template: Properties) -> Iterator[Problem]:
    """Yield each action that forwards to more target groups than one may."""
    for name, owner in each(template, f"{_ELB}Listener", f"{_ELB}ListenerRule"):
        for action in dicts(owner.get("DefaultActions")) + dicts(owner.get("Actions")):
            groups = dicts(nested(action, "ForwardConfig", "TargetGroups"))
            if len(groups) > _MOST_GROUPS:
                yield (
                    name,
                    f"an action forwards to {len(groups)} target groups, and takes {_MOST_GROUPS}: use fewer",
                )
            for group in groups:
                weight = number(group.get("Weight"))
                if weight is not None and not 0 <= weight <= 999:
                    yield name, f"Weight of a target group is {weight}: use 0 to 999"


def certificates(template: Properties) -> Iterator[Problem]:
    """Yield listeners with TLS and no certificate, and load balancers with too many."""
    balancer_of: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for name, listener in each(template, f"{_ELB}Listener"):
        balancer = key_of(listener.get("LoadBalancerArn"))
        balancer_of[name] = balancer
        if listener.get("Protocol") in ("HTTPS", "TLS") and not listener.get("Certificates"):
            yield name, "the listener speaks TLS and has no certificate: give it one"
    for name, more in each(template, f"{_ELB}ListenerCertificate"):
        owner = nested(more, "ListenerArn", "Ref")
        balancer = balancer_of.get(owner if isinstance(owner, str) else "", key_of(more.get("ListenerArn")))
        counts[balancer] += len(listed(more.get("Certificates")))
        if counts[balancer] > _MOST_CERTIFICATES:
            yield (
                name,
                (
                    f"its load balancer has {counts[balancer]} certificates beside its own, and takes "
                    f"{_MOST_CERTIFICATES}: use one for several names, or a wildcard"
                ),
            )


def health_checks(template: Properties) -> Iterator[Problem]:
    """Yield each health check with numbers that load balancers do not take."""
    for name, group in each(template, f"{_ELB}TargetGroup"):
        interval, timeout = (number(group.get(f"HealthCheck{key}Seconds")) for key in ("Interval", "Timeout"))
        if interval and timeout and timeout >= interval and group.get("TargetType") != "lambda":
            yield (
                name,
                (
                    f"HealthCheckTimeoutSeconds is {timeout}, not below the interval ({interval}): "
                    "lower the timeout or raise the interval"
                ),
            )
        for key, low, high in (
            ("HealthCheckIntervalSeconds", 5, 300),
            ("HealthCheckTimeoutSeconds", 2, 120),
            ("HealthyThresholdCount", 2, 10),
            ("UnhealthyThresholdCount", 2, 10),
        ):
            value = number(group.get(key))
            if value is not None and not low <= value <= high:
                yield name, f"{key} is {value}: use {low} to {high}"
        codes = text(nested(group, "Matcher", "HttpCode"))
        if codes and not _codes(codes, 499 if group.get("Protocol") in ("HTTP", "HTTPS") else 599):
            yield name, f"Matcher.HttpCode is '{codes}': use codes of 200 to 499, such as 200,301 or 200-299"
        path = text(group.get("HealthCheckPath"))
        if path is not None and not re.fullmatch(r"/[^\s#]{0,1023}", path):
            yield (
                name,
                f"HealthCheckPath is '{path}': begin it with '/', at most 1,024 characters without blanks",
            )


def zones(template: Properties) -> Iterator[Problem]:
    """Yield each application load balancer whose subnets are not in two zones, one in each."""
    zone_of = {name: subnet.get("AvailabilityZone") for name, subnet in each(template, "AWS::EC2::Subnet")}
    for name, balancer in each(template, f"{_ELB}LoadBalancer"):
        if balancer.get("Type", "application") != "application":
            continue
        subnets = listed(balancer.get("Subnets"))
        if "Subnets" in balancer and isinstance(balancer["Subnets"], list) and len(subnets) < 2:
            yield name, "it has fewer than two subnets: give it one in each of two zones"
        known = [str(nested(subnet, "Ref")) for subnet in subnets]
        here = [key_of(zone_of[subnet]) for subnet in known if subnet in zone_of]
        if len(set(here)) < len(here):
            yield name, "two of its subnets are in one zone: give it one subnet for each zone"


def managed_rules(template: Properties) -> Iterator[Problem]:
    """Yield each rule group of AWS that a web ACL names and WAF does not have."""
    for name, acl in each(template, "AWS::WAFv2::WebACL"):
        taken: dict[Any, str] = {}
        for rule in dicts(acl.get("Rules")):
            group = nested(rule, "Statement", "ManagedRuleGroupStatement")
            known = text(nested(group, "Name"))
            if nested(group, "VendorName") == "AWS" and known and known not in MANAGED:
                yield (
                    name,
                    f"AWS has no rule group '{known}': choose one of {', '.join(sorted(MANAGED))}",
                )
            priority = number(rule.get("Priority"))
            if priority is not None:
                other = taken.setdefault(priority, str(rule.get("Name")))
                if other != str(rule.get("Name")):
                    yield (
                        name,
                        (
                            f"priority {priority} is that of its rules '{other}' and '{rule.get('Name')}': "
                            "give each its own"
                        ),
                    )


def group_weights(template: Properties) -> Iterator[Problem]:
    """Yield each security group with more rules in a direction than a group may have."""
    weights: dict[tuple[str, str], int] = defaultdict(int)
    names = {name for name, _ in each(template, "AWS::EC2::SecurityGroup")}
    for name, group in each(template, "AWS::EC2::SecurityGroup"):
        for key in ("SecurityGroupIngress", "SecurityGroupEgress"):
            weights[name, key] += sum(_weight(rule) for rule in dicts(group.get(key)))
    for key in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for name, rule in each(template, f"AWS::EC2::{key}"):
            owner = nested(rule, "GroupId", "Fn::GetAtt")
            group = owner[0] if isinstance(owner, list) and owner else nested(rule, "GroupId", "Ref")
            weights[group if isinstance(group, str) and group in names else name, key] += _weight(rule)
    for (name, key), weight in weights.items():
        if weight > _MOST_RULES:
            direction = "in" if key == "SecurityGroupIngress" else "out"
            yield (
                name,
                (
                    f"its rules for the way {direction} count {weight}, a group takes {_MOST_RULES}; "
                    f"CloudFront's prefix list counts {_PREFIX_LIST}: use fewer networks or ports (a test "
                    "port and a redirect count each network again), or a prefix list of your own"
                ),
            )


def _weight(rule: Properties) -> int:
    return _PREFIX_LIST if text(rule.get("SourcePrefixListId")) in _OF_CLOUDFRONT else 1


def _codes(codes: str, last: int) -> bool:
    for part in codes.split(","):
        numbers = [number(each_one) for each_one in part.split("-")]
        if not 1 <= len(numbers) <= 2 or any(
            each_one is None or not 200 <= each_one <= last for each_one in numbers
        ):
            return False
    return True
