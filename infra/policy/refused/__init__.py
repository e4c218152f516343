"""Refuse at synth what AWS's APIs refuse and no schema says; docs/what-aws-refuses.md lists the rules."""

from infra.policy.refused.table import REFUSALS, Refusal, refusals

__all__ = ["REFUSALS", "Refusal", "refusals"]
