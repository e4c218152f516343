"""Define the words for directions in which a value changes, as the table of rules uses them."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tools.assembly import as_list
from tools.review.iam.text import text, texts

_YES = ("true", "enabled", "on", "1")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
# Older than what every browser of today speaks: TLS 1.0, 1.1 and SSL 3.
_WEAK = re.compile(
    r"TLS(13)?-1-[01]-|ELBSecurityPolicy-(2015|2016)|ELBSecurityPolicy-FS-2018|SSLv3|TLSv1(\.1)?(_2016)?$"
)
_REPLACED = " (replaced)"
# Whole, since others may call theirs alike. A name is made of these, or of what CloudFormation puts in.
_PART = r"(?:[a-z0-9-]|\$\{AWS::\w+\})+"
_ASSET = re.compile(
    rf"https://s3\.{_PART}\.(?:amazonaws\.com(?:\.cn)?|\$\{{AWS::URLSuffix\}})"
    rf"/cdk-[a-z0-9]+-assets-{_PART}/[0-9a-f]{{64}}\.json"
)
_BUILT = re.compile(
    rf"(?P<account>[0-9]{{12}}|\$\{{AWS::AccountId\}})\.dkr\.ecr\.(?P<region>{_PART})\."
    r"(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})/"
    r"cdk-(?P<qualifier>[a-z0-9]+)-container-assets-(?P=account)-(?P=region)"
)
_IMAGE = re.compile(r"(?P<repository>[^@]*?)(:(?P<tag>([^:/@{}]|\$\{[^}]*\})*))?(@.*)?$")
_HASH = re.compile(r"[0-9a-f]{64}")
# These tags are moved to each new version.
_MOVING = ("", "latest", "stable", "main", "master", "edge", "nightly")
# With these, an alarm does more than to tell people.
_ACTS = re.compile(r"arn:[^:]*:(automate|autoscaling|lambda|ssm|ssm-incidents):")

_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:")


class Direction(NamedTuple):
    """A word of the table; `of_additions` is whether it also judges what is added as a whole.

    Values are compared with the default that AWS takes where nothing is said, unless they count `as_written`.
    `of_new_resources` is whether it judges a resource that is new: what was not there cannot get weaker.
    `even_if_new` is whether it counts beside the verdict on something new as a whole, however mild it is.
    """

    holds: Callable[[Any, Any], bool]
    of_additions: bool = True
    as_written: bool = False
    of_new_resources: bool = True
    even_if_new: bool = False


def direction(word: str) -> Direction:
    """Return what a word of the table means; raise ValueError for a word that there is not."""
    if word in _PLAIN:
        return _PLAIN[word]
    for beginning, make in _WITH_VALUES.items():
        if word.startswith(beginning):
            return make(word.removeprefix(beginning))
    raise ValueError(f"'{word}' is no direction: write one of {', '.join((*_PLAIN, *_WITH_VALUES))}")


def is_of_a_synth(address: Any) -> bool:
    """Return whether a file that a synth has made is published under an address."""
    return bool(_ASSET.fullmatch(text(address)))


def number(value: Any) -> float | None:
    """Return a number that a template may also write as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _less(one: Any, other: Any) -> bool:
    first, second = number(one), number(other)
    return first is not None and second is not None and first < second


def _is_on(value: Any) -> bool:
    return str(value).lower() in _YES


def _is_off(value: Any) -> bool:
    # A function of CloudFormation is neither on nor off: nobody knows before the deployment.
    return value in _NOTHING or (isinstance(value, str | bool | int) and not _is_on(value))


def _becomes(written: str) -> Direction:
    wanted = _values(written)
    return Direction(lambda old, new: _word(new) in wanted and _word(old) not in wanted)


def _leaves(written: str) -> Direction:
    wanted = _values(written)
    return Direction(lambda old, new: _word(old) in wanted and _word(new) not in wanted, of_additions=False)


def _has(key: str) -> Direction:
    return Direction(lambda old, new: _is_in(key, new) and not _is_in(key, old), of_new_resources=False)


def _loses(key: str) -> Direction:
    return Direction(lambda old, new: _is_in(key, old) and not _is_in(key, new), of_additions=False)


def _is_in(key: str, value: Any) -> bool:
    return isinstance(value, dict) and key in value


def _word(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _values(written: str) -> set[str]:
    return {each.strip().lower() for each in written.split(" or ")}


def _at_least(written: str) -> Direction:
    limit = float(written)
    return Direction(
        lambda old, new: _below(old, limit) and number(new) is not None and not _less(new, limit)
    )


def _at_most(written: str) -> Direction:
    limit = float(written)
    return Direction(
        lambda old, new: _above(old, limit) and number(new) is not None and not _less(limit, new)
    )


def _below(value: Any, limit: float) -> bool:
    return number(value) is None or _less(value, limit)


def _above(value: Any, limit: float) -> bool:
    return number(value) is None or _less(limit, value)


def _kinds(actions: Any) -> set[str]:
    """Return what a listener or its rule does with requests."""
    return {str(each.get("Type", "?")) if isinstance(each, dict) else "?" for each in as_list(actions)}


def _is_fixed(actions: Any) -> bool:
    return bool(_kinds(actions)) and _kinds(actions) <= {"fixed-response"}


def _to_https(actions: Any) -> bool:
    return "redirect" in _kinds(actions) and "HTTPS" in str(actions)


def _authenticates(actions: Any) -> bool:
    return any(each.startswith(("authenticate", "jwt")) for each in _kinds(actions))


def _repository(image: Any) -> str:
    found = _IMAGE.match(text(image))
    return found["repository"] if found else ""


def _tag(image: Any) -> str:
    found = _IMAGE.match(text(image))
    return (found["tag"] or "") if found else ""


def _same_repository(old: Any, new: Any) -> bool:
    return _repository(old) == _repository(new)


def _another_repository(old: Any, new: Any) -> bool:
    """Return whether somebody else may push to it; another bootstrap of the account is its own."""
    one, other = (_BUILT.fullmatch(_repository(each)) for each in (old, new))
    if one and other:
        return one["account"] != other["account"] or one["region"] != other["region"]
    return bool(old) and not _same_repository(old, new) and (isinstance(new, str) or other is None)


def _another_revision(old: Any, new: Any) -> bool:
    """Return whether the task definition is the same one of the template, made anew."""
    return str(old) == str(new).removesuffix(_REPLACED)


def _is_root(user: Any) -> bool:
    return bool(re.fullmatch(r"0+|root", str(user).split(":")[0]))


def _pinned(image: Any) -> bool:
    return "@sha256:" in text(image) or bool(_HASH.fullmatch(_tag(image)))


def _unpinned(old: Any, new: Any) -> bool:
    """Return whether a tag may be moved to another image, and the one before was not."""
    before, after = _tag(old), _tag(new)
    if _pinned(new) or after == before:
        return False
    return _pinned(old) or after in _MOVING or before.startswith((f"{after}.", f"{after}-"))


def _of_an_account(old: Any, new: Any) -> bool:
    known = texts(old)
    return any(_ACCOUNT.match(each) and each not in known for each in texts(new))


def _more_than(written: str) -> Direction:
    factor = float(written.removesuffix(" times"))

    def holds(old: Any, new: Any) -> bool:
        before, after = number(old), number(new)
        return before is not None and after is not None and 0 < before * factor < after

    return Direction(holds, of_additions=False)


def _acts(old: Any, new: Any) -> bool:
    known = texts(old)
    return any(_ACTS.match(each) and each not in known for each in texts(new))


_PLAIN = {
    "changes": Direction(lambda _old, _new: True, of_additions=False),
    # For what is worth a word as soon as it is there, whatever its value.
    "set": Direction(lambda _old, new: new not in _NOTHING),
    "comes": Direction(
        lambda old, new: old in _NOTHING and new not in _NOTHING, of_additions=False, as_written=True
    ),
    "goes": Direction(
        lambda old, new: old not in _NOTHING and new in _NOTHING, of_additions=False, as_written=True
    ),
    "falls": Direction(lambda old, new: _less(new, old), of_additions=False),
    "rises": Direction(_less, of_additions=False),
    "on": Direction(lambda old, new: _is_off(old) and _is_on(new)),
    "off": Direction(lambda old, new: _is_on(old) and _is_off(new)),
    # TLS policies of load balancers, and protocol versions of CloudFront.
    "weaker": Direction(lambda old, new: not _WEAK.search(str(old)) and bool(_WEAK.search(str(new)))),
    "stronger": Direction(
        lambda old, new: bool(_WEAK.search(str(old))) and not _WEAK.search(str(new)), of_additions=False
    ),
    # Actions of a listener and of its rules.
    "answers itself": Direction(
        lambda old, new: old not in _NOTHING and _is_fixed(new) and not _is_fixed(old), of_additions=False
    ),
    "answers from now on": Direction(lambda old, new: old in _NOTHING and _is_fixed(new)),
    "forwards plainly": Direction(
        lambda old, new: _to_https(old) and not _to_https(new) and not _is_fixed(new), of_additions=False
    ),
    "sends to HTTPS": Direction(lambda old, new: not _to_https(old) and _to_https(new), of_additions=False),
    "no longer authenticates": Direction(
        lambda old, new: _authenticates(old) and not _authenticates(new), of_additions=False
    ),
    # Images and users of containers, and files that a synth has made.
    "from source": Direction(lambda _old, new: is_of_a_synth(new)),
    "same repository": Direction(_same_repository, of_additions=False),
    "another repository": Direction(_another_repository, of_additions=False),
    "from outside": Direction(lambda _old, new: not _BUILT.fullmatch(_repository(new))),
    "another revision": Direction(_another_revision, of_additions=False),
    "unpinned": Direction(_unpinned, of_additions=False),
    # What an alarm does.
    "acts": Direction(_acts, even_if_new=True),
    "of an account": Direction(_of_an_account, of_additions=False),
    "becomes root": Direction(lambda old, new: _is_root(new) and not _is_root(old)),
}
_WITH_VALUES = {
    "becomes ": _becomes,
    "leaves ": _leaves,
    "has ": _has,
    "loses ": _loses,
    "at least ": _at_least,
    "at most ": _at_most,
    "more than ": _more_than,
}
