"""Compare two commits: find them, synthesise both, and review the difference."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tools.review import migrations
from tools.review.abroad import reviewed_abroad
from tools.review.commits import Repository, Side
from tools.review.errors import ReviewError, SynthesisError
from tools.review.outcome import Outcome
from tools.review.packages import LOCK, Packages, differences, packages_of, used_by_synth
from tools.review.places import ENVIRONMENTS, Line, lines, place
from tools.review.reasons import Reason, listed
from tools.review.review import Reviewed, reviewed
from tools.review.sandbox import isolation
from tools.review.synthesis import Synthesis, synthesised

# A folder of the reviewed repository that git ignores.
CACHE = Path(".local", "review")
_SERVICE_LOCK = "service/requirements.txt"
_OTHER_PACKAGES = (
    "its packages are not to be had here: both sides are synthesised with those installed, so what others "
    "would change does not show"
)


def compared(*, base: str, head: str | None, fail_on: tuple[str, ...], accepted: bool) -> Outcome:
    """Synthesise both sides at once and review them; raises ReviewError where that is not possible."""
    repository = Repository(Path.cwd())
    cache = repository.root / CACHE
    new = repository.head(head)
    old, notes = repository.base(base, new)
    packages = [packages_of(repository, side, cache=cache) for side in (old, new)]
    before, after, failed = _both(repository, old, new, packages, cache)
    if not after.templates:
        raise ReviewError(f"{new.name} describes no stack: there is nothing that `cdk deploy` would deploy")
    environments = reviewed(before, after, cache=cache)
    environments = _placed(
        environments,
        lines(repository.diff(old, new), environments=repository.file(new, ENVIRONMENTS) or ""),
        before,
        after,
    )
    environments += reviewed_abroad(before, after)
    environments += of_migrations(repository, old, new)
    notes += [*failed, *_about(repository, old, new), f"The code under review ran in {isolation()}."]
    if not all(each.own for each in packages):
        notes.append(f"The locks differ in what a synth uses, and {_OTHER_PACKAGES}.")
        environments = [_unsure(each, f"{_OTHER_PACKAGES}") for each in environments]
    return Outcome(
        base=old, head=new, environments=environments, notes=notes, fail_on=fail_on, accepted=accepted
    )


def _both(
    repository: Repository, old: Side, new: Side, packages: list[Packages], cache: Path
) -> tuple[Synthesis, Synthesis, list[str]]:
    """Synthesise both sides. The head must succeed; if the base does not, everything is new."""
    with ThreadPoolExecutor(2) as pool:
        base, head = (
            pool.submit(synthesised, repository, side, cache=cache, packages=own)
            for side, own in zip((old, new), packages, strict=True)
        )
        after = head.result()
        try:
            return base.result(), after, []
        except SynthesisError as error:
            return Synthesis(), after, [f"{error}. So every environment is shown as if it were new."]


def of_migrations(repository: Repository, old: Side, new: Side) -> list[Reviewed]:
    """Return a line for the revisions of the app's database that the change brings, if it brings any."""
    changed = [path for path in repository.changed(old, new) if path.endswith(".py")]
    texts = {side: {path: repository.file(side, path) or "" for path in changed} for side in (old, new)}
    folders = {
        path.rpartition("/")[0]
        for files in texts.values()
        for path, text in files.items()
        if migrations.revision(path, text)
    }
    for folder in folders:
        for path in repository.beside(new, folder):
            if path.endswith(".py") and path not in changed:
                same = repository.file(new, path) or ""
                texts[old][path] = texts[new][path] = same
    told = list(migrations.told(texts[old], texts[new]))
    if not folders:
        return []
    reasons = [reason for reason, _ in told] or [Reason("safe", "the version that serves can live with them")]
    return [Reviewed(name="migrations", reasons=reasons, places=dict(told))]


def _about(repository: Repository, old: Side, new: Side) -> list[str]:
    """Return notes on the comparison: files, locks, and rules that were left out."""
    files = repository.changed(old, new)
    notes = [f"{len(files)} files differ: {listed(files)}." if files else "No file differs."]
    if len(files) == 1:
        notes = [f"One file differs: {files[0]}."]
    relevant = used_by_synth()
    for lock in (LOCK, _SERVICE_LOCK):
        versions = differences(repository.file(old, lock) or "", repository.file(new, lock) or "")
        if versions:
            ours = [each.text for each in versions if each.package in relevant]
            used = f" A synth uses {listed(ours)}." if ours and lock == LOCK else ""
            notes.append(f"{lock}: {listed([each.text for each in versions], most=8)}.{used}")
    if os.environ.get("CDK_VALIDATION", "").lower() == "false":
        notes.append("CDK_VALIDATION is false: CDK's own validation was left out.")
    return notes


def _placed(
    environments: list[Reviewed], changed: list[Line], before: Synthesis, after: Synthesis
) -> list[Reviewed]:
    """Return the environments with the line that causes each finding."""
    found = []
    for each in environments:
        sides = [side.templates.get(each.name, {}) for side in (after, before)]
        places = {
            reason: where
            for reason, _ in each.placed
            if (where := place(reason, changed, environment=each.name, new=sides[0], old=sides[1]))
        }
        found.append(replace(each, places=places))
    return found


def _unsure(each: Reviewed, text: str) -> Reviewed:
    return replace(each, reasons=[*each.reasons, Reason("look", text)])
