"""Destroy the local stack, check that nothing is left, and end every process (`make down`)."""

import shutil
from typing import Any

from tools import stack_resources
from tools.local_cloud import cache, cdk, database, images, leftovers, running
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.running import Running
from tools.local_cloud.state import State
from tools.show import console, step

# The data of an environment has a stack of its own, which is destroyed after that of its service.
_OURS = ("Web-", "Data-")
# Folders that only the emulator and the runner use.
_SCRATCH = ("tmp", "cdk", "cdk.out.half")


def down(state: State, *, delete_data: bool) -> int:
    """Remove everything that `make up` made, and the data on request; return 1 when something was left."""
    with state.locked("down"):
        known, left = running.recorded(state), []
        if known and known.emulator.alive() and known.region:
            left = _destroy(state, known)
        elif known and not known.emulator.alive():
            console.print("The emulator had stopped, and what was deployed in it is gone with it.")
        ended = running.end_leftovers(state) + database.stop(state) + cache.stop(state)
        if delete_data:
            database.delete(state)
            cache.delete(state)
        images.remove(state.images)
        for name in _SCRATCH:
            shutil.rmtree(state.folder / name, ignore_errors=True)
    if left:
        console.print("[red]The stack was not destroyed cleanly.[/] Left behind:", *left, sep="\n  ")
        return 1
    console.print("Nothing was running." if not known and not ended else "Nothing is left.")
    if data := sorted({*database.kept(state), *cache.kept(state)}):
        console.print(
            f"The data of {', '.join(data)} is kept for the next `make up`; `make down DATA=delete`"
            " deletes it."
        )
    return 0


def _destroy(state: State, known: Running) -> list[str]:
    # There are two stacks where the environment uses another environment's load balancer.
    stacks = [name for name in _stacks(known.cloud) if name.startswith(_OURS)]
    if not stacks:
        return []
    gone, retained = {}, set()
    cloudformation = known.cloud.client("cloudformation")
    for stack in stacks:
        kept = stack_resources.retained(cloudformation, stack)
        for logical_id, item in stack_resources.held(cloudformation, stack).items():
            if logical_id in kept:
                retained.add(logical_id)
            else:
                gone[f"{stack}/{logical_id}"] = item
        allow_deletion(known.cloud, stack)
    with step(f"Destroy {', '.join(stacks)}", spin=False) as destruction:
        destruction.ok = cdk.destroy(known.cloud, state.assembly, stacks)
    if retained:
        names = ", ".join(sorted(retained))
        console.print(f"Kept by their removal policy, as in AWS, until the emulator ends: {names}.")
    left = leftovers.still_there(known.cloud, gone)
    remaining = _stacks(known.cloud)
    left += [
        f"AWS::CloudFormation::Stack {stack}" for stack in stacks if not destruction.ok or stack in remaining
    ]
    return left


def allow_deletion(cloud: Cloud, name: str) -> None:
    """Switch termination protection off, as a person would have to in AWS."""
    stack = _stacks(cloud).get(name)
    if stack and stack.get("EnableTerminationProtection"):
        console.print(f"{name} has termination protection: switching it off, as you would in AWS.")
        cloud.client("cloudformation").update_termination_protection(
            StackName=name, EnableTerminationProtection=False
        )


def _stacks(cloud: Cloud) -> dict[str, Any]:
    """Return the emulator's stacks by name."""
    stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack for stack in stacks}
