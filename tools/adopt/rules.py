"""Apply tables of rules to a manifest: each field is taken over, set otherwise, or left to a person.

A table has one rule for each field. The same tables make the pages of docs/coming-from.md, and a test walks
every row of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from tools.adopt.report import Report, Verdict
from tools.adopt.wishes import Wishes, first_mistake


class Case(NamedTuple):
    """One field with a value: where it stands, and what to fill."""

    source: str
    value: Any
    wishes: Wishes
    report: Report
    rule: "Rule"

    def taken(self, here: str = "") -> None:
        """Say that the value means the same here."""
        self.report.taken(self.source, self.value, here or self.rule.here)

    def otherwise(self, here: str = "") -> None:
        """Say how the value is set here, and why."""
        self.report.otherwise(self.source, self.value, here or self.rule.here)

    def yours(self, here: str = "") -> None:
        """Say what a person has to do."""
        self.report.yours(self.source, self.value, here or self.rule.here)

    def set(self, parameter: str, value: object) -> None:
        """Wish for a parameter of the environment."""
        self.wishes.set(parameter, value, self.source)


class Rule(NamedTuple):
    """Say what becomes of one field: `here` is the sentence of the table and of the page.

    With `to`, the value that `read` returns is set as that parameter. With `take`, the function decides.
    """

    field: str
    verdict: Verdict
    here: str
    to: str = ""
    read: Callable[[Any], Any] = lambda value: value
    take: Callable[[Case], object] | None = None


def taken(field: str, to: str, read: Callable[[Any], Any] = lambda value: value, here: str = "") -> Rule:
    """Return the rule of a field whose value is a parameter here."""
    return Rule(field, "taken over", here or f"`{to}`", to=to, read=read)


def otherwise(field: str, here: str) -> Rule:
    """Return the rule of a field that is always set otherwise."""
    return Rule(field, "set otherwise", here)


def yours(field: str, here: str) -> Rule:
    """Return the rule of a field that a person decides."""
    return Rule(field, "left to you", here)


def decided(field: str, verdict: Verdict, here: str, take: Callable[[Case], object]) -> Rule:
    """Return the rule of a field whose value decides what becomes of it; the verdict is the usual one."""
    return Rule(field, verdict, here, take=take)


def apply(
    rules: Sequence[Rule], data: Mapping[str, Any], *, file: str, wishes: Wishes, report: Report
) -> None:
    """Apply the rules to each field of a manifest; a field without a rule is left to a person."""
    for key, value in data.items():
        _apply(rules, (str(key),), value, file, wishes, report)


def find(rules: Sequence[Rule], words: Sequence[str]) -> Rule | None:
    """Return the rule of a field, else that of the nearest field above it."""
    for length in range(len(words), 0, -1):
        for rule in rules:
            if _matches(rule.field.split("."), words[:length]):
                return rule
    return None


def _matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    return len(pattern) == len(words) and all(
        each in ("*", word) for each, word in zip(pattern, words, strict=True)
    )


def _has_rules_below(rules: Sequence[Rule], words: Sequence[str]) -> bool:
    patterns = (rule.field.split(".") for rule in rules)
    return any(len(each) > len(words) and _matches(each[: len(words)], words) for each in patterns)


def _apply(
    rules: Sequence[Rule], words: tuple[str, ...], value: Any, file: str, wishes: Wishes, report: Report
) -> None:
    if value is None:
        return
    if isinstance(value, Mapping) and _has_rules_below(rules, words):
        for key, each in value.items():
            _apply(rules, (*words, str(key)), each, file, wishes, report)
        return
    source, rule = f"{file}: {'.'.join(words)}", find(rules, words)
    if rule is None:
        report.yours(source, value, "adopt knows no such field: see whether you need it")
        return
    case = Case(source, value, wishes, report, rule)
    try:
        _decide(case)
    except (ValueError, TypeError) as error:
        case.yours(f"not understood, set it by hand: {first_line(error)}")


def _decide(case: Case) -> None:
    rule = case.rule
    if rule.take:
        rule.take(case)
    elif rule.to:
        value = rule.read(case.value)
        case.set(rule.to, value)
        case.taken(f"`{rule.to}={value!r}`" if rule.here == f"`{rule.to}`" else rule.here)
    else:
        case.report.add(rule.verdict, case.source, case.value, rule.here)


def first_line(error: Exception) -> str:
    """Return the first sentence of an error, of pydantic's too."""
    if isinstance(error, ValidationError):
        return first_mistake(error)
    return str(error).partition("\n")[0]
