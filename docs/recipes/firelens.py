"""FireLens: the service's log goes to Datadog, Splunk, S3 or another place that Fluent Bit knows, too.

For a company that reads all its logs in one place. The router's memory (some 64 MiB) comes out of the task's.
Not in place of CloudWatch: the autoscaler and the alarms live on metrics that are lines of this log, so the
router sends everything there as well.

    send_log(
        prod,
        options={"Name": "datadog", "Host": "http-intake.logs.datadoghq.eu", "TLS": "on", "provider": "ecs"},
        secret_options={"apikey": ecs.Secret.from_secrets_manager(key)},
    )

Put it beside task_definition.py, which it uses. Options are those of a Fluent Bit output. A destination that
is down costs lines, never requests. The router runs as root and writes to its root, as AWS's image has to
(Security Hub's ECS.5 and ECS.20 fail). Streams are then called firelens/web-...: `make logs` finds lines by
time, not by `--task` and `--previous`, and `make run-task` shows none.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
https://github.com/aws/aws-for-fluent-bit/pull/713 https://github.com/fluent/fluent-bit/issues/7308
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs

from infra.stack import WebStack

from .task_definition import override

# Of arm64 and amd64. https://github.com/aws/aws-for-fluent-bit/releases
ROUTER_IMAGE = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.4"
_PLATFORMS = {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}
# Lines that wait for the router; of 2 KiB they are 16 MiB. AWS's own limit is a million.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-docker-buffer-limit.html
_MOST_LINES_WAITING = 8192
# What infra/task/task.py tells the driver that this one takes the place of.
_AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix", "mode", "max-buffer-size")
# `log` is the line as it was written, with the service's metrics in it.
_TO_CLOUDWATCH = """[OUTPUT]
    Name              cloudwatch_logs
    Match             *-firelens-*
    region            ${LOG_REGION}
    log_group_name    ${LOG_GROUP}
    log_stream_prefix firelens/
    log_key           log
    log_format        json/emf
    auto_create_group Off
"""


def send_log(
    stack: WebStack,
    *,
    options: Mapping[str, str],
    secret_options: Mapping[str, ecs.Secret] | None = None,
    containers: Sequence[str] = ("web",),
) -> ecs.FirelensLogRouter:
    """Send what `containers` write to the output `options` describe, and to CloudWatch as before.

    Grant the task's role (`stack.task.definition.task_role`) what an output in AWS needs. Raises ValueError
    for options without Name, and for an unknown container.
    """
    if "Name" not in options:
        raise ValueError(f"options {', '.join(options)} have no Name: give that of the output, such as s3")
    task = stack.task.definition
    router = task.add_firelens_log_router(
        "router",
        image=_image(stack),
        firelens_config=ecs.FirelensConfig(
            type=ecs.FirelensLogRouterType.FLUENTBIT,
            options=ecs.FirelensOptions(
                config_file_type=ecs.FirelensConfigFileType.FILE, config_file_value="/to_cloudwatch.conf"
            ),
        ),
        environment={"LOG_GROUP": stack.task.log_group.log_group_name, "LOG_REGION": stack.region},
        memory_reservation_mib=64,
        # Without it there are no metrics to scale by: a new task is better than a task nobody sees.
        essential=True,
        user="0",
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix="router",
            log_group=stack.task.log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
        ),
    )
    stack.task.log_group.grant_write(task.task_role)
    secrets = dict(secret_options or {})
    for secret in secrets.values():
        secret.grant_read(task.obtain_execution_role())
    log = {
        "LogDriver": "awsfirelens",
        "Options": {**options, "log-driver-buffer-limit": str(_MOST_LINES_WAITING)},
        "SecretOptions": [{"Name": name, "ValueFrom": secret.arn} for name, secret in secrets.items()],
    }
    for container in containers:
        # L1, because the L2 takes a log driver only when the container is made. Fluent Bit does not start
        # with options that are another driver's.
        without = {f"LogConfiguration.Options.{name}": None for name in _AWSLOGS}
        override(stack, container, LogConfiguration=log, **without)
    return router


def _image(stack: WebStack) -> ecs.ContainerImage:
    """AWS's image with the way to CloudWatch in it: a container has one output in its log options."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(f"FROM {ROUTER_IMAGE}\nCOPY to_cloudwatch.conf /\n")
        Path(folder, "to_cloudwatch.conf").write_text(_TO_CLOUDWATCH)
        asset = ecr_assets.DockerImageAsset(
            stack,
            "RouterImage",
            directory=folder,
            platform=ecr_assets.Platform.custom(_PLATFORMS[stack.parameters.tasks.architecture]),
        )
    return ecs.ContainerImage.from_docker_image_asset(asset)
