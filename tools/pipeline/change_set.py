"""Describe a prepared change set to whoever approves it, and give its ARN, so that no other is executed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tools.pipeline.errors import PipelineError

# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
_NO_CHANGES = ("The submitted information didn't contain changes", "No updates are to be performed")
_SERVICE = "AWS::ECS::Service"
# Instances of a cluster, which keeps the data for them: infra/data/aurora.py.
_OF_A_CLUSTER = ("AuroraClusterReader", "AuroraClusterWriter")
_TAKES_AWAY = ("Remove", "Dynamic")
# What the data is in. A secret or a group beside it can be made again.
_KEEPS_DATA = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::S3::Bucket", "AWS::Backup::BackupVault")


class ChangeSet(NamedTuple):
    """A change set as CloudFormation would execute it; without changes its ARN is empty."""

    arn: str
    changes: list[dict[str, Any]]

    @property
    def is_release(self) -> bool:
        """Return whether the service itself is changed: only then is there a release to go back from."""
        return any(each["ResourceType"] == _SERVICE and each["Action"] == "Modify" for each in self.changes)


def prepared(cloudformation: Any, *, stack: str, name: str) -> ChangeSet:
    """Return the change set of this name; delete it if it would change nothing.

    Raises PipelineError if it cannot be executed.
    """
    pages = cloudformation.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=name)
    try:
        answers = list(pages)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ChangeSetNotFound":
            return ChangeSet("", [])
        raise
    first = answers[0]
    if first["Status"] == "FAILED" and str(first.get("StatusReason", "")).startswith(_NO_CHANGES):
        cloudformation.delete_change_set(ChangeSetName=first["ChangeSetId"])
        return ChangeSet("", [])
    if first["ExecutionStatus"] != "AVAILABLE":
        raise PipelineError(
            f"change set {name} of {stack} is {first['Status']} and {first['ExecutionStatus']}, and cannot be"
            f" executed: {first.get('StatusReason', 'CloudFormation gives no reason')}"
        )
    changes = [change["ResourceChange"] for answer in answers for change in answer["Changes"]]
    return ChangeSet(str(first["ChangeSetId"]), changes)


def losses(found: ChangeSet) -> list[str]:
    """Return what would take data away: each resource that keeps some and is removed or replaced."""
    return [
        f"{_does(change).strip('*')} {change['LogicalResourceId']} ({change['ResourceType']})"
        for change in sorted(found.changes, key=_gravest_first)
        if change["ResourceType"] in _KEEPS_DATA
        and not change["LogicalResourceId"].startswith(_OF_A_CLUSTER)
        and (change["Action"] in _TAKES_AWAY or change.get("Replacement") in ("True", "Conditional"))
    ]


def refuse_losses(cloudformation: Any, stack: str, found: ChangeSet) -> None:
    """Raise PipelineError for a change set that would take data away, and delete it: nobody executes it."""
    if lost := losses(found):
        cloudformation.delete_change_set(ChangeSetName=found.arn)
        raise PipelineError(
            f"the change set of {stack} {' and '.join(lost)}, and the data in it would be lost. It was "
            "deleted, and nothing was changed. Take the change back, or, if the data may go, deploy by hand: "
            f"`npx cdk deploy {stack}`"
        )


def summary(stack: str, found: ChangeSet, *, image: str) -> str:
    """Return Markdown for the page on which somebody approves."""
    return "\n".join([f"### {stack}", "", *_lines(found, image)]) + "\n"


def _lines(found: ChangeSet, image: str) -> Iterator[str]:
    if not found.arn:
        yield "Nothing to change: it runs as described already."
        return
    yield f"Image `{image}`. Executed is this change set, and no other: `{found.arn}`"
    yield from ("", "| | resource | type | properties |", "|---|---|---|---|")
    for change in sorted(found.changes, key=_gravest_first):
        kind = f"`{change['ResourceType'].removeprefix('AWS::')}`"
        yield f"| {_does(change)} | `{change['LogicalResourceId']}` | {kind} | {_properties(change)} |"


def _gravest_first(change: dict[str, Any]) -> tuple[int, str]:
    order: Sequence[str] = ("**replaces**", "**removes**", "**may replace**")
    does = _does(change)
    return (order.index(does) if does in order else len(order), change["LogicalResourceId"])


def _does(change: dict[str, Any]) -> str:
    if change["Action"] != "Modify":
        return {"Add": "adds", "Remove": "**removes**"}.get(change["Action"], str(change["Action"]).lower())
    return {"True": "**replaces**", "Conditional": "**may replace**"}.get(
        change.get("Replacement", ""), "updates"
    )


def _properties(change: dict[str, Any]) -> str:
    targets = [detail["Target"] for detail in change.get("Details", [])]
    names = dict.fromkeys(str(target.get("Name") or target["Attribute"]) for target in targets)
    return ", ".join(f"`{name}`" for name in names)
