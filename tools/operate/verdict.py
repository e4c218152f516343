"""Judge a deploy before it begins: what is deployed against what would be, as `make review` does."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tools.operate import releases
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError
from tools.review import strategy
from tools.review.commits import Repository
from tools.review.comparison import of_migrations
from tools.review.errors import ReviewError
from tools.review.reasons import Reason, Verdict, worst
from tools.review.verdict import Pair, judgements
from tools.summary import monthly

_ROOT = Path(__file__).resolve().parents[2]
_NOTHING: dict[str, Any] = {"Resources": {}}


class Judged(NamedTuple):
    """The verdict and its reasons; `first` where nothing is deployed yet.

    `usd` is what a month costs at list prices, before and after, with the fewest and the most tasks.
    """

    verdict: Verdict
    reasons: list[Reason]
    first: bool
    usd: tuple[str, str] = ("", "")


def judged(deployed: Deployed, assembly: Path, *, root: Path = _ROOT) -> Judged:
    """Compare the stacks of an environment as AWS has them with those of a synth."""
    names = [name for name in (f"Data-{deployed.environment}", deployed.stack) if _made(assembly, name)]
    there = {name: now(deployed, name) for name in names}
    where = f"aws://unknown-account/{deployed.session.region_name}"
    pairs = [
        Pair(there[name] or _NOTHING, json.loads(_file(assembly, name).read_text()), where) for name in names
    ]
    # Of what is not there yet, nothing can be lost.
    differing = [pair for pair in pairs if pair.old not in (_NOTHING, pair.new)]
    reasons = [
        reason
        for pair, judgement in zip(differing, judgements(differing) if differing else [], strict=True)
        for reason in (*judgement.reasons, *strategy.reasons(pair.old, pair.new))
    ]
    first = not there[deployed.stack]
    reasons += [] if first else _migrations(deployed, root)
    region = str(deployed.session.region_name)
    usd = _a_month(list(there.values()), region), _a_month([pair.new for pair in pairs], region)
    return Judged(worst(each.level for each in reasons), reasons, first, usd)


def _a_month(templates: list[dict[str, Any]], region: str) -> str:
    """Return the bounds of a month's cost; nothing for templates whose cost no list knows."""
    whole = {key: value for each in templates for key, value in each.items()}
    whole["Resources"] = {
        name: made for each in templates for name, made in each.get("Resources", {}).items()
    }
    try:
        return monthly(whole, region=region) if whole["Resources"] else ""
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return ""


def _migrations(deployed: Deployed, root: Path) -> list[Reason]:
    """Return what to think of the revisions since the commit that is deployed, where that is known."""
    try:
        tags = releases.tags_of(deployed, deployed.service()["taskDefinition"])
        commit = tags.get(releases.COMMIT, "").removesuffix(releases.CHANGED)
        if not commit:
            return []
        repository = Repository(root)
        changed = of_migrations(repository, repository.head(commit), repository.head(None))
    except (ReviewError, NotDeployedError):
        return []
    return [reason for each in changed for reason in each.reasons]


def now(deployed: Deployed, stack: str) -> dict[str, Any]:
    """Return the template that is deployed; nothing where there is none, or a change set alone."""
    try:
        body = deployed.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        return {}
    return dict(body) if body else {}


def _file(assembly: Path, stack: str) -> Path:
    return assembly / f"{stack}.template.json"


def _made(assembly: Path, stack: str) -> bool:
    return _file(assembly, stack).exists()
