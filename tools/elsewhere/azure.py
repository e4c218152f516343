"""Say what to run for a container app of Azure, with the fewest rights."""

import shlex
from pathlib import Path

from infra.elsewhere import Images
from infra.parameters import Azure, Environment
from tools.elsewhere.azure_once import once
from tools.elsewhere.files import Files
from tools.elsewhere.images import building
from tools.elsewhere.steps import Step

# Until it has ended; Azure's CLI has no option for that.
_WAIT = (
    "run=$(az containerapp job start --name {job} {group} --query name --output tsv) && while state=$(az "
    'containerapp job execution show --name {job} {group} --job-execution-name "$run" --query '
    'properties.status --output tsv) && [ "$state" = Running -o "$state" = Processing ]; do sleep 5; done; '
    '[ "$state" = Succeeded ]'
)


def azure_steps(environment: Environment, place: Azure, made: Images, *, files: Files) -> list[Step]:
    """Return the steps, from an empty resource group to the removal."""
    name, group = f"web-{environment.name}", _group(place)
    return [
        *once(place, name, group),
        Step(
            title="ask Azure what would change",
            lines=[
                f"az deployment group what-if {group} --template-file {shlex.quote(str(each))}"
                for each in (files.service, *files.workers.values(), *files.jobs.values())
            ],
            when="review",
        ),
        Step(
            title="build and push the images",
            lines=[
                f"az acr login --name {place.registry} --subscription {place.subscription}",
                *building(environment, made),
            ],
        ),
        *_release(name, group, files.release),
        Step(
            title="deploy the app and its workers" if files.workers else "deploy the app",
            lines=[_deploy(group, name, files.service), *_all(files.workers, name, group)],
        ),
        *([Step(title="deploy the jobs", lines=_all(files.jobs, name, group))] if files.jobs else []),
        *_protect(environment, name, group),
        *_afterwards(environment, name, group),
    ]


def _group(place: Azure) -> str:
    return f"--resource-group {shlex.quote(place.resource_group)} --subscription {place.subscription}"


def _deploy(group: str, name: str, file: Path) -> str:
    template = f"--template-file {shlex.quote(str(file))}"
    return f"az deployment group create {group} --name {name} {template} --output none"


def _all(files: dict[str, Path], name: str, group: str) -> list[str]:
    return [_deploy(group, f"{name}-{each}", file) for each, file in files.items()]


def _release(name: str, group: str, job: Path | None) -> list[Step]:
    if not job:
        return []
    return [
        Step(
            title="run the release command; the old version serves on if it fails",
            lines=[_deploy(group, f"{name}-release", job), _WAIT.format(job=f"{name}-release", group=group)],
        )
    ]


def _protect(environment: Environment, name: str, group: str) -> list[Step]:
    if environment.removal != "retain":
        return []
    where = f"--resource-type Microsoft.App/containerApps --resource {name} {group}"
    return [
        Step(
            title="a lock, since removal is 'retain'",
            lines=[f"az lock create --name keep --lock-type CanNotDelete {where} --output none"],
        )
    ]


def _work_afterwards(environment: Environment, name: str, group: str) -> list[Step]:
    logs = [
        f"az containerapp logs show --name {name}-{each.name} {group} --container {each.name} --tail 100"
        for each in environment.workers
    ]
    runs = [
        line
        for each in environment.jobs
        for line in (
            f"az containerapp job execution list --name {name}-{each.name} {group} --output table",
            f"az containerapp job start --name {name}-{each.name} {group} --output none",
        )
    ]
    return [
        *([Step(title="the workers' logs", lines=logs, when="afterwards")] if logs else []),
        *([Step(title="the jobs' runs, and one more now", lines=runs, when="afterwards")] if runs else []),
    ]


def _afterwards(environment: Environment, name: str, group: str) -> list[Step]:
    app = f"--name {name} {group}"
    workers = [f"{name}-{each.name}" for each in environment.workers]
    jobs = [f"{name}-{each.name}" for each in environment.jobs]
    days = f"--retention-time {max(30, environment.log_days)}"  # Azure keeps no less
    unlock = (
        f"az lock delete --name keep --resource-type Microsoft.App/containerApps --resource {name} {group}"
    )
    return [
        Step(
            title="its host name; then: make smoke URL=https://...",
            lines=[f"az containerapp show {app} --query properties.configuration.ingress.fqdn --output tsv"],
            when="afterwards",
        ),
        Step(
            title="its log",
            lines=[f"az containerapp logs show {app} --container web --tail 100"],
            when="afterwards",
        ),
        Step(
            title="back to an older revision: list them, then name one in place of REVISION",
            lines=[
                line
                for each in (name, *workers)
                for line in (
                    f"az containerapp revision list --name {each} {group} --all --output table",
                    f"az containerapp revision copy --name {each} {group} --from-revision REVISION",
                )
            ],
            when="afterwards",
        ),
        *_work_afterwards(environment, name, group),
        Step(
            title="days to keep the log: name the workspace of the environment",
            lines=[f"az monitor log-analytics workspace update --workspace-name WORKSPACE {group} {days}"],
            when="afterwards",
        ),
        Step(
            title="removal; images, secrets and the environment stay",
            lines=[
                *([unlock] if environment.removal == "retain" else []),
                *(f"az containerapp job delete --name {each} {group} --yes" for each in jobs),
                *(f"az containerapp delete --name {each} {group} --yes" for each in workers),
                f"az containerapp delete {app} --yes",
                *(
                    [f"az containerapp job delete --name {name}-release {group} --yes"]
                    if environment.release_words
                    else []
                ),
            ],
            when="afterwards",
        ),
    ]
