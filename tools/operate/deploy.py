"""Deploy what is here, to AWS or to the local cloud: the verdict first, then progress, then the way back."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypedDict

from botocore.exceptions import ClientError

from tools.environments import find
from tools.operate import releases, ship, why
from tools.operate.consent import agreed
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, OperateError, UsageError
from tools.operate.verdict import Judged, judged
from tools.show import console, error

_ROOT = Path(__file__).resolve().parents[2]
_LOG = _ROOT / ".local" / "deploy.log"
_SIGNS = {"no change": "·", "safe": "✓", "look": "?", "dangerous": "✗"}
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html: what a value may hold, and how much.
_ALLOWED = " +-=._:/@"
_LONGEST = 256

Outcome = Literal["deployed", "failed", "stopped", "nothing to do"]


class Deploy(TypedDict):
    """Hold what `make deploy` did; `before` and `version` are what the tasks call their releases."""

    outcome: Outcome
    verdict: str
    reasons: list[str]
    before: str
    version: str
    commit: str
    seconds: float
    url: str
    log: str


def deploy(
    deployed: Deployed,
    *,
    assembly: Path,
    accept: bool,
    fast: bool = False,
    token: str = "",
    url: str = "",
    roll_out: Callable[[Callable[[], bool]], bool] = lambda ship: ship(),
) -> int:
    """Deploy a synth; the exit code is 0 when it serves.

    `roll_out` gets the deploy itself: the local cloud has more to do before and after it. With `fast`
    CloudFormation does not learn of a change of containers alone.
    """
    if fast:
        _refuse_to_drift(deployed)
    found = judged(deployed, assembly)
    commit, subject = _commit()
    told = deployed.answer = Deploy(
        outcome="stopped",
        verdict="first deploy" if found.first else found.verdict,
        reasons=[f"{each.level}: {each.text}" for each in found.reasons],
        before="" if found.first else _version(deployed),
        version="",
        commit=commit,
        seconds=0,
        url="",
        log=str(_LOG),
    )
    _tell(deployed, found)
    if found.verdict == "dangerous":
        _insist(deployed, found, accept=accept, token=token)
    builds_with = "" if deployed.local else ship.builder(assembly, deployed.stack)
    if builds_with:
        console.print(f"Builds with {builds_with} (CDK_DOCKER={builds_with})")
    console.print(f"Release  {told['before'] or 'nothing'} → {commit[:9] or '?'} {subject}", markup=False)
    if found.usd[1]:
        before = f", {found.usd[0]} before" if found.usd[0] not in ("", found.usd[1]) else ""
        console.print(f"Costs    {found.usd[1]} USD a month at list prices{before}", markup=False)
    console.print(_last_took(deployed), markup=False)
    began = time.monotonic()
    done = roll_out(lambda: ship.ship(deployed, assembly, builds_with=builds_with, log=_LOG, fast=fast))
    told["seconds"] = round(time.monotonic() - began, 1)
    now = replace(deployed)
    back = f"ENV={deployed.environment}{' LOCAL=1' if deployed.local else ''}"
    if not done:
        told["outcome"] = "failed"
        error(f"Not deployed, after {told['seconds']:.0f} s. CDK's own words: {_LOG}")
        _say_why(now)
        return 1
    told |= {"outcome": "deployed", "version": _version(now), "url": url or now.output("Url")}
    _note(now, commit)
    if fast:
        console.print(
            "Drift    CloudFormation may still hold the release before, until a deploy without FAST=1"
        )
    console.print(
        f"[bold green]✓[/] {told['url']} serves {told['version']}, after {told['seconds']:.0f} s."
        f" Back: make rollback {back}"
    )
    return 0


def _tell(deployed: Deployed, found: Judged) -> None:
    if found.first:
        console.print(f"Review   {deployed.stack} is not there yet: a first deploy")
        return
    console.print(f"Review   {found.verdict}")
    for each in found.reasons:
        console.print(f"  {_SIGNS[each.level]} {each.text}", markup=False)


def _refuse_to_drift(deployed: Deployed) -> None:
    """Raise UsageError where what runs must be what CloudFormation knows."""
    if find(deployed.environment).removal == "retain":
        raise UsageError(
            f"FAST=1 leaves CloudFormation behind what runs, and {deployed.environment} is to stay"
            ' (removal="retain"): deploy it without FAST=1.'
        )


def _insist(deployed: Deployed, found: Judged, *, accept: bool, token: str) -> None:
    """Stop where a change is dangerous, unless a person accepts it."""
    reasons = [each.text for each in found.reasons if each.level == "dangerous"]
    if not accept:
        raise OperateError(
            f"Stopped before anything was changed: {len(reasons)} reason{'s' if len(reasons) > 1 else ''}"
            " above marked ✗. Change that, or accept it: ACCEPT=1."
        )
    plan = [f"{deployed.stack} is deployed although dangerous:", *reasons]
    agreed(deployed, "deploy", plan, token=token, given=["ACCEPT=1"])


def _version(deployed: Deployed) -> str:
    try:
        return deployed.version(deployed.service()["taskDefinition"])
    except (NotDeployedError, ClientError):
        return ""


def _last_took(deployed: Deployed) -> str:
    try:
        last = releases.past(deployed, most=1)
    except (NotDeployedError, ClientError):
        last = []
    if not last or last[0].took_s is None:
        return "Takes    some minutes the first time: the load balancer, then image and tasks"
    return f"Takes    about as long as the last one: its tasks were replaced in {last[0].took_s:.0f} s"


def _commit() -> tuple[str, str]:
    """Return the commit that is checked out, marked where files differ from it, with subject and author."""
    commit = ship.git("rev-parse", "HEAD")
    changed = releases.CHANGED if commit and ship.git("status", "--porcelain") else ""
    return commit + changed, ship.git("log", "-1", "--format=%s (%an)")


def _note(deployed: Deployed, commit: str) -> None:
    """Note commit, author and deployer at the task definition, for `make releases` and `make rollback`.

    One that is not new keeps the note of the commit that made it.
    """
    definition = deployed.service()["taskDefinition"]
    if not commit or releases.COMMIT in releases.tags_of(deployed, definition):
        return
    caller = deployed.client("sts").get_caller_identity()["Arn"].rpartition(":")[2]
    tags = {
        releases.COMMIT: commit,
        releases.AUTHOR: ship.git("log", "-1", "--format=%an"),
        releases.BY: f"{caller} {os.environ.get('USER', '')}".strip() if deployed.local else caller,
    }
    try:
        deployed.client("ecs").tag_resource(
            resourceArn=definition,
            tags=[{"key": key, "value": _tag(value)} for key, value in tags.items()],
        )
    except ClientError as refused:
        error(
            f"The release serves, but is not noted ({refused.response['Error']['Code']}): `make releases`"
            " lacks its commit. Whoever deploys needs ecs:TagResource."
        )


def _tag(text: str) -> str:
    kept = "".join(each if each.isalnum() or each in _ALLOWED else "_" for each in text)
    return kept[:_LONGEST]


def _say_why(deployed: Deployed) -> None:
    try:
        why.why(deployed)
    except NotDeployedError:
        console.print("CloudFormation has no such stack: the file says why.")
        for line in _LOG.read_text(errors="replace").splitlines()[-5:]:
            console.print(f"  {line}", markup=False)
