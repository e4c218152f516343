"""Policy: rules of our own that fail a synth, checked on the finished templates."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii

from infra.service_settings import ServiceSettings, read_settings, settings_problems
from infra.timeouts import broken_links
from infra.way_out import blocked_services

# Commands and variables that start Flask's development server, which is not made for production:
# https://flask.palletsprojects.com/en/stable/deploying/
DEV_SERVER_COMMANDS = re.compile(
    r"""\bflask\b(?=.*\srun(?![^\s'";&|)]))   # flask run, python -m flask --app x run, not flask db upgrade
    |app\.run\b|werkzeug\.serving|run_simple""",
    re.VERBOSE,
)
DEV_SERVER_VARIABLES = ("FLASK_DEBUG", "FLASK_ENV", "FLASK_RUN_HOST", "FLASK_RUN_PORT")
# The container in which service/settings.py is read.
SERVICE_CONTAINER = "web"

Resource = dict[str, Any]


@jsii.implements(cdk.IPolicyValidationPlugin)
class Policy:
    """Refuses timeouts that disagree, the development server, and tasks that could not even start.

    `settings` are those of the service that is deployed.
    """

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        self._settings = settings or read_settings()

    @property
    def name(self) -> str:
        """What the validation report calls these rules."""
        return "flask-fargate"

    @property
    def version(self) -> None:
        """They are versioned with the repository."""
        return

    @property
    def rule_ids(self) -> list[str]:
        """Every rule there is."""
        return ["timeouts", "dev-server", "way-out", "settings"]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Report every violation in the templates of the app."""
        violations = [
            cdk.PolicyViolation(
                rule_name=rule,
                description=sentence,
                severity="error",
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=logical_id, template_path=stack.template_path, locations=[]
                    )
                ],
            )
            for stack in context.stack_templates
            for rule, logical_id, sentence in violations_in(
                json.loads(Path(stack.template_path).read_text()), self._settings
            )
        ]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)


def violations_in(
    template: dict[str, Any], settings: ServiceSettings | None = None
) -> Iterator[tuple[str, str, str]]:
    """Rule, logical id and sentence of every violation in a template."""
    for logical_id, sentence in blocked_services(template.get("Resources", {})):
        yield "way-out", logical_id, sentence
    tasks = _of_type(template, "AWS::ECS::TaskDefinition")
    # Those that speak HTTP: a Network Load Balancer in front of them has timeouts of another kind.
    balancers = [
        balancer
        for balancer in _of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
        if balancer.get("Type") == "application"
    ]
    target_groups = [
        target_group
        for target_group in _of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup").values()
        if target_group.get("Protocol") in ("HTTP", "HTTPS")
    ]
    for logical_id, task in tasks.items():
        for container in task["ContainerDefinitions"]:
            variables = {pair["Name"]: pair["Value"] for pair in container.get("Environment", [])}
            for sentence in _dev_server(container, variables):
                yield "dev-server", logical_id, sentence
            if settings and container["Name"] == SERVICE_CONTAINER:
                secrets = [pair["Name"] for pair in container.get("Secrets", [])]
                for sentence in settings_problems(settings, variables=[*variables], secrets=secrets):
                    yield "settings", logical_id, sentence
            # Our proxies have the same variables, less the prefix.
            server, prefix = ("the proxy", "") if "KEEPALIVE_S" in variables else ("Gunicorn", "GUNICORN_")
            if f"{prefix}KEEPALIVE_S" not in variables:
                continue
            for balancer, target_group in product(balancers, target_groups):
                for sentence in broken_links(
                    alb_idle_s=_attribute(balancer, "idle_timeout.timeout_seconds"),
                    gunicorn_keepalive_s=int(variables[f"{prefix}KEEPALIVE_S"]),
                    deregistration_delay_s=_attribute(target_group, "deregistration_delay.timeout_seconds"),
                    gunicorn_graceful_timeout_s=int(variables[f"{prefix}GRACEFUL_TIMEOUT_S"]),
                    lame_duck_s=int(variables["LAME_DUCK_S"]),
                    stop_timeout_s=container["StopTimeout"],
                    server=server,
                ):
                    yield "timeouts", logical_id, sentence


def _dev_server(container: Resource, variables: dict[str, str]) -> Iterator[str]:
    command = " ".join(str(word) for word in container.get("EntryPoint", []) + container.get("Command", []))
    if DEV_SERVER_COMMANDS.search(command):
        yield f"container '{container['Name']}' runs the development server ('{command}'): use Gunicorn"
    for variable in DEV_SERVER_VARIABLES:
        if variable in variables:
            yield f"container '{container['Name']}' sets {variable}, which is for development only: remove it"


def _of_type(template: dict[str, Any], type_name: str) -> dict[str, Resource]:
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template.get("Resources", {}).items()
        if resource["Type"] == type_name
    }


def _attribute(resource: Resource, key: str) -> int:
    attributes = resource.get("LoadBalancerAttributes") or resource["TargetGroupAttributes"]
    return int(next(pair["Value"] for pair in attributes if pair["Key"] == key))
