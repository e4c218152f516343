"""Target Optimizer: a task never gets more requests at once than it has threads.

For requests that are long or uneven, where the fullest task sets the latency: an agent in each task tells the
load balancer when a thread is free, and when none is anywhere, clients get 503 at once instead of waiting.
The agent's memory (a few MiB, but it copies every request) comes out of the task's. Not for WebSockets, which
AWS does not offer with it, and not where a short wait is better than an error: without it, requests queue in
Gunicorn.

    cap_requests(prod)                     # beside target_container.py, which it uses

Only a new target group can have it. On a service with traffic, the first deployment answers 503 from the
moment the listener points to the new, still empty group until the new tasks are healthy, some minutes: do it
in a new environment, or at night. Refused requests are the metric TargetControlRequestRejectCount, and count
as errors of the load balancer for the alarm BalancerErrors: set `tasks.max` so that they stay rare.
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
    """Put the agent before the app, with workers times threads as its cap.

    Pin `image` by its digest, after a look in the gallery that it has your `tasks.architecture`.

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

    # L1, because the L2 of aws-cdk-lib 2.275.0 does not know the port.
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
    # AWS does not say that the agent adds to X-Forwarded-For; the service's access log shows it.
    send_requests_to(stack, container=agent, adds_forwarded_for=False)
    # After that, which moves the rules there are to the data port.
    stack.target_group.register_connectable(stack.web.service, ec2.Port.tcp(CONTROL_PORT))
    return agent
