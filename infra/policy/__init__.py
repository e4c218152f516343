"""Check the finished templates of any CDK app by the kit's own rules, which fail a synth.

    from infra.policy import Policy
    cdk.Validations.of(app).add_plugins(Policy())

docs/policies.md describes the rules, how to accept a finding, and why they are written in Python.
"""

from infra.policy.accepted import EVERYWHERE, Accepted, accept_at_synth, without_hash
from infra.policy.commands import development_servers, development_variables, swallows_sigterm
from infra.policy.plugin import Policy

__all__ = [
    "EVERYWHERE",
    "Accepted",
    "Policy",
    "accept_at_synth",
    "development_servers",
    "development_variables",
    "swallows_sigterm",
    "without_hash",
]
