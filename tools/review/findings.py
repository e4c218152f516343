"""Find what CDK's validation, cdk-nag, our policy and cfn-lint did not find before."""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tools.assembly import Properties, Template
from tools.review.errors import ReviewError
from tools.review.reasons import Reason
from tools.review.synthesis import Synthesis

# `make lint` ignores this check too: CDK's own providers name a dependency twice.
_IGNORED = ("--ignore-checks", "W3005")


class Finding(NamedTuple):
    """A rule and where it is broken, or accepted: then with the reason."""

    rule: str
    where: str
    text: str
    serious: bool


class Findings(NamedTuple):
    """The findings of one environment that differ between the two sides."""

    new: list[Finding]
    gone: list[Finding]
    accepted: list[Finding]
    no_longer_accepted: list[Finding]


def findings(
    environment: str, *, base: Synthesis, head: Synthesis, linted: tuple[list[Finding], list[Finding]]
) -> Findings:
    """Return an environment's findings that differ; `linted` has those of cfn-lint on both sides."""
    before = [*_violations(base, environment, "violations"), *_only_linted(base, environment, linted[0])]
    after = [*_violations(head, environment, "violations"), *_only_linted(head, environment, linted[1])]
    accepted_before = _violations(base, environment, "suppressedViolations")
    accepted = _violations(head, environment, "suppressedViolations")
    return Findings(
        new=_without(after, before),
        gone=_without(before, after),
        accepted=_without(accepted, accepted_before),
        no_longer_accepted=_without(accepted_before, accepted),
    )


def reasons(found: Findings) -> Iterator[Reason]:
    """Yield a reason for each difference: a new finding that fails the synth is dangerous."""
    for each in found.new:
        refused = ", which fails `cdk synth`" if each.serious else ""
        text = f"new finding {each.rule} at {each.where}{refused}: {each.text}"
        yield Reason("dangerous" if each.serious else "look", text)
    for each in found.accepted:
        yield Reason("look", f"{each.rule} is accepted at {each.where}: {each.text}")
    for each in (*found.gone, *found.no_longer_accepted):
        yield Reason("safe", f"{each.rule} is no longer found at {each.where}")


def lint(templates: list[Template], *, cache: Path) -> list[list[Finding]]:
    """Return what cfn-lint finds in each template; cache the answers; raise ReviewError if it fails."""
    folder = cache / f"cfn-lint-{version('cfn-lint')}"
    folder.mkdir(parents=True, exist_ok=True)
    texts = [json.dumps(template, sort_keys=True) for template in templates]
    names = [f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.json" for text in texts]
    asked = {name: text for name, text in zip(names, texts, strict=True) if not (folder / name).exists()}
    # Use a folder of this process, since another review may check the same template.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part, ThreadPoolExecutor(2) as pool:
        halves = [dict([*asked.items()][start::2]) for start in range(2)]
        for answers in pool.map(_ask, [Path(part)] * 2, halves):
            for name, found in answers.items():
                (Path(part) / name).write_text(json.dumps(found))
                (Path(part) / name).rename(folder / name)
    return [[Finding(*each) for each in json.loads((folder / name).read_text())] for name in names]


def _ask(folder: Path, templates: dict[str, str]) -> dict[str, list[Finding]]:
    if not templates:
        return {}
    for name, text in templates.items():
        (folder / name).write_text(text)
    run = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--format", "json", *_IGNORED, "--", *templates],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answers = json.loads(run.stdout or "[]")
    except ValueError as error:
        raise ReviewError(f"cfn-lint fails: {run.stderr.strip()[-300:]}") from error
    if run.returncode and not answers:
        raise ReviewError(f"cfn-lint fails: {run.stderr.strip()[-300:]}")
    return {
        name: sorted({_linted(each) for each in answers if Path(each["Filename"]).name == name})
        for name in templates
    }


def _linted(answer: Properties) -> Finding:
    place = answer["Location"].get("Path") or []
    where = str(place[1]) if len(place) > 1 else "the template"
    return Finding(answer["Rule"]["Id"], where, answer["Message"], answer["Level"] == "Error")


def _violations(synthesis: Synthesis, environment: str, kind: str) -> list[Finding]:
    stack = synthesis.paths.get(environment, "")
    return [
        Finding(
            rule=each.get("acknowledgedId") or each["ruleName"],
            where=place.removeprefix(f"{stack}/"),
            text=" ".join((each.get("reason") or each["description"]).split()),
            serious=each.get("severity") in ("error", "fatal") and kind == "violations",
        )
        for report in synthesis.validation
        for each in report.get(kind, [])
        for place in _places(each)
        if place.startswith(f"{stack}/")
    ]


def _only_linted(synthesis: Synthesis, environment: str, linted: list[Finding]) -> list[Finding]:
    """Return what cfn-lint alone found: CDK's validation has its rules, too, and knows what is accepted."""
    template = f"{synthesis.paths.get(environment, '')}.template.json"
    known = {
        (each["ruleName"], construct.get("cloudFormationResource", {}).get("logicalId"))
        for report in synthesis.validation
        for kind in ("violations", "suppressedViolations")
        for each in report.get(kind, [])
        for construct in each.get("violatingConstructs", [])
        if construct.get("cloudFormationResource", {}).get("templatePath") == template
    }
    return [each for each in linted if (each.rule, each.where) not in known]


def _places(violation: Properties) -> Iterator[str]:
    for each in violation.get("violatingConstructs", []):
        resource = each.get("cloudFormationResource", {})
        stack = str(resource.get("templatePath", "")).rpartition("/")[2].removesuffix(".template.json")
        yield each.get("constructPath") or f"{stack}/{resource.get('logicalId', '')}"


def _without(found: list[Finding], known: list[Finding]) -> list[Finding]:
    """Return findings that are not known by rule, place and text, each once."""
    seen = {(each.rule, each.where, each.text) for each in known}
    return list(dict.fromkeys(each for each in found if (each.rule, each.where, each.text) not in seen))
