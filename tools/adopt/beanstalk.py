"""Read the option settings and commands of Elastic Beanstalk's .ebextensions, env.yaml and Procfile.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html and ebextensions.html
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.parameters import Cidrs
from tools.adopt.copilot_rules import log_days, number, take_health_path
from tools.adopt.report import Report
from tools.adopt.rules import Case, Rule, apply, decided, otherwise, yours
from tools.adopt.values import read_yaml, texts, yes
from tools.adopt.variables import take_variable
from tools.adopt.wishes import Wishes

_SIZE = (
    "`tasks.cpu` and `tasks.memory_mib` of one task instead of an instance, such as 1024 and 2048 for "
    "a t3.small"
)
_PLACE = "`network=ExistingVpc(vpc_id=..., cidr=..., ...)`, or a new VPC by default"
_ROLLING = (
    "`deployment` is Rolling(), or BlueGreen(), Canary(), Linear(); old tasks go on until new ones "
    "are healthy"
)
_HOST = (
    "there is no instance: what the app needs goes into its image (service/apt-packages.txt, the "
    "lock), all else into infra/additions.py"
)
_AUTOSCALER = "`scaling` has its own targets: busy threads 70 %, CPU 60 %"


def _take_variable(case: Case) -> None:
    take_variable(
        case.wishes,
        case.report,
        case.source,
        case.source.rpartition(".")[2],
        case.value,
        case.wishes.environment,
    )


def _take_wsgi_path(case: Case) -> None:
    path = str(case.value)
    case.wishes.notes.setdefault("targets", []).append(
        (case.source, path if ":" in path else f"{path}:application")
    )
    case.taken("the app that service/app/__init__.py imports")


def _take_certificates(case: Case) -> None:
    case.wishes.notes["certificates"] = tuple(str(case.value).split(","))
    case.yours(
        f"`domain=Domain(name=..., certificate_arns={tuple(str(case.value).split(','))!r})`: its host name "
        "is in no file"
    )


def _take_minutes(case: Case) -> None:
    case.otherwise("an idle timeout of the load balancer follows from `longest_request_s`")


OPTION_RULES: tuple[Rule, ...] = (
    decided(
        "aws:elasticbeanstalk:application:environment.*",
        "taken over",
        "`variables`; what looks like a secret goes to `secrets`, without its value",
        _take_variable,
    ),
    yours(
        "aws:elasticbeanstalk:application:environmentsecrets",
        "`secrets`: SecretsManagerSecret(arn=...) or SecureParameter(name=...)",
    ),
    decided(
        "aws:elasticbeanstalk:container:python.WSGIPath",
        "taken over",
        "the app that service/app/__init__.py imports",
        _take_wsgi_path,
    ),
    number("aws:elasticbeanstalk:container:python.NumProcesses", "tasks.workers", 1, 64),
    number("aws:elasticbeanstalk:container:python.NumThreads", "tasks.threads", 1, 256),
    yours(
        "aws:elasticbeanstalk:container:python:staticfiles",
        "Flask serves its static folder itself; from S3: recipe docs/recipes/static_assets.py",
    ),
    yours(
        "aws:elasticbeanstalk:environment:proxy:staticfiles",
        "Flask serves its static folder itself; from S3: recipe docs/recipes/static_assets.py",
    ),
    otherwise(
        "aws:elasticbeanstalk:environment:proxy", "`proxy`: nginx or Apache, before Gunicorn in each task"
    ),
    decided(
        "aws:elasticbeanstalk:application.Application Healthcheck URL",
        "taken over",
        "`health_check.path`, but never `/`",
        take_health_path,
    ),
    decided(
        "aws:elasticbeanstalk:environment:process:default.HealthCheckPath",
        "taken over",
        "`health_check.path`, but never `/`",
        take_health_path,
    ),
    number(
        "aws:elasticbeanstalk:environment:process:default.HealthCheckInterval",
        "health_check.interval_s",
        5,
        300,
    ),
    number(
        "aws:elasticbeanstalk:environment:process:default.HealthCheckTimeout",
        "health_check.timeout_s",
        2,
        120,
    ),
    number(
        "aws:elasticbeanstalk:environment:process:default.HealthyThresholdCount",
        "health_check.healthy_count",
        2,
        10,
    ),
    number(
        "aws:elasticbeanstalk:environment:process:default.UnhealthyThresholdCount",
        "health_check.unhealthy_count",
        2,
        10,
    ),
    decided(
        "aws:elasticbeanstalk:environment:process:default.StickinessEnabled",
        "taken over",
        "`routing.sticky_s=86400`",
        lambda case: (
            (case.set("routing.sticky_s", 86400), case.taken())
            if yes(case.value)
            else case.taken("clients do not stay with a task, by default")
        ),
    ),
    otherwise(
        "aws:elasticbeanstalk:environment:process:default",
        "the kit chooses ports, and the drain follows from `longest_request_s`",
    ),
    number("aws:autoscaling:asg.MinSize", "tasks.min", 1, 1000),
    number("aws:autoscaling:asg.MaxSize", "tasks.max", 1, 1000),
    otherwise("aws:autoscaling:asg", _AUTOSCALER),
    otherwise("aws:autoscaling:trigger", _AUTOSCALER),
    yours("aws:autoscaling:scheduledaction", "`scaling.schedules`"),
    yours("aws:autoscaling:launchconfiguration", _SIZE),
    yours("aws:ec2:instances", _SIZE),
    yours("aws:ec2:vpc", _PLACE),
    decided(
        "aws:elasticbeanstalk:cloudwatch:logs.RetentionInDays",
        "taken over",
        "`log_days`",
        log_days("log_days"),
    ),
    otherwise("aws:elasticbeanstalk:cloudwatch:logs", "the log always goes to CloudWatch, for `log_days`"),
    otherwise("aws:elasticbeanstalk:hostmanager", "the log always goes to CloudWatch, for `log_days`"),
    otherwise("aws:elasticbeanstalk:command", _ROLLING),
    otherwise("aws:autoscaling:updatepolicy:rollingupdate", _ROLLING),
    otherwise("aws:elasticbeanstalk:trafficsplitting", "`deployment=Canary(percent=..., step_minutes=...)`"),
    otherwise(
        "aws:elasticbeanstalk:environment",
        "a load balancer always stands before the tasks; there are no instances",
    ),
    decided(
        "aws:elbv2:listener:443.SSLCertificateArns",
        "left to you",
        "`domain=Domain(name=..., certificate_arns=...)`: the host name is in no file",
        _take_certificates,
    ),
    otherwise("aws:elbv2:listener:443", "`domain.tls_policy`: TLS 1.2 and 1.3 with forward secrecy"),
    decided(
        "aws:elbv2:loadbalancer.IdleTimeout",
        "set otherwise",
        "follows from `longest_request_s`",
        _take_minutes,
    ),
    otherwise(
        "aws:elbv2:loadbalancer", "`load_balancer.log_days` for its logs; it belongs to the environment"
    ),
    decided(
        "aws:elbv2:loadbalancer.SecurityGroupCidrs",
        "taken over",
        "`load_balancer.ingress=Cidrs(...)`",
        lambda case: (case.set("load_balancer.ingress", Cidrs(cidrs=texts(case.value))), case.taken()),
    ),
    decided(
        "aws:elasticbeanstalk:xray.XRayEnabled",
        "taken over",
        "`trace_percent=5.0`",
        lambda case: (
            (case.set("trace_percent", 5.0), case.taken())
            if yes(case.value)
            else case.taken("off by default")
        ),
    ),
    otherwise(
        "aws:elasticbeanstalk:healthreporting:system",
        "alarms on errors, response times and health are made by the stack",
    ),
    yours("aws:elasticbeanstalk:sns:topics.Notification Endpoint", "`alarms.email`"),
    otherwise(
        "aws:elasticbeanstalk:managedactions",
        "Dependabot and `make lock UPGRADE=1` renew packages; the image's base by a new build",
    ),
)

FILE_RULES: tuple[Rule, ...] = (
    decided("option_settings", "taken over", "option by option, below", lambda _case: None),
    decided(
        "container_commands.*",
        "taken over",
        "migrations are the `release_command`, once for each version, as leader_only had it; all else is "
        "left to you",
        lambda case: case.wishes.notes.setdefault("before", []).append(
            (case.source, str(case.value.get("command", "")))
        ),
    ),
    yours("commands", _HOST),
    yours(
        "packages",
        "Debian packages, one a line, in service/apt-packages.txt: the names of Amazon Linux differ, such "
        "as postgresql-devel and libpq-dev",
    ),
    yours("files", _HOST),
    yours("services", _HOST),
    yours("sources", _HOST),
    yours("users", "the service runs as user 10001"),
    yours("groups", "the service runs as user 10001"),
    yours("Resources", "infra/additions.py, in Python"),
)


def config_files(root: Path) -> list[Path]:
    """Return the files of Beanstalk's configuration, in the order in which it reads them."""
    return [*sorted(root.glob(".ebextensions/*.config")), *sorted(root.glob("env.yaml"))]


def take_config(path: Path, file: str, wishes: Wishes, report: Report) -> None:
    """Apply the rules to one file of configuration."""
    data = read_yaml(path, file)
    options = data.pop("option_settings", None) or data.pop("OptionSettings", None)
    for name in (
        "AWSConfigurationTemplateVersion",
        "EnvironmentName",
        "CName",
        "SolutionStack",
        "EnvironmentTier",
    ):
        data.pop(name, None)
    apply(FILE_RULES, data, file=file, wishes=wishes, report=report)
    for namespace, name, value in _options(options):
        apply(OPTION_RULES, {namespace: {name: value}}, file=file, wishes=wishes, report=report)


def _options(options: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield namespace, name and value of each option, of both forms."""
    if isinstance(options, Mapping):
        for namespace, values in options.items():
            for name, value in (values or {}).items():
                yield str(namespace), str(name), value
    for each in options if isinstance(options, list) else []:
        # Without a namespace, an option is a variable.
        namespace = each.get("namespace", "aws:elasticbeanstalk:application:environment")
        yield str(namespace), str(each.get("option_name", "")), each.get("value")
