"""Find what a resource says beside its properties that counts: order, and what a machine runs first."""

from collections.abc import Iterator
from typing import Any

from tools.assembly import Properties, Template, without_hash
from tools.review.iam.text import texts
from tools.review.reasons import Reason

_SERVICE = "AWS::ECS::Service"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-init.html
_INIT = "AWS::CloudFormation::Init"


def beside_properties(old: Template, new: Template) -> Iterator[Reason]:
    """Yield what changes there, of resources that stay.

    A service's new tasks wait for what it depends on, such as the command that migrates a database.
    """
    for name, resource in new["Resources"].items():
        before = old["Resources"].get(name)
        if before is None:
            continue
        lost = {*texts(before.get("DependsOn"))} - {*texts(resource.get("DependsOn"))}
        stay = [
            without_hash(each) for each in sorted(lost & new["Resources"].keys() & old["Resources"].keys())
        ]
        if stay and resource["Type"] == _SERVICE:
            text = f"{without_hash(name)} no longer waits for {', '.join(stay)}: its new tasks may come first"
            yield Reason("look", text, "", (name,))
        if _starts(before) != _starts(resource):
            yield Reason("look", f"{without_hash(name)} runs something else when it starts", "", (name,))


def _starts(resource: Properties) -> Any:
    metadata = resource.get("Metadata")
    return metadata.get(_INIT) if isinstance(metadata, dict) else None
