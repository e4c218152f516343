"""Send the traces of the service to X-Ray, by a container beside it."""

import json

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import COLLECTOR_MIB
from infra.task.containers import USER_ID, without_capabilities

# AWS Distro for OpenTelemetry. https://github.com/aws-observability/aws-otel-collector/releases
IMAGE = "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"

# The containers of a task share 127.0.0.1; the image's own configuration would listen on all interfaces.
_CONFIG = {
    "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:4318"}}}},
    "processors": {
        "memory_limiter": {"check_interval": "1s", "limit_mib": 80},
        "batch": {},
        "resourcedetection": {"detectors": ["env", "ecs"]},
    },
    "exporters": {"awsxray": {}},
    "service": {
        "pipelines": {
            "traces": {
                "receivers": ["otlp"],
                "processors": ["memory_limiter", "resourcedetection", "batch"],
                "exporters": ["awsxray"],
            }
        }
    },
}


def add_collector(task_definition: ecs.FargateTaskDefinition, *, logging: ecs.LogDriver) -> None:
    """Add the collector to a task; if it ends, the service goes on without traces."""
    task_definition.add_container(
        "collector",
        image=ecs.ContainerImage.from_registry(IMAGE),
        essential=False,
        # The collector reads its configuration from this variable, so its public image is used unchanged.
        # https://aws-otel.github.io/docs/setup/ecs/config-through-ssm
        environment={"AOT_CONFIG_CONTENT": json.dumps(_CONFIG)},
        memory_limit_mib=COLLECTOR_MIB,
        user=str(USER_ID),
        readonly_root_filesystem=True,
        linux_parameters=without_capabilities(Construct(task_definition, "Collector")),
        logging=logging,
    )
    task_definition.add_to_task_role_policy(
        iam.PolicyStatement(actions=["xray:PutTraceSegments"], resources=["*"])
    )
    acknowledge(
        task_definition.task_role,
        rule="AwsSolutions-IAM5[Resource::*]",
        reason="xray:PutTraceSegments knows no resources.",
    )
