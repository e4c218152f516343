"""Find changes that AWS refuses, so that a deployment ends in a rollback: they need two deployments."""

from collections.abc import Iterator
from typing import Any

from tools.assembly import Template, references
from tools.review.reasons import Reason
from tools.review.resources import Change

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_LISTENERS = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
_TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
# A resource whose name stands in the template cannot stand beside the new one of the same name:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
_NAMES = (
    *("Name", "AlarmName", "BucketName", "ClusterName", "DBClusterIdentifier", "DBInstanceIdentifier"),
    *("DomainName", "FunctionName", "GroupName", "LogGroupName", "ManagedPolicyName", "QueueName"),
    *("RepositoryName", "RoleName", "ServerlessCacheName", "ServiceName", "StreamName", "TableName"),
    *("TopicName", "UserGroupId", "UserId", "UserName"),
)
# These may have the name of another one: it is no name of their own.
_NO_NAME_OF_THEIR_OWN = ("AWS::CertificateManager::Certificate", "AWS::Route53::RecordSet")


def refused(found: list[Change], old: Template, new: Template) -> Iterator[Reason]:
    """Yield what AWS refuses of these changes."""
    replaced = {each.logical_id for each in found if each.effect == "replaced"}
    for each in found:
        if each.type == _BALANCER and each.logical_id in replaced:
            yield from _targets_of_two(each, replaced, new)
        if each.logical_id in replaced and (name := _name(old, each)) and name == _name(new, each):
            text = f"AWS refuses this: {each.name} is replaced, and two cannot be called {name[1]}"
            yield Reason("dangerous", text, "destructive", (each.logical_id,))


def _targets_of_two(balancer: Change, replaced: set[str], new: Template) -> Iterator[Reason]:
    """Yield target groups that would be at the old and at the new load balancer.

    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/780
    """
    listeners = {
        logical_id
        for logical_id, resource in new["Resources"].items()
        if resource["Type"] in _LISTENERS and balancer.logical_id in references(resource.get("Properties"))
    }
    behind = {
        each
        for logical_id, resource in new["Resources"].items()
        if resource["Type"] in _LISTENERS
        and (logical_id in listeners or listeners & references(resource.get("Properties")))
        for each in references(resource.get("Properties"))
    }
    kept = sorted(
        each for each in behind - replaced if new["Resources"].get(each, {}).get("Type") == _TARGETS
    )
    if kept:
        text = (
            f"AWS refuses this: {balancer.name} is replaced, and a target group cannot be at two load "
            "balancers. Deploy once with another load balancer beside it, or with another target group"
        )
        yield Reason("dangerous", text, "destructive", (balancer.logical_id, *kept))


def _name(template: Template, change: Change) -> tuple[str, str] | None:
    if change.type in _NO_NAME_OF_THEIR_OWN:
        return None
    properties: dict[str, Any] = template["Resources"].get(change.logical_id, {}).get("Properties", {})
    return next(((key, properties[key]) for key in _NAMES if isinstance(properties.get(key), str)), None)
