"""Apply all rules to one template, without the CDK."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.contract import ServiceSettings
from infra.policy.assets import Assets
from infra.policy.development_server import container_findings
from infra.policy.head_sizes import size_findings
from infra.policy.polling import polling_findings
from infra.policy.refused import refusals
from infra.policy.settings import settings_findings
from infra.policy.template import Finding, containers, of_type
from infra.policy.timeout_chain import timeout_findings
from infra.policy.way_out import way_out_findings


def violations_in(
    template: dict[str, Any], settings: ServiceSettings | None = None, folder: Path | None = None
) -> Iterator[Finding]:
    """Yield all violations in a template; with the `folder` of its synth, check images' Dockerfiles too."""
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
        if container.logical_id in serving:
            yield from polling_findings(container, image, template)
        if settings:
            yield from settings_findings(container, settings)
    yield from timeout_findings(template)
    yield from size_findings(template)
    yield from refusals(template)
