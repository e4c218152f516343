"""Read an apprunner.yaml, and say what becomes of the settings of an App Runner service.

https://docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.adopt.copilot_rules import take_named_secret
from tools.adopt.report import Report
from tools.adopt.rules import Case, Rule, apply, decided, otherwise, yours
from tools.adopt.variables import take_variable
from tools.adopt.wishes import Wishes

FILES = ("apprunner.yaml", "apprunner.yml")
_BUILD = "the image installs the lock and service/apt-packages.txt; what else a build makes, make before and commit, or let CI make it"


def _command(case: Case) -> None:
    case.wishes.notes.setdefault("commands", []).append((case.source, case.value))


def _pairs(case: Case) -> Iterator[tuple[str, Any]]:
    for pair in case.value:
        yield str(pair["name"]), pair.get("value", pair.get("value-from"))


def _take_env(case: Case) -> None:
    for name, value in _pairs(case):
        take_variable(
            case.wishes, case.report, f"{case.source}: {name}", name, value, case.wishes.environment
        )


def _take_secrets(case: Case) -> None:
    for name, value in _pairs(case):
        take_named_secret(case._replace(source=f"{case.source}: {name}", value=value), name, str(value))


def _take_pre_run(case: Case) -> None:
    for command in case.value if isinstance(case.value, list) else [case.value]:
        case.wishes.notes.setdefault("before", []).append((case.source, str(command)))


APP_RUNNER_RULES: tuple[Rule, ...] = (
    otherwise("version", "there is one kind of infra/environments.py"),
    otherwise("runtime", "the image's Python is 3.13 (service/Dockerfile)"),
    yours("build.commands", _BUILD),
    otherwise("build.env", "not set: only App Runner's build read it"),
    otherwise("run.runtime-version", "the image's Python is 3.13 (service/Dockerfile)"),
    decided("run.command", "set otherwise", "which app it starts goes to service/app/__init__.py; its options as those of a gunicorn.conf.py", _command),
    decided("run.pre-run", "taken over", "migrations are the `release_command`", _take_pre_run),
    otherwise("run.network.port", "the kit chooses the ports of proxy and Gunicorn"),
    otherwise("run.network.env", "the server reads PORT, which the kit sets"),
    decided("run.env", "taken over", "`variables`; what looks like a secret goes to `secrets`, without its value", _take_env),
    decided("run.secrets", "taken over", "`secrets`: SecretsManagerSecret(...) or SecureParameter(...)", _take_secrets),
)  # fmt: skip

# Of the service itself, which no file has: for the page alone.
APP_RUNNER_SERVICE: tuple[Rule, ...] = (
    otherwise("InstanceConfiguration.Cpu", "`tasks.cpu`: 1024 is one vCPU"),
    otherwise("InstanceConfiguration.Memory", "`tasks.memory_mib`"),
    yours("InstanceConfiguration.InstanceRoleArn", "rights of the task: infra/additions.py, such as `bucket.grant_read(stack.task.definition.task_role)`"),
    otherwise("AutoScalingConfiguration.MaxConcurrency", "busy threads scale the service: `scaling.saturation_percent`, `tasks.threads`"),
    otherwise("AutoScalingConfiguration.MinSize", "`tasks.min`"),
    otherwise("AutoScalingConfiguration.MaxSize", "`tasks.max`"),
    otherwise("HealthCheckConfiguration.Path", "`health_check.path`, which the kit answers"),
    otherwise("HealthCheckConfiguration.Interval", "`health_check.interval_s`"),
    otherwise("EgressConfiguration.VpcConnectorArn", "tasks are in the VPC already: `network`"),
    otherwise("IngressConfiguration.IsPubliclyAccessible", "`load_balancer.ingress=InsideVpc()` where it is false"),
    otherwise("ObservabilityConfiguration", "`trace_percent`"),
    otherwise("custom domain", "`domain`"),
    otherwise("auto deployments", "the workflows of docs/pipeline.md"),
)  # fmt: skip


def take_app_runner(data: Mapping[str, Any], file: str, wishes: Wishes, report: Report) -> None:
    """Apply the rules to an apprunner.yaml."""
    apply(APP_RUNNER_RULES, data, file=file, wishes=wishes, report=report)
