"""Yours: list findings of cdk-nag, checkov, Security Hub's controls and the kit's rules that you accept.

`make synth` and `make lint` name each finding. To accept one, list its rule, its environments, its resource
and your reason here.
"""

from infra.policy import Accepted

ACCEPTED: tuple[Accepted, ...] = ()
