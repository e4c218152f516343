"""Have parliament and cloudsplaining read IAM policies; runs in the environment of workshop/iam.mk.

Standard input is JSON: policy documents by name. Standard output is JSON: findings by the same names, each
with the tool, what it says, and the actions that it is about.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

warnings.simplefilter("ignore")  # parliament imports what setuptools means to remove

from cloudsplaining.scan.policy_document import PolicyDocument  # noqa: E402
from parliament import analyze_policy_string  # noqa: E402
from policy_sentry.querying.actions import get_action_data  # noqa: E402

# Rights of these kinds are more than a role needs, by the words of cloudsplaining.
_WIDE = (
    "infrastructure_modification",
    "permissions_management_without_constraints",
    "write_actions_without_constraints",
    "tagging_actions_without_constraints",
    "allows_privilege_escalation",
    "allows_data_exfiltration_actions",
    "service_wildcard",
)


def main() -> int:
    """Read the policies and write what the tools find."""
    policies = json.load(sys.stdin)
    found = {name: [*_parliament(each), *_cloudsplaining(each)] for name, each in policies.items()}
    json.dump(found, sys.stdout)
    return 0


def _parliament(policy: dict[str, Any]) -> Iterator[list[Any]]:
    for finding in analyze_policy_string(json.dumps(policy)).findings:
        detail = str(finding.detail)
        if finding.issue == "UNKNOWN_ACTION" and _is_known(detail.rsplit(maxsplit=1)[-1]):
            continue  # newer than parliament
        yield ["parliament", finding.issue, detail]


def _is_known(action: str) -> bool:
    service, _, name = action.partition(":")
    return bool(get_action_data(service, name))


def _cloudsplaining(policy: dict[str, Any]) -> Iterator[list[Any]]:
    document = PolicyDocument(policy)
    for kind in _WIDE:
        if found := getattr(document, kind):
            yield ["cloudsplaining", kind, str(found)]


if __name__ == "__main__":
    sys.exit(main())
