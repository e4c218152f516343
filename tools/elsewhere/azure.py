"""Say what to run for a container app of Azure, with the fewest rights."""

import shlex
from pathlib import Path

from infra.elsewhere import Images
from infra.parameters import Azure, Environment
from tools.elsewhere.azure_once import once
from tools.elsewhere.images import building
from tools.elsewhere.steps import Step

# Until it has ended; Azure's CLI has no option for that.
_WAIT = (
    "run=$(az containerapp job start --name {job} {group} --query name --output tsv) && while state=$(az "
    'containerapp job execution show --name {job} {group} --job-execution-name "$run" --query '
    'properties.status --output tsv) && [ "$state" = Running -o "$state" = Processing ]; do sleep 5; done; '
    '[ "$state" = Succeeded ]'
)


def azure_steps(
    environment: Environment, place: Azure, made: Images, *, app: Path, job: Path | None
) -> list[Step]:
    """Return the steps, from an empty resource group to the removal."""
    name, group = f"web-{environment.name}", _group(place)
    return [
        *once(place, name, group),
        Step(
            title="ask Azure what would change",
            lines=[f"az deployment group what-if {group} --template-file {shlex.quote(str(app))}"],
            when="review",
        ),
        Step(
            title="build and push the images",
            lines=[
                f"az acr login --name {place.registry} --subscription {place.subscription}",
                *building(environment, made),
            ],
        ),
        *_release(name, group, job),
        Step(title="deploy the app", lines=[_deploy(group, name, app)]),
        *_protect(environment, name, group),
        *_afterwards(environment, name, group),
    ]


def _group(place: Azure) -> str:
    return f"--resource-group {shlex.quote(place.resource_group)} --subscription {place.subscription}"


def _deploy(group: str, name: str, file: Path) -> str:
    template = f"--template-file {shlex.quote(str(file))}"
    return f"az deployment group create {group} --name {name} {template} --output none"


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


def _afterwards(environment: Environment, name: str, group: str) -> list[Step]:
    app = f"--name {name} {group}"
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
                f"az containerapp revision list {app} --all --output table",
                f"az containerapp revision copy {app} --from-revision REVISION",
            ],
            when="afterwards",
        ),
        Step(
            title="days to keep the log: name the workspace of the environment",
            lines=[f"az monitor log-analytics workspace update --workspace-name WORKSPACE {group} {days}"],
            when="afterwards",
        ),
        Step(
            title="removal; images, secrets and the environment stay",
            lines=[
                *([unlock] if environment.removal == "retain" else []),
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
