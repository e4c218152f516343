"""Check names, tags, and the size of IAM policies."""

import re
from collections import defaultdict
from collections.abc import Iterator

from infra.policy.refused.read import Problem, each, key_of, listed, text, written
from infra.policy.template import Properties, dicts

_MANAGED_POLICY, _INLINE_POLICIES = 6_144, 10_240
_MOST_TAGS, _LONGEST_KEY, _LONGEST_VALUE = 50, 128, 256

# Type: property, pattern, and the pattern in words. Schemas hold some of these; APIs refuse all.
_NAMES = {
    "AWS::CloudWatch::Alarm": ("AlarmName", r".{1,255}", "1 to 255 characters"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", r"[A-Za-z0-9_-]{1,255}", "letters, digits, '-' and '_'"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "Name",
        r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
        "at most 32 letters, digits and '-', not 'internal-' first",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "Name",
        r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
        "at most 32 letters, digits and '-'",
    ),
    "AWS::Events::Rule": ("Name", r"[.\w-]{1,64}", "at most 64 letters, digits, '.', '-' and '_'"),
    "AWS::IAM::Role": ("RoleName", r"[\w+=,.@-]{1,64}", "at most 64 letters, digits and +=,.@-_"),
    "AWS::Lambda::Function": ("FunctionName", r"[\w-]{1,64}", "at most 64 letters, digits, '-' and '_'"),
    "AWS::Logs::LogGroup": ("LogGroupName", r"[\w./#-]{1,512}", "at most 512 letters, digits and ./#-_"),
    "AWS::S3::Bucket": (
        "BucketName",
        r"(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "3 to 63 lower-case letters, digits, '.' and '-'",
    ),
    "AWS::SNS::Topic": ("TopicName", r"[\w-]{1,256}(\.fifo)?", "at most 256 letters, digits, '-' and '_'"),
    "AWS::SQS::Queue": (
        "QueueName",
        r"[\w-]{1,80}|[\w-]{1,75}\.fifo",
        "at most 80 letters, digits, '-', '_'",
    ),
}


def names(template: Properties) -> Iterator[Problem]:
    """Yield each name that its service does not take."""
    for kind, (key, pattern, words) in _NAMES.items():
        for name, properties in each(template, kind):
            given = text(properties.get(key))
            if given is not None and not re.fullmatch(pattern, given, re.ASCII):
                yield name, f"{key} is '{given}': use {words}"


def clashes(template: Properties) -> Iterator[Problem]:
    """Yield each resource with the name of another one of its type."""
    for kind, (key, _, _) in _NAMES.items():
        seen: dict[str, str] = {}
        for name, properties in each(template, kind):
            given = properties.get(key)
            if given is None:
                continue
            other = seen.setdefault(key_of(given), name)
            if other != name:
                yield (
                    name,
                    f"{key} is that of {other}: give each a name of its own, or let CloudFormation make it",
                )


def tags(template: Properties) -> Iterator[Problem]:
    """Yield each resource with more or longer tags than AWS keeps, or with tags of AWS's own."""
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        given = dicts(properties.get("Tags")) if isinstance(properties, dict) else []
        keys = [text(tag.get("Key")) or "" for tag in given]
        if len(given) > _MOST_TAGS:
            yield name, f"it has {len(given)} tags, and a resource takes {_MOST_TAGS}: remove some"
        for key, tag in zip(keys, given, strict=True):
            value = text(tag.get("Value")) or ""
            if key.lower().startswith("aws:"):
                yield name, f"the tag '{key}' begins with 'aws:', which AWS keeps for itself: rename it"
            if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
                yield (
                    name,
                    (
                        f"the tag '{key}' has {len(key)} characters and its value {len(value)}: "
                        f"at most {_LONGEST_KEY} and {_LONGEST_VALUE} are kept"
                    ),
                )
        twice = {key for key in keys if key and keys.count(key) > 1}
        if twice:
            yield name, f"the tag '{min(twice)}' is given twice: remove one"


def policy_sizes(template: Properties) -> Iterator[Problem]:
    """Yield each managed policy, and each role with inline policies, that is longer than IAM takes."""
    for name, policy in each(template, "AWS::IAM::ManagedPolicy"):
        length = len(written(policy.get("PolicyDocument")))
        if length > _MANAGED_POLICY:
            yield (
                name,
                f"the policy has about {length} characters, IAM takes {_MANAGED_POLICY}: split it in two",
            )
    lengths: dict[str, int] = defaultdict(int)
    for name, role in each(template, "AWS::IAM::Role"):
        lengths[key_of({"Ref": name})] += sum(
            len(written(policy.get("PolicyDocument"))) for policy in dicts(role.get("Policies"))
        )
    for _, policy in each(template, "AWS::IAM::Policy"):
        for role in listed(policy.get("Roles")):
            lengths[key_of(role)] += len(written(policy.get("PolicyDocument")))
    for name, _ in each(template, "AWS::IAM::Role"):
        length = lengths[key_of({"Ref": name})]
        if length > _INLINE_POLICIES:
            yield (
                name,
                (
                    f"its inline policies have about {length} characters, and IAM takes {_INLINE_POLICIES}: "
                    "use managed policies, or fewer statements"
                ),
            )
