"""Tell a condition that limits somebody from one that is always true, and the narrower of two."""

import ipaddress
import re
from typing import Any

from tools.assembly import as_list
from tools.review.iam.text import covers, text

# operator in lower case without its prefix, key in lower case
Conditions = dict[tuple[str, str], frozenset[str]]
# These say nothing about who it is.
_NOT_ABOUT_WHO = ("aws:securetransport", "aws:viaawsservice", "aws:multifactorauthage", "aws:currenttime")
# These say who it is, or from where; what is not among them, such as kms:ViaService, anybody may fulfil.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ABOUT_WHO = re.compile(
    r"aws:(principal.*|source.*|vpcsource.*|user(id|name)|calledvia.*|ec2instancesource.*)"
    r"|sts:externalid|kms:calleraccount|s3:dataaccesspointaccount|elasticfilesystem:accessedviamounttarget"
    r"|saml:.*|.*:(sub|aud|amr|iss|azp|oaud|repository|repository_owner|environment|job_workflow_ref)"
)
_WILD = re.compile(r"(arn:[^:]*:?)?[*?:/]*")


def conditions(written: Any) -> Conditions:
    """Return the conditions of a statement that can be false."""
    found: Conditions = {}
    if not isinstance(written, dict):
        return found
    for operator, pairs in written.items():
        if not isinstance(pairs, dict):
            continue
        for key, values in pairs.items():
            known = frozenset(text(each) for each in as_list(values))
            if not _always(operator.lower(), known):
                found[operator.lower(), key.lower()] = known
    return found


def limits(found: Conditions) -> bool:
    """Return whether the conditions limit who it is."""
    return any(
        key not in _NOT_ABOUT_WHO
        and not _refuses(operator)
        and not operator.startswith(("bool", "date", "numeric"))
        for operator, key in found
    )


def limits_who(found: Conditions) -> bool:
    """Return whether the conditions say who it is, where the statement itself lets in everybody."""
    return any(_ABOUT_WHO.fullmatch(key) and not _refuses(operator) for operator, key in found)


def narrower(wide: Conditions, narrow: Conditions) -> bool:
    """Return whether the second conditions are true only where the first are."""
    return all(
        any(
            key == other and _implies(operator, values, stricter, narrow[stricter, other])
            for stricter, other in narrow
        )
        for (operator, key), values in wide.items()
    )


def _implies(operator: str, values: frozenset[str], stricter: str, allowed: frozenset[str]) -> bool:
    if operator == stricter and _refuses(operator):
        return values <= allowed
    kind = operator.removesuffix("equals").removesuffix("like")
    same_kind = stricter.removesuffix("equals").removesuffix("like") == kind
    if not same_kind:
        return False
    return all(
        any(each == known or (operator.endswith("like") and covers(known, each)) for known in values)
        for each in allowed
    )


def _refuses(operator: str) -> bool:
    return "not" in operator.rpartition(":")[2]


def _always(operator: str, values: frozenset[str]) -> bool:
    """Return whether a condition holds for everybody, or for everybody who leaves something out."""
    if operator.startswith("forallvalues:") or operator.endswith("ifexists"):
        return True
    if operator == "null":
        return True
    plain = operator.rpartition(":")[2]
    if plain.endswith("like") and not _refuses(plain):
        return any(_WILD.fullmatch(each) for each in values)
    if plain == "ipaddress":
        return _everywhere(values)
    return False


def _everywhere(values: frozenset[str]) -> bool:
    sizes = 0
    for each in values:
        try:
            network = ipaddress.ip_network(each, strict=False)
        except ValueError:
            continue
        # Two halves of all addresses are all addresses.
        sizes += network.num_addresses if network.version == 4 else 2**32 * (network.prefixlen < 4)
    return sizes >= 2**31
