"""Refuse what the documents of Container Apps forbid and their schema does not."""

import re
from collections.abc import Iterator

from infra.elsewhere.containers import work
from infra.parameters import PROXY_MIB, Domain, Environment

# https://learn.microsoft.com/en-us/azure/container-apps/containers (Consumption: vCPU and twice as many GiB)
MOST_CPU = 4096
MIB_PER_CPU_UNIT = 2
# https://learn.microsoft.com/en-us/azure/container-apps/health-probes
LONGEST_PERIOD_S, MOST_FAILURES = 240, 10
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules
_LONGEST_NAME = 32
# In hundredths of a vCPU.
_STEP, _PROXY_PERCENT = 5, 20
# https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/tag-resources
_SECRET = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_NOT_IN_TAGS = re.compile(r"[<>%&\\?/]")


def secret_name(variable: str) -> str:
    """Return what a secret variable is called among the app's secrets."""
    return variable.lower().replace("_", "-")


def shares(environment: Environment) -> dict[str, int]:
    """Return the CPU of each container in hundredths of a vCPU; each has twice as many GiB of memory."""
    total = environment.tasks.cpu * 100 // 1024
    wanted = {each.name: each.memory_mib for each in environment.sidecars}
    made = {name: _hundredths(mib) for name, mib in wanted.items()}
    made["proxy"] = max(_up(total * _PROXY_PERCENT // 100), _hundredths(PROXY_MIB[environment.proxy]))
    return {**made, "web": total - sum(made.values())}


def _hundredths(mib: int) -> int:
    return _up(-(-mib * 100 // (MIB_PER_CPU_UNIT * 1024)))


def _up(hundredths: int) -> int:
    return -(-hundredths // _STEP) * _STEP


def container_app_problems(environment: Environment) -> Iterator[str]:
    """Yield a sentence for each value that Container Apps do not take."""
    tasks = environment.tasks
    if environment.name.endswith("-") or "--" in environment.name:
        yield (
            f"name is '{environment.name}', but a container app has no '--' in its name and no '-' at its "
            "end: rename it"
        )
    if tasks.cpu > MOST_CPU:
        yield f"tasks.cpu is {tasks.cpu}, but a replica of Container Apps has {MOST_CPU} at most: lower it"
    elif tasks.memory_mib != tasks.cpu * MIB_PER_CPU_UNIT:
        yield (
            f"tasks.memory_mib is {tasks.memory_mib}, but with cpu {tasks.cpu} Container Apps give exactly "
            f"{tasks.cpu * MIB_PER_CPU_UNIT}: set memory_mib to that"
        )
    else:
        yield from _memory(environment)
    yield from _probes(environment)
    yield from _names(environment)
    yield from _work(environment)
    if environment.domain:
        yield from _domain(environment.domain)


def _probes(environment: Environment) -> Iterator[str]:
    check, longest = environment.health_check, LONGEST_PERIOD_S * MOST_FAILURES
    if check.grace_s > longest:
        yield (
            f"health_check.grace_s is {check.grace_s}, but Container Apps wait {longest} s for a start: set "
            "it to that or less"
        )
    if check.interval_s > LONGEST_PERIOD_S:
        yield (
            f"health_check.interval_s is {check.interval_s}, but Container Apps probe every "
            f"{LONGEST_PERIOD_S} s at least: set it to that or less"
        )


def _names(environment: Environment) -> Iterator[str]:
    for key in environment.tags:
        if _NOT_IN_TAGS.search(key):
            yield f"tags has {key!r}, but names of Azure's tags have none of < > % & \\ ? / : rename it"
    for name in environment.all_secrets:
        if not _SECRET.fullmatch(secret_name(name)):
            yield (
                f"secrets has {name}, but Container Apps' names of secrets begin and end with a letter or a "
                "digit: rename it"
            )


def _work(environment: Environment) -> Iterator[str]:
    for path, each in work(environment):
        name = f"web-{environment.name}-{each.name}"
        if len(name) > _LONGEST_NAME or "--" in name or name.endswith("-"):
            yield (
                f"{path}.name is '{each.name}', which makes the name '{name}', but those of Container Apps "
                f"have {_LONGEST_NAME} characters at most, no '--', and no '-' at the end: choose another"
            )
        if each.cpu and not (each.cpu <= MOST_CPU and each.memory_mib == each.cpu * MIB_PER_CPU_UNIT):
            yield (
                f"{path}.cpu is {each.cpu} and memory_mib {each.memory_mib}, but Container Apps have "
                f"{MOST_CPU} at most, each with {MIB_PER_CPU_UNIT} MiB: choose such a pair"
            )


def _domain(domain: Domain) -> Iterator[str]:
    for name in domain.names:
        if name.startswith("*"):
            yield (
                f"domain.aliases has '{name}', but Azure makes no certificate for a wildcard: name each host"
            )


def _memory(environment: Environment) -> Iterator[str]:
    needed = environment.tasks.needed_mib(environment.max_body_mib)
    web = shares(environment)["web"] * MIB_PER_CPU_UNIT * 1024 // 100
    if needed > web:
        yield (
            f"tasks.memory_mib is {environment.tasks.memory_mib}, of which Container Apps leave the service "
            f"{web} MiB beside the proxy and sidecars, but it needs {needed}: raise tasks.cpu and "
            "memory_mib, or lower workers or threads"
        )
