"""Target container: the load balancer sends its requests to a sidecar, which passes them on to the app.

For an authentication proxy, or any server that must see requests first. The sidecar's CPU and memory come out
of the task's: raise `tasks.cpu` and `tasks.memory_mib`. Not for what the load balancer does itself: see
login.py, path_rules.py and mutual_tls.py.

    login = prod.task.definition.add_container(
        "login",
        image=ecs.ContainerImage.from_registry("quay.io/oauth2-proxy/oauth2-proxy:v7.15.0"),
        port_mappings=[ecs.PortMapping(container_port=4180)],
        readonly_root_filesystem=True,
        stop_timeout=Duration.seconds(prod.timeouts.stop_timeout_s),
        logging=ecs.LogDrivers.aws_logs(stream_prefix="login", log_group=prod.task.log_group),
    )
    send_requests_to(prod, container=login, adds_forwarded_for=True)

The sidecar reaches nginx, or Gunicorn where `proxy` is "none", on 127.0.0.1 at the port of `prod.task.front`;
it answers the health check's path too, speaks TLS where `tls_to_tasks` is on, and keeps idle connections for
longer than the load balancer (`prod.timeouts.gunicorn_keepalive_s`), or clients see random 502s. On SIGTERM
it finishes its requests.
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
    """Make `container` the target, at its first port; the load balancer reaches no other port of the task.

    `adds_forwarded_for` is whether it adds the address it was called from to X-Forwarded-For: one more hop
    for the app to count. Raises ValueError for a container without a port, or of another task.
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
    # L1, because the service was given its target when it was made.
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
    # Stopped in the reverse order: the app stays until the sidecar has passed on its last request.
    container.add_container_dependencies(
        ecs.ContainerDependency(container=front, condition=ecs.ContainerDependencyCondition.START)
    )
