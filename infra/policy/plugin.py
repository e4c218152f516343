"""Plugin: the policy as CDK runs it, and reports and lets one accept what it finds."""

import json
from pathlib import Path

import aws_cdk as cdk
import jsii

from infra.contract import ServiceSettings
from infra.policy.findings import violations_in


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
