"""Write an environment as a container app of Azure, in the template that `az deployment group create` takes.

Not the YAML of `az containerapp create`, which leaves out a misspelt field without a word.
"""

from typing import Any

from infra.elsewhere.container_app_limits import MOST_FAILURES, secret_name, shares
from infra.elsewhere.containers import PORT, SHARED, Container, Images, containers
from infra.elsewhere.timeouts import timeouts
from infra.parameters import Azure, Cidrs, Environment, InsideVpc, NewLoadBalancer

_PERCENT = 100
# One version serves; older ones can be returned to.
REVISIONS = {"activeRevisionsMode": "Single", "maxInactiveRevisions": 10}


def container_app(environment: Environment, place: Azure, images: Images) -> dict[str, Any]:
    """Return the body of the app; of an environment that refuse() lets pass."""
    return {
        **resource(environment, place),
        "properties": {
            "managedEnvironmentId": place.resource("Microsoft.App/managedEnvironments", place.environment),
            "workloadProfileName": "Consumption",
            "configuration": {
                **REVISIONS,
                **access(environment, place),
                "ingress": _ingress(environment, place),
            },
            "template": {
                "terminationGracePeriodSeconds": timeouts(environment, place).stop_timeout_s,
                "containers": [
                    _container(each, environment) for each in containers(environment, place, images)
                ],
                "volumes": [{"name": SHARED, "storageType": "EmptyDir"}],
                "scale": _scale(environment),
            },
        },
    }


def identity(environment: Environment, place: Azure) -> str:
    """Return the id of the identity that the app has, which pulls images and reads secrets."""
    return place.resource("Microsoft.ManagedIdentity/userAssignedIdentities", f"web-{environment.name}")


def resource(environment: Environment, place: Azure) -> dict[str, Any]:
    """Return what all resources of the environment have alike."""
    return {
        "location": place.location,
        "tags": {"environment": environment.name, **environment.tags},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity(environment, place): {}}},
    }


def access(environment: Environment, place: Azure) -> dict[str, Any]:
    """Return the registry and the secrets that the environment's identity reads."""
    who = identity(environment, place)
    return {
        "registries": [{"server": f"{place.registry.lower()}.azurecr.io", "identity": who}],
        "secrets": [
            {
                "name": secret_name(variable),
                "keyVaultUrl": f"https://{each.vault.lower()}.vault.azure.net/secrets/{each.name}/{each.version}",
                "identity": who,
            }
            for variable, each in place.secrets.items()
        ],
    }


def _ingress(environment: Environment, place: Azure) -> dict[str, Any]:
    balancer, domain = environment.load_balancer, environment.domain
    ingress = balancer.ingress if isinstance(balancer, NewLoadBalancer) else None
    made: dict[str, Any] = {
        "external": not isinstance(ingress, InsideVpc),
        "targetPort": PORT,
        "transport": "http",
        "allowInsecure": False,
        "traffic": [{"latestRevision": True, "weight": _PERCENT}],
    }
    if isinstance(ingress, Cidrs) and not place.edge:  # else the edge's own address is the only one
        made["ipSecurityRestrictions"] = [
            {"name": f"allowed-{number}", "action": "Allow", "ipAddressRange": cidr}
            for number, cidr in enumerate(ingress.cidrs)
        ]
    if domain and not place.edge:
        made["customDomains"] = [{"name": name, "bindingType": "Auto"} for name in domain.names]
    if environment.routing.sticky_s:
        made["stickySessions"] = {"affinity": "sticky"}
    return made


def _scale(environment: Environment) -> dict[str, Any]:
    tasks, scaling = environment.tasks, environment.scaling
    rules: list[dict[str, Any]] = []
    if scaling.saturation_percent:
        slots = tasks.gunicorn_workers * tasks.gunicorn_threads
        busy = max(1, slots * scaling.saturation_percent // _PERCENT)
        rules.append({"name": "busy", "http": {"metadata": {"concurrentRequests": str(busy)}}})
    for name, percent in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent)):
        if percent:
            metadata = {"type": "Utilization", "value": str(percent)}
            rules.append({"name": name, "custom": {"type": name, "metadata": metadata}})
    return {
        "minReplicas": 0 if environment.sleep else tasks.min,
        "maxReplicas": tasks.max,
        "cooldownPeriod": scaling.in_cooldown_s,
        "rules": rules,
    }


def _container(each: Container, environment: Environment) -> dict[str, Any]:
    made = plain(each)
    made["resources"] = resources(shares(environment)[each.name])
    if not each.port:
        return made
    check = environment.health_check
    start_s = max(check.grace_s, check.interval_s * check.unhealthy_count)
    often = {"periodSeconds": check.interval_s, "failureThreshold": check.unhealthy_count}
    patient = {"periodSeconds": -(-start_s // MOST_FAILURES), "failureThreshold": MOST_FAILURES}
    ask = {
        "httpGet": {"path": check.path, "port": each.port, "scheme": "HTTP"},
        "timeoutSeconds": check.timeout_s,
    }
    ready = {"type": "Readiness", **ask, **often, "successThreshold": check.healthy_count}
    alive = {"type": "Liveness", **ask, **often}
    made["probes"] = [{"type": "Startup", **ask, **patient}, ready if each.name == "proxy" else alive]
    return made


def resources(hundredths: int) -> dict[str, Any]:
    """Return the size of a container, in hundredths of a vCPU."""
    return {"cpu": hundredths / 100, "memory": f"{hundredths * 2 / 100:g}Gi"}


def plain(each: Container) -> dict[str, Any]:
    """Return a container without its size and probes."""
    return {
        "name": each.name,
        "image": each.image,
        **({"command": [each.command[0]], "args": list(each.command[1:])} if each.command else {}),
        "env": [
            *({"name": name, "value": value} for name, value in each.variables.items()),
            *({"name": name, "secretRef": secret_name(name)} for name in each.secrets),
        ],
        **(
            {"volumeMounts": [{"volumeName": name, "mountPath": path} for name, path in each.mounts.items()]}
            if each.mounts
            else {}
        ),
    }
