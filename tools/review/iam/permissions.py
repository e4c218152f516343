"""Say who may do more than before, and who may do less."""

import re
from collections.abc import Iterable, Iterator

from tools.assembly import Template, of_type, references, without_hash
from tools.review.iam.conditions import narrower
from tools.review.iam.danger import ESCALATES, EXPECTED, FULL, danger, matched
from tools.review.iam.statements import Policies, Statement, Targets, policies
from tools.review.iam.text import covers
from tools.review.reasons import Reason, Verdict, listed

_OWN = re.compile(r"\$\{(\w+)")
_ACCOUNT = re.compile(r":[0-9]{12}:")
_AWS_POLICY = re.compile(r"arn:[^:]*:iam::aws:policy/(.+)")


def permissions(old: Template, new: Template, *, account: str = "") -> Iterator[Reason]:
    """Yield what somebody may newly do, and what somebody may no longer do."""
    before, after = policies(old), policies(new)
    fresh, gone = _ids(new) - _ids(old), _ids(old) - _ids(new)
    yield from _more(before, after, account, fresh=fresh, gone=gone)
    yield from _less(before, after, new, fresh=fresh, gone=gone)
    yield from _attached(before, after, fresh=fresh)
    for holder, text in sorted(after.unreadable - before.unreadable):
        said = f"a policy of {holder} is made of what only AWS knows, so read it yourself: {text}"
        yield Reason("look", said, "widening")


def _ids(template: Template) -> set[str]:
    return {without_hash(each) for each in template["Resources"]}


def _more(
    before: Policies, after: Policies, account: str, *, fresh: set[str], gone: set[str]
) -> Iterator[Reason]:
    allowed, forbidden = _split(before.statements)
    now_allowed, now_forbidden = _split(after.statements)
    for each in now_allowed:
        if each.kind == "way" and each.holder in fresh:
            continue  # a new way to a service of AWS lets in nobody who had no right before
        rest = _uncovered(each, allowed)
        level = danger(rest, account=account) if rest else None
        if level == "dangerous" and not account and not _uncovered(_in_own_account(each), allowed):
            level = "look"  # nobody knows the account, and the number may be its own
        # Every new role trusts the service that it is made for.
        expected = rest and rest.kind == "trust" and rest.holder in fresh and _services_only(rest)
        own = rest and level == "look" and rest.holder in fresh and _of_its_own(rest, fresh)
        if rest and level and not expected and not own:
            yield Reason(level, _sentence(rest, "may now"), "widening", (each.logical_id,))
    for each in forbidden:
        rest = _uncovered(each, now_forbidden)
        if rest and each.holder not in gone:
            everything = matched(rest.actions.values, ESCALATES) and not rest.actions.all_but
            grave: Verdict = "dangerous" if everything else "look"
            said = f"{_who(rest)} is no longer forbidden to do {_what(rest)}"
            yield Reason(grave, said, "widening", (each.logical_id,))


def _of_its_own(statement: Statement, fresh: set[str]) -> bool:
    """Return whether a new role may do something with what is new, too, and with nothing else."""
    named = [_OWN.match(each) for each in statement.resources.values]
    return not statement.resources.all_but and all(each and each[1] in fresh for each in named)


def _less(
    before: Policies, after: Policies, new: Template, *, fresh: set[str], gone: set[str]
) -> Iterator[Reason]:
    allowed, forbidden = _split(before.statements)
    now_allowed, now_forbidden = _split(after.statements)
    starts = _execution_roles(new)
    for each in allowed:
        rest = _uncovered(each, now_allowed)
        if not rest or each.holder in gone:
            continue
        stops = each.holder in starts and each.kind == "identity"
        trusted = each.kind == "trust" and _services_only(rest)
        grave: Verdict = "dangerous" if stops or trusted else "look"
        why = ": without it tasks may not start" if stops else ""
        yield Reason(grave, f"{_sentence(rest, 'may no longer')}{why}", "", (each.logical_id,))
    for each in now_forbidden:
        if each.holder not in fresh and (rest := _uncovered(each, forbidden)):
            yield Reason("look", f"{_who(rest)} is now forbidden to do {_what(rest)}", "", (each.logical_id,))


def _attached(before: Policies, after: Policies, *, fresh: set[str]) -> Iterator[Reason]:
    for who, arn in sorted(after.attached - before.attached):
        name = _name(arn)
        if who in fresh and name in EXPECTED:
            continue
        level: Verdict = "dangerous" if name in FULL else "look"
        own = (
            "AWS's policy" if _AWS_POLICY.fullmatch(arn.replace("${AWS::Partition}", "aws")) else "the policy"
        )
        yield Reason(level, f"{who} now has {own} {name}", "widening")
    holders = {each.holder for each in after.statements} | {who for who, _ in after.attached}
    for who, arn in sorted(before.attached - after.attached):
        if who in holders:
            yield Reason("look", f"{who} no longer has the policy {_name(arn)}")


def _name(arn: str) -> str:
    return arn.rpartition("/")[2] if "/" in arn else re.sub(r"[${}]", "", arn)


def _execution_roles(template: Template) -> set[str]:
    tasks = of_type(template, "AWS::ECS::TaskDefinition")
    return {without_hash(each) for task in tasks for each in references(task.get("ExecutionRoleArn"))}


def _split(statements: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
    known = list(statements)
    return [each for each in known if each.allows], [each for each in known if not each.allows]


def _services_only(statement: Statement) -> bool:
    return all(each.startswith("Service:") for each in statement.principals.values)


def _uncovered(statement: Statement, known: list[Statement]) -> Statement | None:
    """Return what is left of a statement without what others say already; None if that is nothing."""
    others = [
        each
        for each in known
        if each.kind == statement.kind
        and (each.kind == "identity" or each.holder == statement.holder)
        and narrower(each.conditions, statement.conditions)
    ]
    parts = [
        (who, action, on)
        for who in _parts(statement.principals)
        for action in _parts(statement.actions)
        for on in _parts(statement.resources)
        if not any(
            _holds(each.principals, who, any_case=False)
            and _holds(each.actions, action, any_case=True)
            and _holds(each.resources, on, any_case=False)
            for each in others
        )
    ]
    if not parts:
        return None
    return statement._replace(
        principals=_joined(statement.principals, [who for who, _, _ in parts]),
        actions=_joined(statement.actions, [action for _, action, _ in parts]),
        resources=_joined(statement.resources, [on for _, _, on in parts]),
    )


def _in_own_account(statement: Statement) -> Statement:
    """Return a statement with `the own account` for every number of an account."""
    principals = tuple(_ACCOUNT.sub(":${AWS::AccountId}:", each) for each in statement.principals.values)
    resources = tuple(_ACCOUNT.sub(":${AWS::AccountId}:", each) for each in statement.resources.values)
    return statement._replace(
        principals=statement.principals._replace(values=principals),
        resources=statement.resources._replace(values=resources),
    )


def _parts(targets: Targets) -> list[Targets]:
    if targets.all_but:
        return [targets]
    return [Targets((each,)) for each in targets.values]


def _joined(targets: Targets, parts: list[Targets]) -> Targets:
    if targets.all_but:
        return targets
    return Targets(tuple(dict.fromkeys(each for part in parts for each in part.values)))


def _holds(known: Targets, part: Targets, *, any_case: bool) -> bool:
    """Return whether a known part of a statement includes another."""
    if known.all_but:
        if part.all_but:
            return set(known.values) <= set(part.values)
        return not any(
            covers(each, part.values[0], any_case=any_case) or covers(part.values[0], each, any_case=any_case)
            for each in known.values
        )
    if part.all_but:
        return "*" in known.values
    return any(covers(each, part.values[0], any_case=any_case) for each in known.values)


def _sentence(statement: Statement, verb: str) -> str:
    if statement.kind == "trust":
        condition = " (under a condition)" if statement.conditions else ""
        return f"{_who(statement)} {verb} act as {statement.holder}{condition}"
    return f"{_who(statement)} {verb} do {_what(statement)}"


def _what(statement: Statement) -> str:
    actions = listed(list(statement.actions.values))
    if statement.actions.all_but:
        actions = f"everything but {actions}"
    resources = [_words(each) for each in statement.resources.values]
    where = "every resource" if resources == ["*"] else listed(resources, most=3)
    if statement.resources.all_but:
        where = f"everything but {where}"
    condition = " (under a condition)" if statement.conditions else ""
    return f"{actions} on {where}{condition}"


def _who(statement: Statement) -> str:
    principals = [_words(each) for each in statement.principals.values]
    who = "anyone" if principals == ["*"] else listed(principals)
    return f"everybody but {who}" if statement.principals.all_but else who


def _words(target: str) -> str:
    """Return a principal or resource as people would call it."""
    target = re.sub(r"\$\{(\w+)(?:\.\w+)?\}", r"\1", target)
    return re.sub(r"^(AWS|Service|Federated):", "", target)
