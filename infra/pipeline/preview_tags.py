"""Limit a preview to security groups, listener rules and scaling that carry its own tag.

AWS makes or cuts short the names of these, so that a policy cannot name them. Each stack of the kit has a tag
`environment`, which CloudFormation puts on all of its resources.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.pipeline.preview_actions import (
    LISTENER_RULES,
    PREVIEW_NAMES,
    SCALING,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    TARGET_GROUPS,
)

_TAG, _ASKED = "aws:ResourceTag/environment", "aws:RequestTag/environment"
_OURS = {"StringLike": {_TAG: PREVIEW_NAMES}}


def tagged(stack: cdk.Stack, *, owner: str | None) -> Iterator[iam.PolicyStatement]:
    """Yield the statements; `owner` is the environment whose load balancer previews share, if they do."""
    yield from _security_groups(stack, owner)
    yield from _load_balancer(stack, owner)
    # A target gets its tag when it is registered. Without one there is nothing to compare: `IfExists`.
    no_others = {"StringLikeIfExists": {_TAG: PREVIEW_NAMES, _ASKED: PREVIEW_NAMES}}
    yield _allow("application-autoscaling", SCALING, ["*"], no_others)
    targets = [_arn(stack, "application-autoscaling", "scalable-target/*")]
    yield _allow("application-autoscaling", ["TagResource", "UntagResource"], targets, no_others)


def _security_groups(stack: cdk.Stack, owner: str | None) -> Iterator[iam.PolicyStatement]:
    groups = [_arn(stack, "ec2", "security-group/*")]
    # `IfExists`, because CloudFormation writes the rules of a new group before its tag:
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/714
    yield _allow(
        "ec2",
        SECURITY_GROUPS,
        groups,
        {"StringLikeIfExists": {_TAG: PREVIEW_NAMES, _ASKED: PREVIEW_NAMES}},
    )
    # The load balancer's group belongs to the owner, and gets a rule towards the tasks of each preview.
    names = [PREVIEW_NAMES, owner] if owner else [PREVIEW_NAMES]
    yield _allow(
        "ec2",
        SECURITY_GROUP_RULES,
        # A rule is a resource of its own, too, which has no tag.
        [*groups, _arn(stack, "ec2", "security-group-rule/*")],
        {"StringLikeIfExists": {_TAG: names}},
    )
    yield _allow("ec2", ["CreateSecurityGroup"], [*groups, _arn(stack, "ec2", "vpc/*")])


def _load_balancer(stack: cdk.Stack, owner: str | None) -> Iterator[iam.PolicyStatement]:
    service = "elasticloadbalancing"
    rules = [_arn(stack, service, "listener-rule/*")]
    groups = [_arn(stack, service, "targetgroup/*")]
    if owner:
        listeners = [_arn(stack, service, "listener/*")]
        yield _allow(service, ["CreateRule"], listeners, {"StringEquals": {_TAG: owner}})
    yield _allow(service, ["CreateTargetGroup"], groups)
    yield _allow(service, LISTENER_RULES, rules, _OURS)
    yield _allow(service, TARGET_GROUPS, groups, _OURS)
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
    creating = {"StringEquals": {"elasticloadbalancing:CreateAction": ["CreateRule", "CreateTargetGroup"]}}
    yield _allow(service, ["AddTags"], [*rules, *groups], creating)
    yield _allow(service, ["AddTags", "RemoveTags"], [*rules, *groups], _OURS)


def _arn(stack: cdk.Stack, service: str, resource: str) -> str:
    return f"arn:{stack.partition}:{service}:*:{stack.account}:{resource}"


def _allow(
    service: str, actions: Iterable[str], resources: list[str], conditions: dict[str, Any] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[f"{service}:{each}" for each in actions], resources=resources, conditions=conditions
    )
