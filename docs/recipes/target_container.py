"""Target container: let a sidecar receive the requests first and pass them on to the app.

For an authentication proxy, or any other server that must see requests before the app does. The sidecar's
CPU and memory come out of the task's: raise `tasks.cpu` and `tasks.memory_mib`. Not for what the load
balancer can do itself: see login.py, path_rules.py and mutual_tls.py.

    if stack.parameters.name == "prod":
        login = stack.task.definition.add_container(
            "login",
            image=ecs.ContainerImage.from_registry("quay.io/oauth2-proxy/oauth2-proxy:v7.15.0"),
            port_mappings=[ecs.PortMapping(container_port=4180)],
            readonly_root_filesystem=True,
            stop_timeout=Duration.seconds(stack.timeouts.stop_timeout_s),
            logging=ecs.LogDrivers.aws_logs(stream_prefix="login", log_group=stack.task.log_group),
        )
        send_requests_to(stack, container=login, adds_forwarded_for=True)

The sidecar passes requests on to 127.0.0.1, at the port of `stack.task.front`, the proxy. It must answer the
health check's path, speak TLS where `tls_to_tasks` is on, and keep idle connections longer than the load
balancer does (`stack.timeouts.keepalive_s`), or clients get random 502s. On SIGTERM it must finish
the requests it has.
"""

from typing import cast

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from infra.stack import WebStack

# What the CDK writes at the two rules that let a load balancer reach its targets.
_TO_TARGETS = "Load balancer to target"


def send_requests_to(
    stack: WebStack, *, container: ecs.ContainerDefinition, adds_forwarded_for: bool
) -> None:
    """Make the first port of `container` the target, and the only port that the load balancer may reach.

    With `adds_forwarded_for` the container adds its caller's address to X-Forwarded-For, and the app counts
    one more hop. Raises ValueError for a container without a port, or of another task definition.
    """
    front = stack.task.front
    if container.task_definition.node.path != stack.task.definition.node.path:
        raise ValueError(
            f"container '{container.container_name}' is of another task definition: add it to "
            f"{stack.node.path}'s task.definition"
        )
    if not container.port_mappings:
        raise ValueError(
            f"container '{container.container_name}' has no port: give it port_mappings with the one it "
            "listens on"
        )
    port = int(container.port_mappings[0].container_port)
    # Set through the L1: the L2 takes the target only when the service is made.
    service = cast("ecs.CfnService", stack.web.service.node.default_child)
    service.add_property_override("LoadBalancers.0.ContainerName", container.container_name)
    service.add_property_override("LoadBalancers.0.ContainerPort", port)
    for rule in stack.node.find_all():
        if (
            isinstance(rule, ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress)
            and rule.description == _TO_TARGETS
        ):
            rule.from_port = rule.to_port = port
    if adds_forwarded_for:
        stack.task.web.add_environment("PROXY_HOPS", str(stack.task.proxy_hops + 1))
    # ECS stops containers in the reverse order of their start: the app runs until the sidecar has passed
    # on its last request.
    container.add_container_dependencies(
        ecs.ContainerDependency(container=front, condition=ecs.ContainerDependencyCondition.START)
    )
