"""Complete ministack's ECS types: whole task definitions, and a cluster's capacity providers."""

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, camel, checked, register, substitute

_ASSOCIATIONS = "AWS::ECS::ClusterCapacityProviderAssociations"
_create_definition = HANDLERS["AWS::ECS::TaskDefinition"]["create"]


def _task_definition(logical_id: str, props: Props, stack: str) -> Made:
    """Create a task definition with the properties that stock ministack drops or leaves in PascalCase."""
    arn, attributes = _create_definition(logical_id, props, stack)
    definition = ecs._task_defs[arn.rsplit("/", 1)[1]]
    for container in definition["containerDefinitions"]:
        for key in ("secrets", "healthCheck", "ulimits", "linuxParameters", "dependsOn", "restartPolicy"):
            if key in container:
                container[key] = camel(container[key])
    for prop, key in (("RuntimePlatform", "runtimePlatform"), ("EphemeralStorage", "ephemeralStorage")):
        if prop in props:
            definition[key] = camel(props[prop])
    return arn, attributes


def _associate(props: Props) -> Made:
    strategy = camel(props.get("DefaultCapacityProviderStrategy", []))
    wanted = {
        "cluster": props["Cluster"],
        "capacityProviders": props["CapacityProviders"],
        "defaultCapacityProviderStrategy": strategy,
    }
    checked(ecs._put_cluster_capacity_providers(wanted), _ASSOCIATIONS)
    return props["Cluster"], {}


def _dissociate(_physical_id: str, props: Props) -> None:
    empty: Props = {"CapacityProviders": [], "DefaultCapacityProviderStrategy": []}
    if ecs._resolve_cluster_name(props["Cluster"]) in ecs._clusters:
        _associate({**props, **empty})


def install() -> None:
    """Register the type of capacity providers, and complete each task definition when it is created."""
    register(
        _ASSOCIATIONS,
        create=lambda _id, props, _stack: _associate(props),
        delete=_dissociate,
        update=lambda _id, _old, new, _stack: _associate(new),
    )
    # ministack's update calls the create function by its global name, so replace that too.
    substitute(provisioners, "_ecs_task_def_create", _task_definition)
    HANDLERS["AWS::ECS::TaskDefinition"]["create"] = _task_definition
