"""Say what a rollback would undo, and what of the release it leaves: commits, variables, migrations."""

from pathlib import Path
from typing import Any, TypedDict

from tools.operate import releases
from tools.operate.deployed import APP, Deployed
from tools.operate.masks import masked
from tools.review.commits import Repository
from tools.review.comparison import of_migrations
from tools.review.errors import ReviewError
from tools.review.migrations import revision

_ROOT = Path(__file__).resolve().parents[2]
_MOST = 20


class Undone(TypedDict):
    """Hold what a rollback undoes; `migrations` stay, `breaks` says why old code cannot live with them."""

    commits: list[str]
    variables: list[str]
    migrations: list[str]
    breaks: list[str]
    look: list[str]
    unknown: str


def undone(deployed: Deployed, current: str, wanted: str, *, root: Path = _ROOT) -> Undone:
    """Compare two task definitions, and the commits that `make deploy` has noted at them."""
    found = Undone(
        commits=[],
        variables=_variables(deployed.definition(current), deployed.definition(wanted)),
        migrations=[],
        breaks=[],
        look=[],
        unknown="",
    )
    commits = [releases.tags_of(deployed, each).get(releases.COMMIT, "") for each in (current, wanted)]
    if not all(commits):
        found["unknown"] = "a release was not deployed by `make deploy`, so its commit is not known"
        return found
    try:
        _commits(found, *(each.removesuffix(releases.CHANGED) for each in commits), root=root)
    except ReviewError as error:
        found["unknown"] = f"{error} (`git fetch` first?)"
    if any(each.endswith(releases.CHANGED) for each in commits):
        found["unknown"] = "a release had changes that were never committed"
    return found


def _commits(found: Undone, current: str, wanted: str, *, root: Path) -> None:
    repository = Repository(root)
    new, old = repository.head(current), repository.head(wanted)
    found["commits"] = repository.log(old, new)
    found["migrations"] = [
        path
        for path in repository.changed(old, new)
        if path.endswith(".py")
        and repository.file(old, path) is None
        and revision(path, repository.file(new, path) or "")
    ]
    reasons = [reason for each in of_migrations(repository, old, new) for reason in each.reasons]
    found["breaks"] = [each.text for each in reasons if each.level == "dangerous"]
    found["look"] = [each.text for each in reasons if each.level == "look"]


def _variables(current: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Return what changes for the app: variables, secrets and the task's size."""
    now, then = _settings(current), _settings(wanted)
    told = []
    for name in sorted(now.keys() | then.keys()):
        if name not in then:
            told.append(f"{name} goes away")
        elif name not in now:
            told.append(f"{name} is back")
        elif now[name] != then[name]:
            told.append(masked(f"{name}: {now[name]} → {then[name]}"))
    return told


def _settings(definition: dict[str, Any]) -> dict[str, str]:
    web = next(each for each in definition["containerDefinitions"] if each["name"] == APP)
    found = {each["name"]: each["value"] for each in web.get("environment", []) if each["name"] != "VERSION"}
    found |= {each["name"]: each["valueFrom"] for each in web.get("secrets", [])}
    return {**found, "task's CPU": definition.get("cpu", ""), "task's memory": definition.get("memory", "")}


def lines(found: Undone) -> list[str]:
    """Return it in words, for the plan of a rollback."""
    told = []
    if found["commits"]:
        more = len(found["commits"]) - _MOST
        shown = [f"  {each}" for each in found["commits"][:_MOST]] + (
            [f"  and {more} more"] if more > 0 else []
        )
        told += ["Undoes these commits:", *shown]
    if found["variables"]:
        told += ["Variables of the app:", *(f"  {each}" for each in found["variables"])]
    if found["migrations"]:
        told += ["These migrations stay, because a rollback changes no database:"]
        told += [f"  {each}" for each in found["migrations"]]
    if found["breaks"]:
        told += ["The old code CANNOT live with them:", *(f"  {each}" for each in found["breaks"])]
    elif found["look"]:
        told += ["Whether the old code can live with them, look:", *(f"  {each}" for each in found["look"])]
    elif found["migrations"]:
        told += ["The old code can live with them."]
    if found["unknown"]:
        told += [f"Commits and migrations: not known for sure, {found['unknown']}."]
    elif not found["migrations"] and not found["breaks"]:
        told += ["No migration lies between them."]
    return told
