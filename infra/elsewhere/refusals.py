"""Refuse what a place cannot do, in the names that the team has written; and tell what it does otherwise."""

from collections.abc import Iterator

from infra.elsewhere.cloud_run_limits import cloud_run_problems
from infra.elsewhere.container_app_limits import container_app_problems
from infra.elsewhere.differences import Difference, differences
from infra.elsewhere.edge_limits import edge_problems
from infra.elsewhere.schedule import ScheduleError, five_fields
from infra.elsewhere.timeouts import CLOUD_RUN_STOP_S, timeouts
from infra.parameters import Environment, ExistingDatabase, Google, ImageByDigest, Place


class RefusedError(ValueError):
    """An environment that a place cannot have; a sentence for each reason."""

    def __init__(self, environment: Environment, place: Place, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(f"{environment.name} cannot be on {place.title}:\n" + "\n".join(sentences))


def refuse(environment: Environment, place: Place) -> None:
    """Raise RefusedError, with every reason, unless the place can have the environment."""
    if sentences := list(refusals(environment, place)):
        raise RefusedError(environment, place, sentences)


def refusals(environment: Environment, place: Place) -> Iterator[str]:
    """Yield a sentence that names the field, for each thing that the place cannot do."""
    for each in differences(environment, place):
        if each.fate.kind == "refused":
            yield f"{_said(each, place)}, {each.fate.words}"
        elif each.fate.kind == "edge" and not place.edge:
            kind = type(place).__name__
            yield (
                f"{_said(each, place)}, {each.fate.words}: set {kind}(edge=True), which puts "
                f"it in front, or leave {each.path} at its default"
            )
    yield from _common(environment, place)
    if place.edge:
        yield from edge_problems(environment, place)
    yield from (cloud_run_problems if isinstance(place, Google) else container_app_problems)(environment)


def notes(environment: Environment, place: Place) -> Iterator[str]:
    """Yield what is not carried over, each with what is there instead, and whose requests may be cut."""
    for each in differences(environment, place):
        if each.fate.kind == "told":
            yield f"{each.path} is not carried over: {each.fate.words}"
        if each.fate.kind == "edge" and place.edge:
            yield f"{each.path} is the edge's: web-{environment.name}.edge has it"
    if warning := timeouts(environment, place).warning:
        yield warning
    for number, worker in enumerate(environment.workers):
        if isinstance(place, Google) and worker.longest_job_s >= CLOUD_RUN_STOP_S:
            yield (
                f"workers[{number}].longest_job_s is {worker.longest_job_s}, and an instance of Cloud Run "
                f"ends {CLOUD_RUN_STOP_S} s after SIGTERM: longer work is cut, so let it be done again"
            )


def _said(each: Difference, place: Place) -> str:
    return f"{each.path} is {each.shown}, but this is {place.title}"


def _common(environment: Environment, place: Place) -> Iterator[str]:
    longest = timeouts(environment, place).longest_allowed_s
    if environment.longest_request_s > longest:
        yield (
            f"longest_request_s is {environment.longest_request_s}, but {place.title} ends a request after "
            f"{longest} s: set it to {longest} or less"
        )
    if isinstance(environment.image, ImageByDigest) and environment.tasks.architecture != "X86_64":
        yield (
            f"tasks.architecture is '{environment.tasks.architecture}' and image is given by its digest, but "
            f"{place.title} runs linux/amd64 alone: give an image for it, and set architecture to 'X86_64'"
        )
    yield from _codes(environment, place)
    if (
        isinstance(place, Google)
        and place.cloud_sql
        and not isinstance(environment.database, ExistingDatabase)
    ):
        shown = type(environment.database).__name__ if environment.database else "None"
        yield (
            f"database is {shown}, but Google(cloud_sql='{place.cloud_sql}') needs "
            "the name and the user of one: set database to ExistingDatabase"
        )
    yield from _secrets(environment, place)
    yield from _schedules(environment)


def _schedules(environment: Environment) -> Iterator[str]:
    for number, job in enumerate(environment.jobs):
        try:
            five_fields(job.schedule)
        except ScheduleError as error:
            yield f"jobs[{number}].schedule is '{job.schedule}', but {error}"


def _codes(environment: Environment, place: Place) -> Iterator[str]:
    codes = environment.health_check.codes
    numbers = [int(number) for part in codes.split(",") for number in part.split("-")]
    if min(numbers) < 200 or max(numbers) > 399:
        yield (
            f"health_check.codes is '{codes}', but to {place.title} 200 to 399 are healthy and no others: "
            "choose some of them"
        )


def _secrets(environment: Environment, place: Place) -> Iterator[str]:
    kind = type(place).__name__
    example = (
        'GoogleSecret(name="web-{env}-{name}", version="1")'
        if isinstance(place, Google)
        else 'KeyVaultSecret(vault="...", name="{name}", version="...")'
    )
    for name, choice in environment.all_secrets.items():
        if name not in place.secrets:
            written = example.format(env=environment.name, name=name.lower().replace("_", "-"))
            yield (
                f"secrets has {name}, a {type(choice).__name__}, which is AWS's: say where its value is, "
                f'by {kind}(secrets={{"{name}": {written}}})'
            )
    for name in place.secrets:
        if name not in environment.all_secrets:
            yield (
                f"{kind}(secrets=...) has {name}, which is in no secrets of {environment.name}: remove it, "
                "or add it to the environment's secrets"
            )
