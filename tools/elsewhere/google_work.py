"""Say what to run for worker pools and jobs of Cloud Run, and for the schedules that start these."""

import shlex
from collections.abc import Callable

from infra.elsewhere import cloud_schedule, starter
from infra.parameters import Environment, Google, Job
from tools.elsewhere.files import Files
from tools.elsewhere.steps import Step, unless

_BACK = "--to-revisions REVISION=100"
# Writes a line that names the project.
Writer = Callable[[str], str]


def once(environment: Environment, place: Google, gcloud: Writer) -> list[Step]:
    """Return what jobs need before the first deployment: an interface, and an account that starts them."""
    if not environment.jobs:
        return []
    who = starter(environment, place)
    return [
        Step(
            title="an account that starts the jobs, and may do nothing else",
            lines=[
                gcloud("services enable cloudscheduler.googleapis.com"),
                unless(
                    gcloud(f"iam service-accounts describe {who}"),
                    gcloud(f"iam service-accounts create {who.partition('@')[0]}"),
                ),
            ],
            when="once",
        )
    ]


def pools(files: Files, gcloud: Writer, there: str) -> list[str]:
    """Return the lines that deploy the workers."""
    return [
        gcloud(f"run worker-pools replace {shlex.quote(str(file))} {there}")
        for file in files.workers.values()
    ]


def jobs(environment: Environment, place: Google, files: Files, gcloud: Writer) -> list[Step]:
    """Return what deploys the jobs and their schedules, and what lets these start them."""
    if not environment.jobs:
        return []
    there, who = f"--region {place.region}", starter(environment, place)
    replaced = [gcloud(f"run jobs replace {shlex.quote(str(file))} {there}") for file in files.jobs.values()]
    # A right on each job alone, which can only be given once the job is there.
    granted = [
        gcloud(
            f"run jobs add-iam-policy-binding {_name(environment, job.name)} {there} "
            f"--member serviceAccount:{who} --role roles/run.invoker"
        )
        for job in environment.jobs
    ]
    return [
        Step(title="deploy the jobs", lines=replaced),
        Step(
            title="say when the jobs start",
            lines=[_scheduled(each, environment, place, gcloud) for each in environment.jobs],
        ),
        Step(title="let their schedules start the jobs", lines=granted, when="first"),
    ]


def afterwards(environment: Environment, place: Google, gcloud: Writer) -> list[Step]:
    """Return what to do with workers and jobs once they are there."""
    there, steps = f"--region {place.region}", list[Step]()
    if environment.workers:
        names = [_name(environment, each.name) for each in environment.workers]
        steps += [
            Step(
                title="the workers' logs",
                lines=[gcloud(f"run worker-pools logs read {name} {there} --limit 100") for name in names],
                when="afterwards",
            ),
            Step(
                title="the workers back, with the service: list their revisions, then name one",
                lines=[
                    line
                    for name in names
                    for line in (
                        gcloud(f"run worker-pools revisions list --worker-pool {name} {there}"),
                        gcloud(f"run worker-pools update-instance-split {name} {there} {_BACK}"),
                    )
                ],
                when="afterwards",
            ),
        ]
    if environment.jobs:
        names = [_name(environment, each.name) for each in environment.jobs]
        steps += [
            Step(
                title="the jobs' runs, and one more now",
                lines=[
                    line
                    for name in names
                    for line in (
                        gcloud(f"run jobs executions list --job {name} {there}"),
                        gcloud(f"run jobs execute {name} {there} --wait"),
                    )
                ],
                when="afterwards",
            )
        ]
    return steps


def removal(environment: Environment, place: Google, gcloud: Writer) -> list[str]:
    """Return the lines that remove workers and jobs: the schedules first, so that nothing starts any more."""
    there = f"--region {place.region}"
    jobs, workers = environment.jobs, environment.workers
    return [
        *(
            gcloud(f"scheduler jobs delete {_name(environment, each.name)} --location {place.region}")
            for each in jobs
        ),
        *(gcloud(f"run jobs delete {_name(environment, each.name)} {there}") for each in jobs),
        *(gcloud(f"run worker-pools delete {_name(environment, each.name)} {there}") for each in workers),
    ]


def _name(environment: Environment, name: str) -> str:
    return f"web-{environment.name}-{name}"


def _scheduled(job: Job, environment: Environment, place: Google, gcloud: Writer) -> str:
    """Return the line that makes or changes the schedule; gcloud has no one command for both."""
    wanted = cloud_schedule(job, environment, place)
    target, retry = wanted["httpTarget"], wanted["retryConfig"]
    there = f"{_name(environment, job.name)} --location {place.region}"
    what = (
        f"http {there} --schedule {shlex.quote(wanted['schedule'])} --time-zone {wanted['timeZone']} "
        f"--uri {target['uri']} --http-method {target['httpMethod'].lower()} "
        f"--oauth-service-account-email {target['oauthToken']['serviceAccountEmail']} "
        f"--max-retry-attempts {retry['retryCount']} --max-retry-duration {retry['maxRetryDuration']}"
    )
    asked = gcloud(f"scheduler jobs describe {there}")
    update, create = (gcloud(f"scheduler jobs {verb} {what}") for verb in ("update", "create"))
    return f"if {asked} > /dev/null 2>&1; then {update}; else {create}; fi"
