"""Check the controls of Amazon ECR."""

from collections.abc import Iterator

from tools.assembly import Properties
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_BOOTSTRAPPED = "the repository that `cdk bootstrap` makes"


def _repositories(stack: Stack) -> Iterator[tuple[str, Properties]]:
    yield from stack.of_type("AWS::ECR::Repository").items()


@control("ECR.1", absent=f"{_BOOTSTRAPPED} scans nothing: switch it on in the account's registry")
def images_are_scanned(stack: Stack) -> Findings:
    """Require that repositories scan what is pushed."""
    for repository, properties in _repositories(stack):
        scans = properties.get("ImageScanningConfiguration", {}).get("ScanOnPush")
        yield Finding.of(repository, scans, "it scans nothing by itself")


@control("ECR.2", absent=f"{_BOOTSTRAPPED} has immutable tags")
def tags_do_not_move(stack: Stack) -> Findings:
    """Require that repositories have immutable tags."""
    for repository, properties in _repositories(stack):
        immutable = str(properties.get("ImageTagMutability", "")).startswith("IMMUTABLE")
        yield Finding.of(repository, immutable, "its tags can move to other images")


@control("ECR.3", absent=f"{_BOOTSTRAPPED} has a lifecycle rule")
def old_images_go(stack: Stack) -> Findings:
    """Require that repositories have a lifecycle policy."""
    for repository, properties in _repositories(stack):
        policy = properties.get("LifecyclePolicy", {}).get("LifecyclePolicyText")
        yield Finding.of(repository, policy, "what is in it stays for ever")
