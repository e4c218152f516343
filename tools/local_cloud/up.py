"""Start the emulator, bootstrap, deploy and wait for the tasks (`make up`, `make deploy LOCAL=1`)."""

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tools.local_cloud import (
    cache,
    cdk,
    database,
    emulator_process,
    first_values,
    images,
    runner_process,
    running,
    services,
    status,
)
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner.autoscaling import MOST_SPEED
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State
from tools.show import console, step

# Deploys by the function that it is given, and tells whether every task serves.
Ship = Callable[[Callable[[], bool]], bool]
_STEADY_WITHIN_S = 60.0
# As a load balancer does, the emulator's answers 503 until its target group has a healthy target.
_ANSWERS_WITHIN_S = 15.0
_ASK_EVERY_S = 0.5
# Enough for templates, a copy of the app per version, and logs.
_NEEDED_MB = 100


def up(state: State, *, application: Path, environment: str, front_port: int, speed: int = 1) -> int:
    """Start what does not run, deploy, and print one URL that answers; return the exit code.

    In a second `speed` seconds of the autoscaler pass.
    """
    if not 0 <= speed <= MOST_SPEED:
        raise LocalCloudError(f"SPEED={speed} is not possible: choose 0, which stops it, to {MOST_SPEED}.")
    with state.locked("up"):
        _refuse_full_disk(state)
        known = _usable(state, environment)
        state.write("speed", speed)
        if known:
            console.print(f"{known.stack} runs on {known.url}: bringing it up to date.")
        else:
            with step("Start the emulator"):
                emulator, port, front_port = emulator_process.start(state, front_port)
            known = Running(
                environment=environment,
                region="",
                port=port,
                front_port=front_port,
                emulator=emulator,
                runner=None,
            )
            known.save(state)
        return roll_out(state, _ready(state, known, application), state.assembly)


def again(state: State, ship: Callable[[Path, str, Ship], int]) -> int:
    """Synthesise what has changed, and let `ship` roll it out to the local cloud that runs."""
    with state.locked("deploy"):
        known = _ready(state, running.required(state), REPOSITORY)
        return ship(state.assembly, known.url, lambda cdk: _rolled_out(state, known, state.assembly, cdk))


def _refuse_full_disk(state: State) -> None:
    free_mb = shutil.disk_usage(state.folder).free // 1_000_000
    if free_mb < _NEEDED_MB:
        raise LocalCloudError(
            f"Only {free_mb} MB are free where {state.folder} is; `make up` needs {_NEEDED_MB} MB. Free some"
            f" space; the logs are in {state.logs}."
        )


def _usable(state: State, environment: str) -> Running | None:
    known = running.recorded(state)
    if not known or not known.emulator.alive():
        if running.end_leftovers(state):
            console.print("Ended what was left of an earlier run.")
        return None
    if known.environment != environment:
        raise LocalCloudError(
            f"The local cloud runs '{known.environment}', and you asked for '{environment}'. It holds one"
            f" environment at a time: run `make down` first, or `make up ENV={known.environment}`."
        )
    return known


def _ready(state: State, known: Running, application: Path) -> Running:
    known = _prepare(state, known, application)
    database.ensure(state, known, state.assembly)
    cache.ensure(state, known, state.assembly)
    # Another app's environments are not known here.
    if application == REPOSITORY:
        first_values.store(known, state.values)
    return known


def _rolled_out(state: State, known: Running, assembly: Path, ship: Callable[[], bool]) -> bool:
    """Deploy with what the runner needs before and after it; tell whether every task serves."""
    state.forget("failure")
    kept = images.keep_sources(assembly, known.stack, state.images)
    known = runner_process.ensure(state, known)
    with step(f"Deploy {known.stack}", spin=False) as deployment:
        deployment.ok = ship()
    deployed = deployment.ok
    if deployed:
        with step("Wait for the tasks") as waiting:
            waiting.ok = deployed = services.wait_until_steady(known, within_s=_STEADY_WITHIN_S)
    images.prune(state.images, {*kept, *(task["image"] for task in running.tasks(state))})
    return deployed


def roll_out(state: State, known: Running, assembly: Path) -> int:
    """Deploy a synthesised stack and show what runs then; return the exit code."""
    deployed = _rolled_out(state, known, assembly, lambda: cdk.deploy(known.cloud, assembly, known.stack))
    known = running.required(state)
    status.show(state, known)
    if not deployed:
        status.show_failure(state, known.environment)
        return 1
    answer = _answer(known.url)
    if answer >= 500:
        raise LocalCloudError(f"{known.url} answers {answer}. `make logs-local` shows why.")
    console.print(f"\n[bold green]{known.url}[/] answers {answer}. `make down` removes everything.")
    return 0


def _prepare(state: State, known: Running, application: Path) -> Running:
    """Synthesise and bootstrap, at the same time where the last assembly tells the region."""
    hint = known.region or _last_region(state, known.stack)
    with step("Synthesise and bootstrap" if hint else "Synthesise"), ThreadPoolExecutor(1) as pool:
        bootstrapped = pool.submit(_bootstrap, Cloud(known.port, hint)) if hint else None
        environment = Cloud(known.port, hint or "us-east-1").environment()
        cdk.synth(application, state.assembly, environment)
        if bootstrapped:
            bootstrapped.result()
    region = cdk.region_of(state.assembly, known.stack)
    if region != hint:
        with step(f"Bootstrap {region}"):
            _bootstrap(Cloud(known.port, region))
    return replace(known, region=region)


def _last_region(state: State, stack: str) -> str:
    try:
        return cdk.region_of(state.assembly, stack)
    except (LocalCloudError, OSError, ValueError, KeyError):
        return ""  # never synthesised, or without this stack


def _bootstrap(cloud: Cloud) -> None:
    stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    if not any(stack["StackName"] == "CDKToolkit" for stack in stacks):
        cdk.bootstrap(cloud)


def _answer(url: str, *, within_s: float = _ANSWERS_WITHIN_S) -> int:
    """Return the status of the URL, which is asked again for a while as long as it is 503."""
    ends = time.monotonic() + within_s
    while (status_code := _status(url)) == 503 and time.monotonic() < ends:
        time.sleep(_ASK_EVERY_S)
    return status_code


def _status(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
