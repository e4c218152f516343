"""Run the policy as a plugin of the CDK, which reports findings and lets a team accept them."""

import json
from pathlib import Path

import aws_cdk as cdk
import jsii

from infra.contract import ServiceSettings
from infra.policy.findings import violations_in
from infra.policy.refused import REFUSALS


@jsii.implements(cdk.IPolicyValidationPlugin)
class Policy:
    """A plugin that refuses development servers, timeouts and sizes that disagree, and what AWS would refuse.

    With `settings` it also compares the variables of the service's container with the settings it declares.
    """

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        """Return the name in the validation report, which also stands before `::` in the ids of rules."""
        return "flask-fargate"

    @property
    def version(self) -> None:
        """Return None: the rules have the version of the repository."""
        return

    @property
    def rule_ids(self) -> list[str]:
        """Return the ids of all rules."""
        return [
            "dev-server",
            "shell-form",
            "timeouts",
            "sizes",
            "socketio",
            "way-out",
            "settings",
            *(each.rule for each in REFUSALS),
        ]

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
