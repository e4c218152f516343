"""Refuse what Cloud Run's documents forbid and its schema does not."""

import re
from collections.abc import Iterator

from infra.elsewhere.containers import work
from infra.parameters import PROXY_MIB, Environment, ImageByDigest, Worker

# MiB for each number of CPU units. https://docs.cloud.google.com/run/docs/configuring/services/cpu
SIZES = {1024: (512, 4096), 2048: (512, 8192), 4096: (2048, 16384), 8192: (4096, 32768)}
# https://docs.cloud.google.com/run/docs/configuring/concurrency
MOST_CONCURRENT = 1000
# https://docs.cloud.google.com/run/docs/configuring/healthchecks (startup probe: period times failures)
LONGEST_START_S = 240
# https://docs.cloud.google.com/run/quotas
MOST_CONTAINERS = 10
# https://docs.cloud.google.com/run/docs/configuring/services/labels
_LABEL_KEY, _LABEL_VALUE = r"[a-z][a-z0-9_-]{0,62}", r"[a-z0-9_-]{0,63}"
# https://docs.cloud.google.com/run/docs/deploying#images; a name without a registry is Docker Hub's.
_PULLED = re.compile(
    r"([a-z0-9-]+-docker\.pkg\.dev|([a-z]+\.)?gcr\.io|docker\.io)/.+|[^/.:]+(/[^/]+)?(:[^/]+)?"
)
# https://docs.cloud.google.com/run/docs/container-contract#env-vars
_SET_BY_GOOGLE = re.compile("K_(SERVICE|REVISION|CONFIGURATION)|CLOUD_RUN_.+|X_GOOGLE_.+")


def slots(environment: Environment) -> int:
    """Return how many requests an instance works on at once."""
    return environment.tasks.gunicorn_workers * environment.tasks.gunicorn_threads


def proxy_mib(environment: Environment) -> int:
    """Return the proxy's memory: files are memory there, and so are the bodies that it collects in them."""
    wanted = PROXY_MIB[environment.proxy] + slots(environment) * environment.max_body_mib
    return -(-max(wanted, 128) // 64) * 64


def web_mib(environment: Environment) -> int:
    """Return what is left of the memory for the service."""
    others = sum(each.memory_mib for each in environment.sidecars)
    return environment.tasks.memory_mib - proxy_mib(environment) - others


def cloud_run_problems(environment: Environment) -> Iterator[str]:
    """Yield a sentence for each value that Cloud Run does not take."""
    tasks = environment.tasks
    if environment.name.endswith("-"):
        yield f"name is '{environment.name}', but a service of Cloud Run ends in a letter or digit: rename it"
    if tasks.cpu < min(SIZES):
        yield (
            f"tasks.cpu is {tasks.cpu}, but below one vCPU Cloud Run gives an instance one request at a "
            "time: set cpu to 1024 and memory_mib to 2048"
        )
    elif tasks.cpu not in SIZES:
        yield f"tasks.cpu is {tasks.cpu}, but Cloud Run has {', '.join(map(str, SIZES))}: choose one"
    else:
        low, high = SIZES[tasks.cpu]
        if not low <= tasks.memory_mib <= high:
            yield (
                f"tasks.memory_mib is {tasks.memory_mib}, but with cpu {tasks.cpu} Cloud Run has {low} to "
                f"{high}: choose one of them"
            )
        yield from _memory(environment)
    if slots(environment) > MOST_CONCURRENT:
        yield (
            f"tasks.workers times tasks.threads is {slots(environment)}, but an instance of Cloud Run takes "
            f"{MOST_CONCURRENT} requests at once: lower one of them"
        )
    if environment.health_check.grace_s > LONGEST_START_S:
        yield (
            f"health_check.grace_s is {environment.health_check.grace_s}, but Cloud Run gives an instance "
            f"{LONGEST_START_S} s to start: set it to {LONGEST_START_S} or less"
        )
    if len(environment.sidecars) + 2 > MOST_CONTAINERS:
        yield (
            f"sidecars has {len(environment.sidecars)}, but an instance of Cloud Run has {MOST_CONTAINERS} "
            "containers with web and proxy: remove some"
        )
    yield from _images(environment)
    yield from _names(environment)
    yield from _work(environment)


def _work(environment: Environment) -> Iterator[str]:
    for path, each in work(environment):
        if each.name.endswith("-"):
            yield f"{path}.name is '{each.name}', but names of Cloud Run end in a letter or digit: rename it"
        if isinstance(each, Worker) and each.min != each.max:
            # https://docs.cloud.google.com/run/docs/configuring/workerpools/manual-scaling
            yield (
                f"{path}.max is {each.max} and min {each.min}, but a worker pool of Cloud Run has a fixed "
                "number of instances: set both to the same"
            )
        if each.cpu and each.memory_mib:
            low, high = SIZES.get(each.cpu, (0, 0))
            if not low <= each.memory_mib <= high:
                yield (
                    f"{path}.cpu is {each.cpu} and memory_mib {each.memory_mib}, but Cloud Run has these: "
                    + ", ".join(f"{cpu} with {least} to {most}" for cpu, (least, most) in SIZES.items())
                    + "; choose one of them"
                )


def _memory(environment: Environment) -> Iterator[str]:
    needed = environment.tasks.needed_mib(environment.max_body_mib)
    needed += slots(environment) * environment.max_body_mib
    short = needed - web_mib(environment)
    if short > 0:
        yield (
            f"tasks.memory_mib is {environment.tasks.memory_mib}, but files are memory on Cloud Run, where "
            f"{slots(environment)} bodies of max_body_mib {environment.max_body_mib} need {short} MiB more: "
            "raise memory_mib, or lower tasks.threads or max_body_mib"
        )


def _images(environment: Environment) -> Iterator[str]:
    image = environment.image
    given = {f"sidecars has '{each.name}' with the image": each.image for each in environment.sidecars}
    if isinstance(image, ImageByDigest):
        given["image.repository is"] = image.repository
    for what, name in given.items():
        if not _PULLED.fullmatch(name.partition("@")[0]):
            yield (
                f"{what} '{name}', but Cloud Run pulls from Artifact Registry and Docker Hub alone: push it "
                "to REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME"
            )


def _names(environment: Environment) -> Iterator[str]:
    for kind, names in (("variables", environment.variables), ("secrets", environment.secrets)):
        for name in names:
            if _SET_BY_GOOGLE.fullmatch(name):
                yield f"{kind} has {name}, which Cloud Run sets by itself: remove it"
    for key, value in environment.tags.items():
        if not (re.fullmatch(_LABEL_KEY, key) and re.fullmatch(_LABEL_VALUE, value)):
            yield (
                f"tags has {key!r}: {value!r}, but labels of Google Cloud are of at most 63 lower-case "
                "letters, digits, '_' and '-': write it so"
            )
