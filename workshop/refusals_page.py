"""Write docs/what-aws-refuses.md: the rules about what AWS's APIs refuse, with source and test of each."""

import sys
from pathlib import Path

from infra.policy.refused import REFUSALS
from tests.infra.policy.refused import PAIRS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "what-aws-refuses.md"

_INTRODUCTION = """\
# What AWS refuses

CloudFormation's schemas say which properties there are. What a service's API refuses beyond them comes out in
the middle of a deployment, and the stack rolls back. These rules refuse it at synth, in any CDK app that has
the [policy](policies.md), and each finding ends with the page of AWS that it is from.

The page is made from the rules by `make docs`. "Cases" are pairs of a template that a rule refuses and one
like it that it does not; a finding is accepted as any other of `flask-fargate::`.

| rule | refuses | source | cases |
|---|---|---|---|
"""

_END = """\

Beside them, [parameters](parameters.md) that contradict each other never become a template; a synth tells
which quotas must be raised; and the local cloud refuses at run time what depends on other stacks: a priority
that another stack has, a role that a fresh account lacks, a full security group, a protected load balancer.
"""


def page() -> str:
    """Return the text of the page."""
    rows = (
        f"| `{each.rule}` | {each.refuses} | [AWS]({each.source}) | {len(PAIRS[each.rule])} |"
        for each in REFUSALS
    )
    return _INTRODUCTION + "\n".join(rows) + "\n" + _END


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.exit(0)
