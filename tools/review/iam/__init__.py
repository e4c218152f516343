"""Compare policies by what they allow: who may do more than before, and who may do less."""

from tools.review.iam.permissions import permissions
from tools.review.iam.statements import is_policy

__all__ = ["is_policy", "permissions"]
