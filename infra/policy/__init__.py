"""Policy: rules of our own that fail a synth, checked on the finished templates of any CDK app.

    from infra.policy import Policy
    cdk.Validations.of(app).add_plugins(Policy())

docs/policies.md says what they find, how to accept a finding, and why they are Python.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii

from infra.policy.assets import Assets
from infra.policy.development_server import container_findings
from infra.policy.settings import settings_findings
from infra.policy.template import Finding, containers, of_type
from infra.policy.timeout_chain import timeout_findings
from infra.policy.way_out import way_out_findings
from infra.service_settings import ServiceSettings

__all__ = ["Policy", "violations_in"]


@jsii.implements(cdk.IPolicyValidationPlugin)
class Policy:
    """Refuses the development server, timeouts that disagree, and tasks that could not even start.

    With the `settings` of the service that is deployed, it compares them with the variables of its container.
    """

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        """What the validation report calls these rules, and what stands before `::` in their ids."""
        return "flask-fargate"

    @property
    def version(self) -> None:
        """They are versioned with the repository."""
        return

    @property
    def rule_ids(self) -> list[str]:
        """Every rule there is."""
        return ["dev-server", "shell-form", "timeouts", "way-out", "settings"]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Report every violation in the templates of the app."""
        violations = [
            cdk.PolicyViolation(
                rule_name=found.rule,
                description=found.sentence,
                severity="error",
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=found.logical_id, template_path=str(path), locations=[]
                    )
                ],
            )
            for path in (Path(stack.template_path) for stack in context.stack_templates)
            for found in violations_in(
                json.loads(path.read_text()), settings=self._settings, folder=path.parent
            )
        ]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)


def violations_in(
    template: dict[str, Any], settings: ServiceSettings | None = None, folder: Path | None = None
) -> Iterator[Finding]:
    """All violations in a template; with the `folder` of its synth, the Dockerfiles behind images too."""
    yield from way_out_findings(template)
    assets = Assets(folder) if folder else None
    serving = {
        str(reference.get("Ref"))
        for _, service in of_type(template, "AWS::ECS::Service")
        if isinstance(reference := service.get("TaskDefinition"), dict)
    }
    for container in containers(template):
        image = assets.image_of(container.definition.get("Image")) if assets else None
        yield from container_findings(container, image, serves=container.logical_id in serving)
        if settings:
            yield from settings_findings(container, settings)
    yield from timeout_findings(template)
