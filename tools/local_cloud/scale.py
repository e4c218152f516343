"""Set the number of local tasks and wait until they serve (`make scale-local TASKS=4`)."""

from tools.local_cloud import running, services, status
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State
from tools.show import console, step

# More tasks than this slow a laptop down and show nothing new.
_MOST = 20
_STEADY_WITHIN_S = 90.0


def scale(state: State, tasks: int, *, worker: str = "") -> int:
    """Set the desired count of the web service, or of a worker; the exit code is 0 when it is reached."""
    if not 0 <= tasks <= _MOST:
        raise LocalCloudError(f"TASKS={tasks} is not possible here: choose 0 to {_MOST}.")
    with state.locked("scale-local"):
        known = running.required(state)
        # Only one is scaled: others, such as a queue's worker, have a load of their own.
        chosen = [
            service
            for service in services.deployed(known.cloud)
            if (services.worker_of(known.cloud, service) == worker if worker else service["loadBalancers"])
        ]
        if not chosen:
            what = f"worker '{worker}'" if worker else "service"
            raise LocalCloudError(f"No {what} is deployed. Run `make up`.")
        for service in chosen:
            known.cloud.client("ecs").update_service(
                cluster=service["clusterArn"], service=service["serviceName"], desiredCount=tasks
            )
        with step(f"Scale to {tasks} tasks") as scaling:
            scaling.ok = reached = services.wait_until_steady(known, within_s=_STEADY_WITHIN_S)
        for target in known.cloud.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs"
        )["ScalableTargets"]:
            if not any(target["ResourceId"].endswith(f"/{service['serviceName']}") for service in chosen):
                continue
            if not target["MinCapacity"] <= tasks <= target["MaxCapacity"]:
                console.print(
                    f"Autoscaling is set to {target['MinCapacity']} to {target['MaxCapacity']} tasks: in AWS"
                    " its next activity would go back into that range."
                )
        if state.read("speed"):
            console.print(
                "The autoscaler may change it again within minutes; `make up SPEED=0` stops the autoscaler."
            )
        status.show(state, known)
    return 0 if reached else 1
