"""Have moto decide what IAM policies allow, and policy_sentry say of what kind that is.

Runs in the environment of workshop/iam.mk. Standard input is JSON: `policy`, and `calls`, each an action and
a resource. Standard output is JSON: for each call whether the policy allows it, and the access level of its
action in AWS's service authorization reference.
"""

import json
import sys

from moto.iam.access_control import IAMPolicy, PermissionResult
from policy_sentry.querying.actions import get_action_data


def main() -> int:
    """Read a policy and calls, and write what would become of each."""
    given = json.load(sys.stdin)
    policy = IAMPolicy(json.dumps(given["policy"]))
    json.dump([_decided(policy, action, resource) for action, resource in given["calls"]], sys.stdout)
    return 0


def _decided(policy: IAMPolicy, action: str, resource: str) -> list[object]:
    allowed = policy.is_action_permitted(action, resource) is PermissionResult.PERMITTED
    return [allowed, _level(action) if allowed else ""]


def _level(action: str) -> str:
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    return str(found[service][0]["access_level"]) if found else "unknown"


if __name__ == "__main__":
    sys.exit(main())
