"""Service Connect: let other services call this one by name, without the load balancer.

For calls between services of one VPC. The namespace is free, but ECS adds a proxy to every task, for which
AWS asks 256 CPU units and 64 MiB: raise `tasks.cpu` and `tasks.memory_mib`. Not for browsers. Not for
callers that must be told apart: the app believes the X-Forwarded-For of every caller that is admitted.

    if stack.parameters.name == "prod":
        join_service_connect(stack, namespace="shop", callers=[orders.service])

The caller's own service joins the same namespace, and then reaches this one at http://web.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_servicediscovery as servicediscovery

from infra.stack import WebStack

# A port of its own for the proxy, which would otherwise also stand between the load balancer and the tasks.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html
PROXY_PORT = 8800


def join_service_connect(
    stack: WebStack,
    *,
    namespace: str,
    callers: Sequence[ec2.IConnectable],
    alias: str = "web",
    port: int = 80,
) -> servicediscovery.HttpNamespace:
    """Create the namespace and answer as `http://{alias}:{port}` in it, with an access log.

    Raises ValueError without callers, and where tasks speak TLS with certificates no caller could check.
    """
    if not callers:
        raise ValueError("callers is empty: name the services, or their security groups, that call this one")
    if stack.parameters.tls_to_tasks:
        raise ValueError(
            f"tls_to_tasks is on in environment '{stack.parameters.name}', with certificates that tasks "
            "make themselves and callers cannot check: turn it off, or call the load balancer"
        )
    made = servicediscovery.HttpNamespace(stack, "Namespace", name=namespace)
    _speak_http(stack)
    stack.web.service.enable_service_connect(
        namespace=made.namespace_arn,
        services=[
            ecs.ServiceConnectService(
                port_mapping_name="web",
                dns_name=alias,
                port=port,
                ingress_port_override=PROXY_PORT,
                per_request_timeout=Duration.seconds(stack.timeouts.alb_idle_s),
            )
        ],
        log_driver=ecs.LogDrivers.aws_logs(
            stream_prefix="service-connect",
            log_group=stack.task.log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
        ),
        access_log_configuration=ecs.ServiceConnectAccessLogConfiguration(
            format=ecs.ServiceConnectAccessLogFormat.JSON, include_query_parameters=False
        ),
    )
    for caller in callers:
        stack.web.service.connections.allow_from(caller, ec2.Port.tcp(PROXY_PORT), "Service Connect")
    return made


def _speak_http(stack: WebStack) -> None:
    """Declare that the tasks speak HTTP, so that the proxy balances and logs single requests."""
    # Set through the L1: a port mapping of the L2 cannot be changed once it is made.
    definition = cast("ecs.CfnTaskDefinition", stack.task.definition.node.default_child)
    children = stack.task.definition.node.children
    containers = [each for each in children if isinstance(each, ecs.ContainerDefinition)]
    for number, container in enumerate(containers):
        for position, mapping in enumerate(container.port_mappings):
            if mapping.name == "web":
                definition.add_property_override(
                    f"ContainerDefinitions.{number}.PortMappings.{position}.AppProtocol", "http"
                )
