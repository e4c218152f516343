"""Check the controls of Amazon SQS."""

from tools.assembly import as_list
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_QUEUE = "no queue"


@control("SQS.1", absent=_NO_QUEUE)
def queues_are_encrypted(stack: Stack) -> Findings:
    """Require that queues are encrypted at rest."""
    for queue, properties in stack.of_type("AWS::SQS::Queue").items():
        encrypted = properties.get("KmsMasterKeyId") or properties.get("SqsManagedSseEnabled", True)
        yield Finding.of(queue, encrypted, "its messages are not encrypted")


@control("SQS.3", absent=_NO_QUEUE)
def queues_are_not_public(stack: Stack) -> Findings:
    """Require that the policies of queues let nobody in who is not named."""
    for policy, properties in stack.of_type("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy").items():
        statements = as_list(properties["PolicyDocument"]["Statement"])
        anybody = [
            each
            for each in statements
            if each["Effect"] == "Allow" and "*" in _named(each.get("Principal")) and "Condition" not in each
        ]
        yield Finding.of(policy, not anybody, "it lets anybody in")


def _named(principal: object) -> list[object]:
    return as_list(principal.get("AWS")) if isinstance(principal, dict) else as_list(principal)
