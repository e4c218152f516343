"""Say what to run for a service of Cloud Run, with the fewest rights."""

import shlex
from pathlib import Path

from infra.elsewhere import Images, account
from infra.parameters import Environment, Google
from tools.elsewhere import google_work
from tools.elsewhere.files import Files
from tools.elsewhere.images import building
from tools.elsewhere.steps import Step, unless


def google_steps(environment: Environment, place: Google, made: Images, *, files: Files) -> list[Step]:
    """Return the steps, from an empty project to the removal."""
    name, gcloud, there = f"web-{environment.name}", Gcloud(place), f"--region {place.region}"
    service, workers = shlex.quote(str(files.service)), google_work.pools(files, gcloud, there)
    return [
        *_once(environment, place, gcloud),
        *google_work.once(environment, place, gcloud),
        Step(
            title="ask Google whether it takes the manifest",
            lines=[gcloud(f"run services replace {service} {there} --dry-run")],
            when="review",
        ),
        Step(
            title="build and push the images",
            lines=[
                f"gcloud auth configure-docker {place.region}-docker.pkg.dev --quiet",
                *building(environment, made),
            ],
        ),
        *_release(environment, gcloud, there, files.release),
        Step(
            title="deploy the service and its workers" if workers else "deploy the service",
            lines=[gcloud(f"run services replace {service} {there}"), *workers],
        ),
        *google_work.jobs(environment, place, files, gcloud),
        *_afterwards(environment, gcloud, name, there),
        *google_work.afterwards(environment, place, gcloud),
        _removal(environment, place, gcloud, name),
    ]


class Gcloud:
    """Writes lines for gcloud that name the project, so that no configuration of a machine decides."""

    def __init__(self, place: Google) -> None:
        self._project = place.project

    def __call__(self, words: str) -> str:
        """Return the line."""
        return f"gcloud {words} --project {self._project} --quiet"


def _once(environment: Environment, place: Google, gcloud: Gcloud) -> list[Step]:
    who = account(environment, place)
    grants = [
        gcloud(
            f"secrets add-iam-policy-binding {secret} --member serviceAccount:{who} "
            "--role roles/secretmanager.secretAccessor --condition None"
        )
        for secret in dict.fromkeys(each.name for each in place.secrets.values())
    ]
    asked = [
        gcloud(f"secrets versions describe {each.version} --secret {each.name}")
        for each in place.secrets.values()
    ]
    interfaces = " ".join(
        f"{each}.googleapis.com" for each in ("run", "artifactregistry", "secretmanager", "monitoring")
    )
    repository = f"{place.repository} --location {place.region}"
    steps = [
        Step(
            title="the interfaces that it needs",
            lines=[gcloud(f"services enable {interfaces}")],
            when="once",
        ),
        Step(
            title="a repository for images",
            lines=[
                unless(
                    gcloud(f"artifacts repositories describe {repository}"),
                    gcloud(f"artifacts repositories create {repository} --repository-format docker"),
                ),
            ],
            when="once",
        ),
        Step(
            title="an account of its own, which may do nothing",
            lines=[
                unless(
                    gcloud(f"iam service-accounts describe {who}"),
                    gcloud(f"iam service-accounts create web-{environment.name}"),
                )
            ],
            when="once",
        ),
    ]
    if place.cloud_sql:
        owner = place.cloud_sql.partition(":")[0]
        may = f"--member serviceAccount:{who} --role roles/cloudsql.client --condition None"
        steps.append(
            Step(
                title="its right to reach the database",
                lines=[
                    gcloud("services enable sqladmin.googleapis.com"),
                    f"gcloud projects add-iam-policy-binding {owner} {may} --quiet",
                ],
                when="once",
            )
        )
    if place.secrets:
        first = next(iter(place.secrets.values())).name
        otherwise = f"store its value: printf %s VALUE | gcloud secrets create {first} --data-file -"
        steps.append(
            Step(
                title="its secrets, which it alone may read",
                lines=[*asked, *grants],
                when="once",
                otherwise=otherwise,
            )
        )
    return steps


def _release(environment: Environment, gcloud: Gcloud, there: str, job: Path | None) -> list[Step]:
    if not job:
        return []
    return [
        Step(
            title="run the release command; the old version serves on if it fails",
            lines=[
                gcloud(f"run jobs replace {shlex.quote(str(job))} {there}"),
                gcloud(f"run jobs execute web-{environment.name}-release {there} --wait"),
            ],
        )
    ]


def _afterwards(environment: Environment, gcloud: Gcloud, name: str, there: str) -> list[Step]:
    days = f"--retention-days {environment.log_days}"
    return [
        Step(
            title="its URL; then: make smoke URL=...",
            lines=[gcloud(f"run services describe {name} {there} --format 'value(status.url)'")],
            when="afterwards",
        ),
        Step(title="its log", lines=[gcloud(f"run services logs read {name} {there}")], when="afterwards"),
        Step(
            title="back to an older revision: list them, then name one in place of REVISION",
            lines=[
                gcloud(f"run revisions list --service {name} {there}"),
                gcloud(f"run services update-traffic {name} {there} --to-revisions REVISION=100"),
            ],
            when="afterwards",
        ),
        Step(
            title="days to keep the log, of the whole project",
            lines=[gcloud(f"logging buckets update _Default --location global {days}")],
            when="afterwards",
        ),
    ]


def _removal(environment: Environment, place: Google, gcloud: Gcloud, name: str) -> Step:
    there = f"--region {place.region}"
    return Step(
        title="removal; images and secrets stay",
        lines=[
            *google_work.removal(environment, place, gcloud),
            gcloud(f"run services delete {name} {there}"),
            *([gcloud(f"run jobs delete {name}-release {there}")] if environment.release_words else []),
        ],
        when="afterwards",
    )
