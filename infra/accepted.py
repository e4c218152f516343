"""Yours: findings that you accept, of cdk-nag, checkov, Security Hub's controls and the kit's own rules.

`make synth` and `make lint` name what they find: put the rule, the environments, the resource and your reason
here.
"""

from infra.policy import Accepted

ACCEPTED: tuple[Accepted, ...] = ()
