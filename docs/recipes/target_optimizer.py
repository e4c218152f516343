"""Target Optimizer: never give a task more requests at once than it has threads.

For long or uneven requests, where the fullest task decides the latency. An agent in each task tells the
load balancer when a thread is free; when none is free anywhere, clients get 503 at once instead of waiting.
The agent takes a few MiB of the task's memory and copies every request. Not for WebSockets, which AWS does
not offer with it. Not where a short wait is better than an error: without this recipe, requests wait in
Gunicorn.

    if stack.parameters.name == "prod":
        cap_requests(stack)

Copy target_container.py too, because this recipe imports it. AWS allows the agent on a new target group
only. On a service with traffic, the first deployment therefore answers 503 for some minutes, from the
moment the listener points to the new and still empty group until the new tasks are healthy: use a new
environment, or deploy at night. Refused requests are the metric TargetControlRequestRejectCount, and the
alarm BalancerErrors counts them as errors of the load balancer: set `tasks.max` high enough to make them
rare.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
"""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from infra.parameters import Endpoints, NewVpc
from infra.stack import WebStack

from .target_container import send_requests_to

DATA_PORT = 8080
CONTROL_PORT = 3000
AGENT_IMAGE = "public.ecr.aws/aws-elb/target-optimizer/target-control-agent:latest"
_MOST_REQUESTS = 1000


def cap_requests(stack: WebStack, *, image: str = AGENT_IMAGE) -> ecs.ContainerDefinition:
    """Put the agent before the app, and allow as many requests at once as workers times threads.

    Pin `image` by its digest, after checking in the ECR public gallery that it has your `tasks.architecture`.
    Raises ValueError with stickiness, TLS to the tasks, an image that tasks cannot pull, or too many threads.
    """
    environment, task = stack.parameters, stack.task.definition
    cap = environment.tasks.gunicorn_workers * environment.tasks.gunicorn_threads
    network, front = environment.network, stack.task.front
    if environment.routing.sticky_s:
        raise ValueError(
            f"routing.sticky_s is {environment.routing.sticky_s}, which binds clients to a task even when "
            "it is full: remove it"
        )
    if environment.tls_to_tasks:
        raise ValueError("tls_to_tasks is on, but the agent passes requests on in plain HTTP: turn it off")
    if (
        isinstance(network, NewVpc)
        and isinstance(network.egress, Endpoints)
        and image.startswith("public.ecr.aws/")
    ):
        raise ValueError(
            f"network.egress is Endpoints, by which tasks cannot pull {image}: copy it to a repository of "
            "your own in ECR, and set image"
        )
    if cap > _MOST_REQUESTS:
        raise ValueError(
            f"workers times threads is {cap}, and the agent takes {_MOST_REQUESTS}: lower either"
        )

    # Set through the L1: the L2 of aws-cdk-lib 2.275.0 does not know the control port.
    target_group = cast("elbv2.CfnTargetGroup", stack.target_group.node.default_child)
    target_group.target_control_port = CONTROL_PORT
    agent = task.add_container(
        "agent",
        image=ecs.ContainerImage.from_registry(image),
        environment={
            "TARGET_CONTROL_DATA_ADDRESS": f"0.0.0.0:{DATA_PORT}",
            "TARGET_CONTROL_CONTROL_ADDRESS": f"0.0.0.0:{CONTROL_PORT}",
            "TARGET_CONTROL_DESTINATION_ADDRESS": f"127.0.0.1:{front.container_port}",
            "TARGET_CONTROL_MAX_CONCURRENCY": str(cap),
        },
        port_mappings=[
            ecs.PortMapping(container_port=DATA_PORT),
            ecs.PortMapping(container_port=CONTROL_PORT),
        ],
        readonly_root_filesystem=True,
        stop_timeout=Duration.seconds(stack.timeouts.stop_timeout_s),
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix="agent",
            log_group=stack.task.log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
        ),
    )
    # AWS does not document that the agent adds to X-Forwarded-For; check it in the service's access log.
    send_requests_to(stack, container=agent, adds_forwarded_for=False)
    # Registered last, because send_requests_to moves every existing rule to the data port.
    stack.target_group.register_connectable(stack.web.service, ec2.Port.tcp(CONTROL_PORT))
    return agent
