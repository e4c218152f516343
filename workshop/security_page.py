"""Write docs/security.md: how the environments that the kit ships with meet Security Hub's controls."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from infra.accepted import ACCEPTED
from tools.accepted import of_the_kit
from tools.assembly import reach, without_hash
from tools.security.control import source
from tools.security.controls import CONTROLS, NOT_HERE
from tools.security.evaluation import Verdict, errors, evaluate
from tools.security.stack import Stack, stacks

_INTRODUCTION = """\
# Security

Made from the templates of the environments that the kit ships with. `make lint` checks the same controls on
yours, prints what is accepted and why, and fails when a control does. Templates show what will be deployed,
not what somebody changed since: that takes Security Hub itself.

"""

_REACHABILITY = """\
## Who can reach whom

All that the security groups of the templates let through.

"""

_SUMMARY = """\
## Controls

AWS Foundational Security Best Practices; * marks a control of Security Hub outside that standard.

"""

_EXCEPTIONS = """\
## Accepted exceptions

These follow from what an environment's parameters say, and are accepted in every environment that says so
([tools/choices.py](../tools/choices.py)). What your own resources need is accepted in
[infra/accepted.py](../infra/accepted.py); there, a line that nothing needs any more is an error.

"""

_CONFLICTS = """\
## Where controls disagree, or cost more than they give

- **[ELB.1] against [ELB.18].** One wants port 80 to redirect, the other fails every listener that is not
  HTTPS, the redirect too. We redirect, for whoever types the bare name; without port 80 both are satisfied.
- **[ELB.4] against [ELB.12].** The page of ELB.4 suggests to disable it where ELB.12 is on. Both are on.
- **[EC2.15].** CDK's public subnets give every network interface a public IP. Ours do not; a service that
  wants public IPs asks for them, and that is [ECS.2].
- **[EC2.55], [EC2.56].** Over two zones both endpoints together cost nearly as much as a NAT gateway, before
  the first byte. Without them images come over TLS through the NAT gateway or a public IP.

"""

_NOT_APPLICABLE = "## Not applicable\n\n"
_RESOURCES = "## What satisfies them\n\n"


PAGE = Path(__file__).resolve().parent.parent / "docs" / "security.md"


def page(made: Sequence[Stack], verdicts: Sequence[Verdict]) -> str:
    """Return the text of docs/security.md."""
    environments = [stack.environment for stack in made]
    sections = (
        (_INTRODUCTION, ""),
        (_REACHABILITY, _table(("from", "to", "ports", "where"), _reachability(made))),
        (_SUMMARY, _table(("control", "asks", *environments), _summary(verdicts))),
        (_EXCEPTIONS, _table(("control", "where", "resource", "why"), _exceptions(verdicts, environments))),
        (_CONFLICTS, ""),
        (_NOT_APPLICABLE, _table(("control", "where", "why"), _not_applicable(verdicts, environments))),
        (_RESOURCES, _table(("control", "where", "resources"), _resources(verdicts, environments))),
    )
    return "".join(heading + table for heading, table in sections) + _links(verdicts)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(cells) for cells in (headings, ["---"] * len(headings), *rows)]
    return "".join(f"| {line} |\n" for line in lines) + "\n"


def _where(names: Sequence[str], environments: Sequence[str]) -> str:
    return "everywhere" if list(names) == list(environments) else ", ".join(names)


def _reachability(made: Sequence[Stack]) -> list[tuple[str, ...]]:
    environments = [stack.environment for stack in made]
    allowed = {stack.environment: reach(stack.template) for stack in made}
    return [
        (*each, _where([name for name in environments if each in allowed[name]], environments))
        for each in sorted(set().union(*allowed.values()))
    ]


def _summary(verdicts: Iterable[Verdict]) -> list[tuple[str, ...]]:
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for verdict in verdicts:
        control = verdict.control
        rows[f"[{control.id}]" + ("" if control.in_fsbp else " *"), control.asks].append(verdict.word)
    return [(*control, *words) for control, words in rows.items()]


def _exceptions(verdicts: Iterable[Verdict], environments: Sequence[str]) -> list[tuple[str, ...]]:
    where: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    order = [control.id for control in CONTROLS]
    for verdict in sorted(verdicts, key=lambda each: order.index(each.control.id)):
        for finding, reason in verdict.accepted:
            where[f"[{verdict.control.id}]", f"`{without_hash(finding.resource)}`", reason].append(
                verdict.environment
            )
    return [
        (control, _where(names, environments), resource, reason)
        for (control, resource, reason), names in where.items()
    ]


def _not_applicable(verdicts: Iterable[Verdict], environments: Sequence[str]) -> list[tuple[str, str, str]]:
    absent = [
        (verdict.control.id, verdict.environment, verdict.control.absent)
        for verdict in verdicts
        if verdict.word == "n.a."
    ]
    elsewhere = [
        (" to ".join(f"[{each}]" for each in not_here.controls), "everywhere", not_here.reason)
        for not_here in NOT_HERE
    ]
    return _merged(absent, environments) + elsewhere


def _resources(verdicts: Iterable[Verdict], environments: Sequence[str]) -> list[tuple[str, str, str]]:
    satisfied = [
        (
            verdict.control.id,
            verdict.environment,
            ", ".join(f"`{without_hash(each)}`" for each in verdict.satisfied),
        )
        for verdict in verdicts
        if verdict.satisfied
    ]
    return _merged(satisfied, environments)


def _merged(said: Iterable[tuple[str, str, str]], environments: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return one row for all controls that say the same of the same environments."""
    where: dict[tuple[str, str], list[str]] = defaultdict(list)
    for control, environment, words in said:
        where[control, words].append(environment)
    controls: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (control, words), names in where.items():
        controls[_where(names, environments), words].append(f"[{control}]")
    return [(", ".join(same), names, words) for (names, words), same in controls.items()]


def _links(verdicts: Iterable[Verdict]) -> str:
    ids = [verdict.control.id for verdict in verdicts]
    ids += [each for not_here in NOT_HERE for each in not_here.controls]
    return "".join(f"[{each}]: {source(each)}\n" for each in dict.fromkeys(ids))


def main() -> None:
    """Rewrite the page, unless a control fails."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    made = stacks()
    verdicts = evaluate(made, accepted=[*of_the_kit(each.environment for each in made), *ACCEPTED])
    if wrong := list(errors(made, verdicts, ACCEPTED)):
        sys.exit("\n".join(wrong))
    PAGE.write_text(page(made, verdicts))


if __name__ == "__main__":
    main()
