"""Record one failed deployment for each known cause, in the words that AWS and Gunicorn use."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.operate.answers import (
    CLUSTER,
    HEAD,
    NOW,
    of_revision,
    service,
    stacks,
    tasks,
    well,
)

_BREAKER = "Service deployment rolled back because the circuit breaker threshold was exceeded."
_IN_STACK = (
    "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was"
    " triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)"
)
_EXITED = "EssentialContainerExited", "Essential container in task exited"
_UNHEALTHY = "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group web)"
_PULL = "CannotPullContainerError: pull image manifest has been retried 7 time(s): "
_SECRET = "ResourceInitializationError: unable to pull secrets or registry auth: retrieval failed: "


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failure in AWS's words; without `stop` there was no task."""

    stop: tuple[str, str] | None = None
    exit_code: int | None = None
    container: str = ""
    log: tuple[str, ...] = ()
    event: str = ""
    deployment: str = _BREAKER
    stack: str = _IN_STACK
    alarm: str = ""
    kind: str = "AWS::ECS::Service"

    def answers(self) -> dict[str, Any]:
        """Return AWS's answers about the failed deployment, or about an alarm without one."""
        if self.alarm:
            on = {"AlarmName": self.alarm, "AlarmDescription": "First look.", "StateUpdatedTimestamp": NOW}
            nothing: dict[str, Any] = {"serviceDeployments": []}
            return {
                **well(),
                "ListServiceDeployments": nothing,
                "DescribeAlarms": {"MetricAlarms": [on], "CompositeAlarms": []},
            }
        began = NOW - timedelta(minutes=9)
        deployment = f"{HEAD}:service-deployment/{CLUSTER}/the-service/1"
        brief = {"serviceDeploymentArn": deployment, "status": "ROLLBACK_SUCCESSFUL", "createdAt": began}
        said = [{"id": "1", "createdAt": NOW, "message": self.event}] if self.event else []
        in_stack = {
            "StackId": "arn:stack",
            "EventId": "1",
            "StackName": "Web-dev",
            "LogicalResourceId": "WebService",
            "ResourceType": self.kind,
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": self.stack,
            "Timestamp": NOW,
        }
        code, reason = self.stop or ("", "")
        container: dict[str, Any] = {"name": "web", "reason": self.container}
        if self.exit_code is not None:
            container["exitCode"] = self.exit_code
        stopped = tasks(
            stopCode=code,
            stoppedReason=reason,
            createdAt=began + timedelta(minutes=1),
            stoppedAt=NOW,
            containers=[container],
        )
        arns = [task["taskArn"] for task in stopped["tasks"]] if self.stop else []
        return {
            "DescribeStacks": stacks("UPDATE_ROLLBACK_COMPLETE"),
            "DescribeStackEvents": {"StackEvents": [in_stack]},
            "ListStackResources": {"StackResourceSummaries": []},
            "DescribeServices": service(revision=1, events=said),
            "ListServiceDeployments": {"serviceDeployments": [brief]},
            "DescribeServiceDeployments": {
                "serviceDeployments": [{**brief, "statusReason": self.deployment}]
            },
            "ListTasks": {"taskArns": arns},
            "DescribeTasks": stopped,
            "DescribeTaskDefinition": of_revision,
            "DescribeLogStreams": {"logStreams": [{"logStreamName": "web/web/0123456789abcdef"}]},
            "GetLogEvents": {"events": [{"message": line, "timestamp": 1} for line in self.log]},
        }


def _not_pulled(why: str) -> Failure:
    return Failure(stop=("TaskFailedToStart", _PULL + why))


def _no_secret(why: str) -> Failure:
    return Failure(stop=("TaskFailedToStart", _SECRET + why))


def _not_healthy(why: str) -> Failure:
    event = f"(service web) (port 8000) is unhealthy in (target-group web) due to (reason {why})."
    return Failure(stop=_UNHEALTHY, event=event)


def _exits(code: int, *log: str) -> Failure:
    return Failure(stop=_EXITED, exit_code=code, log=log)


FAILURES: dict[str, Failure] = {
    "alarm": Failure(deployment="Service deployment rolled back because alarm(s) were detected: errors"),
    "stopped-by-a-person": Failure(deployment="Service deployment was stopped by user"),
    "architecture-of-the-image": _not_pulled(
        "image Manifest does not contain descriptor matching platform 'linux/arm64'"
    ),
    "exec-format-error": _exits(1, "exec /venv/bin/gunicorn: exec format error"),
    "image-no-route": _not_pulled(
        'failed to do request: Head "https://1.dkr.ecr.eu-west-1.amazonaws.com": dial tcp: i/o timeout'
    ),
    "image-rate-limit": _not_pulled("429 Too Many Requests - toomanyrequests: pull rate limit reached"),
    "image-not-allowed": _not_pulled("pull access denied, repository does not exist or may need login"),
    "image-missing": _not_pulled("1.dkr.ecr.eu-west-1.amazonaws.com/web:1: not found"),
    "secret-no-route": _no_secret(
        "unable to retrieve secret from asm: RequestCanceled: context deadline exceeded"
    ),
    "secret-not-allowed": _no_secret(
        "failed to fetch secret from asm: AccessDeniedException: not authorized to perform:"
        " secretsmanager:GetSecretValue"
    ),
    "secret-without-key": _no_secret("retrieved secret from Secrets Manager did not contain json key url"),
    "secret-missing": _no_secret(
        "ResourceNotFoundException: Secrets Manager can't find the specified secret."
    ),
    "log-group-missing": Failure(
        stop=(
            "TaskFailedToStart",
            "ResourceInitializationError: failed to validate logger args: log group does not exist",
        )
    ),
    "deletion-protection": Failure(
        stack=(
            "Resource handler returned message: \"Load balancer 'arn:aws:elasticloadbalancing:eu-west-1:1:"
            "loadbalancer/app/web/1' cannot be deleted because deletion protection is enabled"
        )
    ),
    "linked-role-missing": Failure(
        stack=(
            'Resource handler returned message: "Invalid request provided: CreateCluster Invalid Request: '
            "Unable to assume the service linked role. Please verify that the ECS service linked role exists."
        )
    ),
    "role": Failure(stop=("TaskFailedToStart", "ECS was unable to assume the role 'arn:aws:iam::1:role/x'")),
    "subnet-without-addresses": Failure(
        stop=(
            "TaskFailedToStart",
            "Unexpected EC2 error while attempting to create an interface: InsufficientFreeAddressesInSubnet",
        )
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    "interface-limit": Failure(
        stop=(
            "TaskFailedToStart",
            "Unexpected EC2 error while attempting to create an interface: NetworkInterfaceLimitExceeded",
        )
    ),
    "certificate-not-validated": Failure(
        kind="AWS::CertificateManager::Certificate",
        stack="Resource timed out waiting for completion (RequestToken: 1, HandlerErrorCode: NotStabilized)",
        deployment="",
    ),
    "account-limit": Failure(
        event="(service web) was unable to place a task. Reason: You've reached the limit on the number of"
        " vCPUs you can run concurrently."
    ),
    "no-capacity": Failure(
        event="(service web) was unable to place a task. Reason: Capacity is unavailable at this time."
        " Please try again later or in a different availability zone."
    ),
    "spot-taken-back": Failure(stop=("SpotInterruption", "Your Spot Task was interrupted.")),
    "out-of-memory": Failure(
        stop=_EXITED,
        exit_code=137,
        container="OutOfMemoryError: Container killed due to memory usage",
    ),
    "port-in-use": _exits(
        1, "service cannot start: HOST=0.0.0.0 PORT=8000 cannot be listened on: [Errno 98] Address in use"
    ),
    "variable-missing": _exits(
        1, "service cannot start: DATABASE_URL is not set (allowed: a URL). Correct the environment variables"
    ),
    "variable-wrong": _exits(1, "service cannot start: LOG_LEVEL='loud' (allowed: debug, info). Correct it"),
    "package-missing": _exits(3, "ModuleNotFoundError: No module named 'redis'", "Worker failed to boot."),
    "read-only-root": _exits(3, "OSError: [Errno 30] Read-only file system: '/app/cache'"),
    "database-password": _exits(
        3,
        'connection to server at "10.1.0.9", port 5432 failed: FATAL:  password authentication failed for'
        ' user "app"',
    ),
    "database-full": _exits(
        3, "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute"
    ),
    "database-tls": _exits(
        3, 'FATAL:  no pg_hba.conf entry for host "10.0.1.7", user "app", database "app", no encryption'
    ),
    "database-name-unknown": _exits(
        3,
        "psycopg.OperationalError: failed to resolve host 'db.internal': [Errno -2] Name or service "
        "not known",
    ),
    "database-unreachable": _exits(
        3, 'connection to server at "10.254.0.9", port 5432 failed: Connection timed out'
    ),
    "database-missing": _exits(3, 'FATAL:  database "shop" does not exist'),
    "migration-heads": _exits(
        3, "alembic.util.exc.CommandError: Multiple head revisions are present for given argument 'head'"
    ),
    "migration-unknown": _exits(
        3, "alembic.util.exc.CommandError: Can't locate revision identified by '5f2a9c'"
    ),
    "migration-lock": _exits(3, "psycopg.errors.LockNotAvailable: canceling statement due to lock timeout"),
    "database-behind": _exits(
        3, 'sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "guest" does not exist'
    ),
    "database-rights": _exits(3, "psycopg.errors.InsufficientPrivilege: permission denied for schema public"),
    "database-connection-shared": _exits(
        3, "psycopg2.OperationalError: SSL error: decryption failed or bad record mac"
    ),
    "database-pool-empty": _exits(
        3,
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection "
        "timed out, timeout 30.00",
    ),
    "database-read-only": _exits(
        3, "psycopg.errors.ReadOnlySqlTransaction: cannot execute INSERT in a read-only transaction"
    ),
    "task-role": _exits(
        3,
        "botocore.exceptions.ClientError: User: x is not authorized to perform: s3:GetObject on resource: y",
    ),
    "release-command-timeout": Failure(
        stack="Received response status [FAILED] from custom resource. Message returned: The release command"
        " did not end within release_timeout_s (300 s) and was stopped. Its last lines, from log group x:\nhi"
    ),
    "release-command": Failure(
        stack="Received response status [FAILED] from custom resource. Message returned: The release command"
        " ended with exit code 3. Its last lines, from log group x:\nmigrating\nno such column"
    ),
    "boot-failure": _exits(3, "RuntimeError: broken", "gunicorn.errors.HaltServer: Worker failed to boot."),
    "command-missing": Failure(
        stop=(
            "TaskFailedToStart",
            'CannotStartContainerError: exec: "gunicorn": executable file not found in $PATH',
        )
    ),
    "health-check-redirected": _not_healthy("Health checks failed with these codes: [301]"),
    "health-check-host": _not_healthy("Health checks failed with these codes: [400]"),
    "health-check-login": _not_healthy("Health checks failed with these codes: [401]"),
    "health-check-not-found": _not_healthy("Health checks failed with these codes: [404]"),
    "wrong-port": _not_healthy("Health checks failed"),
    "health-check-error": _not_healthy("Health checks failed with these codes: [500]"),
    "health-check-timeout": _not_healthy("Request timed out"),
    "container-health-check": Failure(
        stop=("ServiceSchedulerInitiated", "Task failed container health checks")
    ),
    "exit-at-once": _exits(0),
    "killed": _exits(137),
    "exit": _exits(2, "gunicorn: error: unrecognized arguments: --wrong"),
    "worker-dead-letters": Failure(alarm="Web-dev-MonitoringMailDeadLetters1A-x"),
    "worker-nobody": Failure(alarm="Web-dev-MonitoringMailNobodyWorks1A-x"),
    "worker-slow": Failure(alarm="Web-dev-MonitoringMailOldestMessage1A-x"),
    "health-check": Failure(stop=_UNHEALTHY),
    "circuit-breaker": Failure(),
}
