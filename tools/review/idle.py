"""Tell what a target group costs that is replaced or goes while no request is sent to it.

So ends each deployment of a led change: infra/front_door/target_groups.py.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.assembly import Properties, Template, as_list, without_hash
from tools.review.reasons import Reason

_FORWARDS = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
_TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
_SERVICE = "AWS::ECS::Service"
_TASK = "AWS::ECS::TaskDefinition"


class _Entry(NamedTuple):
    """A target group, and the container and port by which a service's tasks are in it."""

    group: str
    container: str
    port: str


def eased(reasons: list[Reason], old: Template, new: Template) -> list[Reason]:
    """Return the reasons; those about groups that get no request need eyes, but cut nobody off.

    That holds if all requests go to groups that stay as they are, and that tasks were in before.
    """
    groups = served(new)
    serving = {each for each in _entries(new) if each.group in groups}
    stays = all(_kept(each, old, new) for each in groups) and groups == {each.group for each in serving}
    if not groups or not stays or not serving <= _entries(old):
        return reasons
    changed = {
        *_of(old, _TARGETS) - groups,
        *(each for kind in (_SERVICE, _TASK) for each in _of(new, kind) & _of(old, kind)),
    }
    ports = {each.port for each in serving}
    told = f"requests go to {', '.join(sorted(map(without_hash, groups)))}, which has the tasks"
    return [
        each._replace(level="look", text=_eased(each.text, told))
        if each.level == "dangerous" and (_is_about(each, changed) or _is_reach(each, ports))
        else each
        for each in reasons
    ]


def _eased(text: str, told: str) -> str:
    """Say what becomes of the requests, instead of what usually would."""
    what, _, why = text.partition(": ")
    return f"{what}: {told}" if "503" in why or "go nowhere" in why else f"{text}; {told}"


def _is_about(reason: Reason, changed: set[str]) -> bool:
    known = ("503", "go nowhere", "no load balancer sends requests", "listens on another port")
    return bool(reason.about) and {*reason.about} <= changed and any(each in reason.text for each in known)


def _is_reach(reason: Reason, ports: set[str]) -> bool:
    """Say whether the load balancer loses a port, and none that it needs."""
    start, _, port = reason.text.rpartition(" can no longer reach tasks on port ")
    return start == "the load balancer" and port.isdigit() and port not in ports


def served(template: Template) -> set[str]:
    """Return the target groups that get requests; what cannot be read is one, too."""
    return {
        group
        for resource in template["Resources"].values()
        if resource["Type"] in _FORWARDS
        for action in _actions(resource.get("Properties", {}))
        for group in _groups(action)
    }


def _actions(properties: Properties) -> list[Any]:
    return [*as_list(properties.get("DefaultActions", [])), *as_list(properties.get("Actions", []))]


def _groups(action: Any) -> Iterator[str]:
    if not isinstance(action, dict):
        yield ""
        return
    if action.get("Type") != "forward":
        return
    if "TargetGroupArn" in action:
        yield _id(action["TargetGroupArn"])
    config = action.get("ForwardConfig", {})
    for each in as_list(config.get("TargetGroups", [])) if isinstance(config, dict) else [None]:
        if not isinstance(each, dict):
            yield ""
        elif each.get("Weight", 1) != 0:
            yield _id(each.get("TargetGroupArn"))


def _entries(template: Template) -> set[_Entry]:
    return {
        _Entry(
            _id(each.get("TargetGroupArn")), *(str(each.get(f"Container{key}")) for key in ("Name", "Port"))
        )
        for resource in template["Resources"].values()
        if resource["Type"] == _SERVICE
        for each in as_list(resource.get("Properties", {}).get("LoadBalancers", []))
        if isinstance(each, dict)
    }


def _id(value: Any) -> str:
    return str(value.get("Ref", "")) if isinstance(value, dict) else ""


def _kept(logical_id: str, old: Template, new: Template) -> bool:
    before, after = (side["Resources"].get(logical_id, {}).get("Properties") for side in (old, new))
    return before is not None and before == after


def _of(template: Template, kind: str) -> set[str]:
    return {key for key, resource in template["Resources"].items() if resource["Type"] == kind}
