"""Check the controls of Amazon ECS."""

from tools.assembly import Properties
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_TASKS = "no task definition"
_ROOT = ("", "0", "root")
# https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8
_SECRET_NAMES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA"}
# https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-10
_LATEST_PLATFORMS = ("LATEST", "1.4.0")


def _gives_public_ips(properties: Properties) -> bool:
    network = properties.get("NetworkConfiguration", {})
    configuration = network.get("AwsvpcConfiguration") or network.get("AwsVpcConfiguration") or {}
    return configuration.get("AssignPublicIp") == "ENABLED"


@control("ECS.2", absent="no service")
def services_have_no_public_ips(stack: Stack) -> Findings:
    """Require that services give their tasks no public IPs."""
    for service, properties in stack.of_type("AWS::ECS::Service").items():
        yield Finding.of(service, not _gives_public_ips(properties), "its tasks get public IPs")


@control("ECS.3", absent=_NO_TASKS)
def tasks_do_not_share_the_hosts_processes(stack: Stack) -> Findings:
    """Require that tasks do not share the process namespace of their host."""
    for task, properties in stack.of_type("AWS::ECS::TaskDefinition").items():
        yield Finding.of(task, properties.get("PidMode") != "host", "it sees the processes of its host")


@control("ECS.4", absent=_NO_TASKS)
def containers_are_not_privileged(stack: Stack) -> Findings:
    """Require that containers are not privileged."""
    for task, container in stack.containers():
        yield Finding.of(
            task, container.get("Privileged", False) is False, f"'{container['Name']}' is privileged"
        )


@control("ECS.5", absent=_NO_TASKS)
def containers_have_a_read_only_root(stack: Stack) -> Findings:
    """Require that containers have a read-only root filesystem."""
    for task, container in stack.containers():
        read_only = container.get("ReadonlyRootFilesystem") is True
        yield Finding.of(task, read_only, f"'{container['Name']}' can write to its root filesystem")


@control("ECS.8", absent=_NO_TASKS)
def variables_hold_no_secrets(stack: Stack) -> Findings:
    """Require that no environment variable is one of those that hold AWS or registry credentials."""
    for task, container in stack.containers():
        secret = sorted(_SECRET_NAMES & {pair["Name"] for pair in container.get("Environment", [])})
        yield Finding.of(task, not secret, f"'{container['Name']}' has {', '.join(secret)} in plain text")


@control("ECS.9", absent=_NO_TASKS)
def containers_log(stack: Stack) -> Findings:
    """Require that every container has a log driver."""
    for task, container in stack.containers():
        driver = container.get("LogConfiguration", {}).get("LogDriver")
        yield Finding.of(task, driver, f"'{container['Name']}' has no log driver")


@control("ECS.10", absent="no service")
def services_run_on_the_latest_platform(stack: Stack) -> Findings:
    """Require that services run on Fargate's latest platform version."""
    for service, properties in stack.of_type("AWS::ECS::Service").items():
        version = properties.get("PlatformVersion", "LATEST")
        yield Finding.of(service, version in _LATEST_PLATFORMS, f"it is fixed to platform version {version}")


@control("ECS.12", absent="no cluster")
def clusters_have_container_insights(stack: Stack) -> Findings:
    """Require that clusters have Container Insights."""
    for cluster, properties in stack.of_type("AWS::ECS::Cluster").items():
        settings = {pair["Name"]: pair["Value"] for pair in properties.get("ClusterSettings", [])}
        insights = settings.get("containerInsights", "disabled")
        yield Finding.of(cluster, insights in ("enabled", "enhanced"), "Container Insights are off")


@control("ECS.16", absent="no task set: services deploy by themselves, without CodeDeploy")
def task_sets_have_no_public_ips(stack: Stack) -> Findings:
    """Require that task sets give their tasks no public IPs."""
    for task_set, properties in stack.of_type("AWS::ECS::TaskSet").items():
        yield Finding.of(task_set, not _gives_public_ips(properties), "its tasks get public IPs")


@control("ECS.18", absent="no EFS volume")
def efs_volumes_are_encrypted_in_transit(stack: Stack) -> Findings:
    """Require that EFS volumes are mounted over TLS."""
    for task, properties in stack.of_type("AWS::ECS::TaskDefinition").items():
        for volume in properties.get("Volumes", []):
            if "EFSVolumeConfiguration" in volume:
                encrypted = volume["EFSVolumeConfiguration"].get("TransitEncryption") == "ENABLED"
                yield Finding.of(task, encrypted, f"volume '{volume['Name']}' is mounted without TLS")


@control("ECS.20", absent=_NO_TASKS)
def containers_do_not_run_as_root(stack: Stack) -> Findings:
    """Require that containers name a user that is not root."""
    for task, container in stack.containers():
        user = str(container.get("User", "")).split(":")[0]
        yield Finding.of(task, user not in _ROOT, f"'{container['Name']}' runs as root")
