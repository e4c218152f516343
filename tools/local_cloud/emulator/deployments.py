"""Remember a service's deployments and revisions, and stop a deployment that is under way.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from typing import Any

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response
from ministack.services import ecs

from tools.local_cloud.emulator.resources import Props

_STATUS = {"IN_PROGRESS": "IN_PROGRESS", "COMPLETED": "SUCCESSFUL", "FAILED": "ROLLBACK_SUCCESSFUL"}
STOPPED_BY = "Service deployment rolled back by StopServiceDeployment."

# Deployments of each service by their id, oldest first.
_history = AccountRegionScopedDict()


def remember(key: str) -> None:
    """Note how each deployment of a service is; a deployment that is over leaves the service's own list."""
    service = ecs._services[key]
    known = _history.setdefault(key, {})
    for deployment in reversed(service["deployments"]):
        known[deployment["id"]] = _described(service, deployment, known.get(deployment["id"], {}))


def forget(key: str) -> None:
    """Forget the deployments of a deleted service, as AWS does."""
    _history.pop(key, None)


def _described(service: Props, deployment: Props, before: Props) -> Props:
    identity = deployment["id"].rpartition("/")[2]
    state, ended = deployment["rolloutState"], deployment["rolloutState"] != "IN_PROGRESS"
    described = {
        "serviceDeploymentArn": _arn(service, "service-deployment", identity),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "createdAt": deployment["createdAt"],
        "startedAt": deployment["createdAt"],
        "status": _STATUS[state],
        "statusReason": deployment["rolloutStateReason"],
        "targetServiceRevision": {
            "arn": _arn(service, "service-revision", identity),
            "requestedTaskCount": deployment["desiredCount"],
            "runningTaskCount": deployment["runningCount"],
            "pendingTaskCount": deployment["pendingCount"],
        },
        "deploymentCircuitBreaker": {
            "status": "TRIGGERED" if state == "FAILED" else "MONITORING_COMPLETE" if ended else "MONITORING",
            "failureCount": deployment["failedTasks"],
        },
        "_taskDefinition": deployment["taskDefinition"],
    }
    if ended:
        described["finishedAt"] = before.get("finishedAt", deployment["updatedAt"])
    return described


def _arn(service: Props, kind: str, identity: str) -> str:
    return f"{service['serviceArn'].replace(':service/', f':{kind}/')}/{identity}"


def _current() -> dict[str, Props]:
    """Return every deployment by its ARN, as it is now."""
    for key, service in ecs._services.items():
        if service["status"] == "ACTIVE":
            remember(key)
    return {
        item["serviceDeploymentArn"]: item for known in _history.values() for item in list(known.values())
    }


def _list(data: Props) -> Any:
    name, _ = ecs._resolve_service_ref(data["service"])
    found = [item for item in _current().values() if item["serviceArn"].endswith(f"/{name}")]
    found = [item for item in found if not data.get("status") or item["status"] in data["status"]]
    brief = ("_taskDefinition", "targetServiceRevision", "deploymentCircuitBreaker")
    return json_response(
        {
            "serviceDeployments": [
                {key: value for key, value in item.items() if key not in brief}
                | {"targetServiceRevisionArn": item["targetServiceRevision"]["arn"]}
                for item in reversed(found)
            ]
        }
    )


def _describe(data: Props) -> Any:
    known = _current()
    found = [known[arn] for arn in data["serviceDeploymentArns"] if arn in known]
    return json_response({"serviceDeployments": [ecs._sanitize(item) for item in found], "failures": []})


def _describe_revisions(data: Props) -> Any:
    found = [
        {
            "serviceRevisionArn": item["targetServiceRevision"]["arn"],
            "serviceArn": item["serviceArn"],
            "clusterArn": item["clusterArn"],
            "createdAt": item["createdAt"],
            "taskDefinition": item["_taskDefinition"],
        }
        for item in _current().values()
        if item["targetServiceRevision"]["arn"] in data["serviceRevisionArns"]
    ]
    return json_response({"serviceRevisions": found, "failures": []})


def _stop(data: Props) -> Any:
    arn = data["serviceDeploymentArn"]
    for service in ecs._services.values():
        for deployment in service["deployments"]:
            mine = _arn(service, "service-deployment", deployment["id"].rpartition("/")[2]) == arn
            if mine and deployment["rolloutState"] == "IN_PROGRESS":
                deployment |= {"rolloutState": "FAILED", "rolloutStateReason": STOPPED_BY}
                return json_response({"serviceDeploymentArn": arn})
    return error_response_json("ConflictException", f"The service deployment {arn} is not in progress.", 400)


def install() -> None:
    """Replace stock ministack's empty answers."""
    ecs._ACTION_MAP |= {
        "ListServiceDeployments": _list,
        "DescribeServiceDeployments": _describe,
        "DescribeServiceRevisions": _describe_revisions,
        "StopServiceDeployment": _stop,
    }
