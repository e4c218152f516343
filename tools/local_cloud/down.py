"""`make down`: destroy the stack, check that nothing is left, end every process."""

import shutil
from typing import Any

from tools.local_cloud import cdk, running
from tools.local_cloud.running import Running
from tools.local_cloud.show import console, step
from tools.local_cloud.state import State

# Seen by nobody but the emulator and the runner.
_SCRATCH = ("tmp", "images", "cdk.out.half")


def down(state: State) -> int:
    """Remove everything that `make up` made; the exit code is 1 when something was left."""
    with state.locked("down"):
        known, left = running.recorded(state), []
        if known and known.emulator.alive() and known.region:
            left = _destroy(state, known)
        elif known:
            console.print("The emulator had stopped, and what was deployed in it is gone with it.")
        ended = running.end_leftovers(state)
        for name in _SCRATCH:
            shutil.rmtree(state.folder / name, ignore_errors=True)
    if left:
        console.print("[red]The stack was not destroyed cleanly.[/] Left behind:", *left, sep="\n  ")
        return 1
    console.print("Nothing was running." if not known and not ended else "Nothing is left.")
    return 0


def _destroy(state: State, known: Running) -> list[str]:
    cloudformation = known.cloud.client("cloudformation")
    stack = _stack(cloudformation, known.stack)
    if not stack:
        return []
    retained = _retained(cloudformation, known.stack)
    if stack.get("EnableTerminationProtection"):
        console.print(f"{known.stack} has termination protection: switching it off, as you would in AWS.")
        cloudformation.update_termination_protection(StackName=known.stack, EnableTerminationProtection=False)
    with step(f"Destroy {known.stack}", spin=False):
        destroyed = cdk.destroy(known.cloud, state.assembly, known.stack)
    left = leftovers(known)
    if retained:
        console.print(
            f"Kept by their removal policy, as in AWS, until the emulator ends: {', '.join(retained)}."
        )
    return left if destroyed else [*left, "see the lines above"]


def leftovers(known: Running) -> list[str]:
    """Ask the APIs for what a destroyed stack must not leave."""
    ecs, elb = known.cloud.client("ecs"), known.cloud.client("elbv2")
    found = [known.stack] if _stack(known.cloud.client("cloudformation"), known.stack) else []
    for cluster in ecs.list_clusters()["clusterArns"]:
        found.append(cluster)
        found += ecs.list_tasks(cluster=cluster)["taskArns"]
    found += [item["LoadBalancerArn"] for item in elb.describe_load_balancers()["LoadBalancers"]]
    found += [item["TargetGroupArn"] for item in elb.describe_target_groups()["TargetGroups"]]
    return found


def _stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    stacks = cloudformation.describe_stacks()["Stacks"]
    return next((stack for stack in stacks if stack["StackName"] == name), None)


def _retained(cloudformation: Any, name: str) -> list[str]:
    template = cloudformation.get_template(StackName=name)["TemplateBody"]
    return sorted(
        logical_id
        for logical_id, resource in template.get("Resources", {}).items()
        if resource.get("DeletionPolicy", "").startswith("Retain")
    )
