"""Read the resources of a template."""

import re
from typing import Any

Template = dict[str, Any]
Properties = dict[str, Any]


def of_type(template: Template, type_name: str) -> list[Properties]:
    """Return the properties of all resources of a type such as AWS::ECS::Service."""
    return [
        resource.get("Properties", {})
        for resource in template["Resources"].values()
        if resource["Type"] == type_name
    ]


def protected_by_the_stack(template: Template) -> set[str]:
    """Return the load balancers whose deletion protection the stack switches on once it was created."""
    switches = of_type(template, "Custom::LoadBalancerProtection")
    return {each for switch in switches for each in references(switch.get("LoadBalancer"))}


def without_hash(logical_id: str) -> str:
    """Return a logical id as people write it, without the eight characters that the CDK adds."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def references(value: Any) -> set[str]:
    """Return the logical ids that a value refers to by Ref or Fn::GetAtt."""
    if isinstance(value, list):
        return {each for item in value for each in references(item)}
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("Ref"), str):
        return {value["Ref"]}
    if "Fn::GetAtt" in value:
        target = value["Fn::GetAtt"]
        return {target.split(".")[0] if isinstance(target, str) else target[0]}
    return {each for item in value.values() for each in references(item)}


def attributes(pairs: list[Properties] | None) -> dict[str, str]:
    """Return the attributes of a load balancer or target group, whose values CloudFormation takes as text."""
    return {pair["Key"]: str(pair["Value"]).lower() for pair in pairs or []}


def as_list(value: Any) -> list[Any]:
    """Return a value that a template may write as one item or as a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
