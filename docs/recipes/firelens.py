"""FireLens: send the service's log to Datadog, Splunk, S3 or any other output of Fluent Bit.

For a company that reads all its logs in one place. The log router runs in each task and takes about 64 MiB
of the task's memory. Not a replacement for CloudWatch Logs: the autoscaler and the alarms use metrics that
are lines of this log, so the router sends every line there as well.

    if stack.parameters.name == "prod":
        key = secretsmanager.Secret.from_secret_name_v2(stack, "Key", "datadog")
        send_log(
            stack,
            options={"Name": "datadog", "Host": "http-intake.logs.datadoghq.eu", "TLS": "on"},
            secret_options={"apikey": ecs.Secret.from_secrets_manager(key)},
        )

Copy task_definition.py too, because this recipe imports it. The options are those of a Fluent Bit output.
While a destination is down, log lines are lost, but no requests. AWS's image makes the router run as root
with a writable root file system, so Security Hub's controls ECS.5 and ECS.20 fail. The log streams are then
called firelens/web-...: `make logs` still finds lines by time, but not with `--task` or `--previous`, and
`make run-task` shows no output.
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
# Log lines that may wait for the router: 16 MiB, if a line has 2 KiB. AWS's limit is a million lines.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-docker-buffer-limit.html
_MOST_LINES_WAITING = 8192
# Options of the log driver that infra/task/task.py sets and FireLens replaces.
_AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix", "mode", "max-buffer-size")
# The key `log` holds the line as it was written, so that CloudWatch still finds the service's metrics in it.
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
    """Send the log of `containers` to the output that `options` describe, and to CloudWatch as before.

    An output in AWS needs rights: grant them to `stack.task.definition.task_role`. Raises ValueError for
    options without Name, and for an unknown container.
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
        # Without the router there are no metrics to scale by, so its end must end the task.
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
        # Set through the L1: the L2 takes a log driver only when the container is made. The other driver's
        # options are removed, because Fluent Bit does not start with them.
        without = {f"LogConfiguration.Options.{name}": None for name in _AWSLOGS}
        override(stack, container, LogConfiguration=log, **without)
    return router


def _image(stack: WebStack) -> ecs.ContainerImage:
    """Build AWS's image plus the output to CloudWatch: a container's log options name only one output."""
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
