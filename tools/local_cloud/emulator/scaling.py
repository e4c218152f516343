"""Add Application Auto Scaling: its CloudFormation types and the reading half of its API.

As in AWS, registering a scalable target brings the service's desired count into the target's range. It is the
runner that scales afterwards (tools/local_cloud/runner/autoscaling.py), and tells its activities here.
"""

import hashlib
import json
import time
from typing import Any

from ministack import app
from ministack.core import router
from ministack.core.responses import (
    AccountRegionScopedDict,
    get_account_id,
    get_region,
    new_uuid,
    request_scope,
)
from ministack.services import ecs

from tools.local_cloud.emulator.resources import Made, Props, checked, register

_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()
_scheduled = AccountRegionScopedDict()
_activities = AccountRegionScopedDict()
_IDENTITY = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_SERVICE = "application-autoscaling"
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def _key(props: Props) -> str:
    return "|".join(props[part] for part in _IDENTITY)


def _arn(kind: str, rest: str) -> str:
    return f"arn:aws:{kind}:{get_region()}:{get_account_id()}:{rest}"


def _fit_desired_count(props: Props) -> None:
    if props["ScalableDimension"] != "ecs:service:DesiredCount":
        return
    _, cluster, name = props["ResourceId"].split("/")
    service = ecs._services.get(f"{cluster}/{name}")
    if not service:
        raise ValueError(f"ECS service doesn't exist: {props['ResourceId']}")
    wanted = min(max(service["desiredCount"], int(props["MinCapacity"])), int(props["MaxCapacity"]))
    if wanted != service["desiredCount"]:
        update = {"cluster": cluster, "service": name, "desiredCount": wanted}
        checked(ecs._update_service(update), "AWS::ApplicationAutoScaling::ScalableTarget")


def _put_target(_logical_id: str, props: Props, _stack: str) -> Made:
    _fit_desired_count(props)
    key, identity = _key(props), {part: props[part] for part in _IDENTITY}
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    _targets[key] = {
        **identity,
        "MinCapacity": int(props["MinCapacity"]),
        "MaxCapacity": int(props["MaxCapacity"]),
        "RoleARN": props.get("RoleARN", ""),
        "CreationTime": time.time(),
        "SuspendedState": props.get("SuspendedState", {}),
        "ScalableTargetARN": _arn("application-autoscaling", f"scalable-target/{digest}"),
    }
    _forget_schedules(key)
    for action in props.get("ScheduledActions", []):
        name, capacity = action["ScheduledActionName"], action.get("ScalableTargetAction", {})
        tail = f"scheduledAction:{new_uuid()}:resource/{props['ResourceId']}:scheduledActionName/{name}"
        _scheduled[f"{key}|{name}"] = {
            **identity,
            "ScheduledActionName": name,
            "ScheduledActionARN": _arn("autoscaling", tail),
            "Schedule": action["Schedule"],
            "Timezone": action.get("Timezone", "UTC"),
            "CreationTime": time.time(),
            "ScalableTargetAction": {bound: int(value) for bound, value in capacity.items()},
        }
    return f"{props['ResourceId']}|{props['ScalableDimension']}|{props['ServiceNamespace']}", {}


def _forget_schedules(key: str) -> None:
    for name in [name for name, action in _scheduled.items() if _key(action) == key]:
        del _scheduled[name]


def _delete_target(_physical_id: str, props: Props) -> None:
    _targets.pop(_key(props), None)
    _forget_schedules(_key(props))


def _numbers(value: Any) -> Any:
    """Turn numbers that CloudFormation hands over as strings into the numbers that the API answers."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    kinds = {"TargetValue": float, "ScaleInCooldown": int, "ScaleOutCooldown": int, "Cooldown": int}
    return {key: kinds[key](item) if key in kinds else _numbers(item) for key, item in value.items()}


def _put_policy(physical_id: str, props: Props) -> Made:
    policy = dict(props)
    if "ScalingTargetId" in policy:
        resource, dimension, namespace = policy.pop("ScalingTargetId").split("|")
        policy |= {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}
    if _key(policy) not in _targets:
        raise ValueError(f"No scalable target registered for {_key(policy)}")
    tail = f"resource/{policy['ServiceNamespace']}/{policy['ResourceId']}:policyName/{policy['PolicyName']}"
    arn = physical_id or _arn("autoscaling", f"scalingPolicy:{new_uuid()}:{tail}")
    _policies[arn] = _numbers({**policy, "PolicyARN": arn, "CreationTime": time.time(), "Alarms": []})
    return arn, {"Arn": arn}


def told(report: Props) -> None:
    """Store what the runner's autoscaler did.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html
    """
    with request_scope(report["account"], report["region"]):
        for each in report["activities"]:
            _activities[new_uuid()] = {
                "ActivityId": new_uuid(),
                "ServiceNamespace": "ecs",
                "ResourceId": each["resource"],
                "ScalableDimension": "ecs:service:DesiredCount",
                "Description": f"Setting desired count to {each['to']}.",
                "Cause": each["cause"],
                "StartTime": each["at"],
                "StatusCode": "Successful",
                "StatusMessage": f"Successfully set desired count to {each['to']}.",
            }


async def _handle(
    _method: str, _path: str, headers: dict[str, str], body: bytes, _query: Props
) -> tuple[int, dict[str, str], bytes]:
    action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    wanted = json.loads(body or b"{}")
    resources = {*wanted.get("ResourceIds", []), *filter(None, [wanted.get("ResourceId")])}
    answers = {
        "DescribeScalableTargets": ("ScalableTargets", _targets),
        "DescribeScalingPolicies": ("ScalingPolicies", _policies),
        "DescribeScheduledActions": ("ScheduledActions", _scheduled),
        "DescribeScalingActivities": ("ScalingActivities", _activities),
    }
    if action == "ListTagsForResource":
        return 200, dict(_JSON), b'{"Tags": {}}'
    if action not in answers:
        error = {"__type": "ValidationException", "message": f"{action} is not emulated"}
        return 400, dict(_JSON), json.dumps(error).encode()
    name, store = answers[action]
    found = [item for item in store.values() if item["ServiceNamespace"] == wanted.get("ServiceNamespace")]
    found = [item for item in found if not resources or item["ResourceId"] in resources]
    if store is _activities:
        found.reverse()  # the newest first
    return 200, dict(_JSON), json.dumps({name: found}).encode()


def install() -> None:
    """Register the types and the API."""
    register(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        create=_put_target,
        delete=_delete_target,
        update=lambda _id, _old, new, stack: _put_target("", new, stack),
    )
    register(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        create=lambda _id, props, _stack: _put_policy("", props),
        delete=lambda physical_id, _: _policies.pop(physical_id, None),
        update=lambda physical_id, _old, new, _stack: _put_policy(physical_id, new),
    )
    app.SERVICE_HANDLERS[_SERVICE] = _handle
    router.SERVICE_PATTERNS[_SERVICE] = {
        "host_patterns": [r"application-autoscaling\."],
        "credential_scope": _SERVICE,
    }
