"""Let a service sleep now (`make pause`), or wake it (`make resume`)."""

import json
import time
from typing import Any

from tools.operate.consent import agreed
from tools.operate.deployed import Deployed
from tools.operate.errors import OperateError, UsageError
from tools.operate.waiting import POLL_S
from tools.show import console

# A first task is given as long as `health_check.grace_s` has it by default, and as much for an image to load.
_WAKES_WITHIN_S = 240.0


def pause(deployed: Deployed, *, token: str = "") -> int:
    """Stop all tasks of the web service; a request, a deployment or `make resume` starts them again."""
    _names(deployed)
    plan = [f"All tasks of {deployed.stack} end; the next visitor waits until one is there again."]
    agreed(deployed, "pause", plan, token=token)
    tell(deployed, "sleep")
    console.print(
        f"{deployed.stack} sleeps: its tasks end, and the load balancer stays. A request wakes it, or"
        f" `make resume ENV={deployed.environment}`: {deployed.output('Url')}"
    )
    return 0


def resume(deployed: Deployed) -> int:
    """Start the tasks, and wait until requests are led to them."""
    began, said = time.monotonic(), 0.0
    while tell(deployed, "wake")["asleep"]:
        waited_s = time.monotonic() - began
        if waited_s > _WAKES_WITHIN_S:
            raise OperateError(
                f"No task of {deployed.stack} got healthy within {_WAKES_WITHIN_S:.0f} s. Visitors still"
                f" get the page that says it wakes. `make why ENV={deployed.environment}` says what fails."
            )
        if waited_s > said:
            console.print(f"Waking: {len(deployed.tasks())} tasks run, none is healthy ({waited_s:.0f} s).")
            said = waited_s + 10
        time.sleep(POLL_S)
    console.print(f"{deployed.stack} is awake: {deployed.output('Url')}")
    return 0


def is_asleep(deployed: Deployed, service: dict[str, Any]) -> bool:
    """Return whether a service sleeps, which has no tasks then, and is well."""
    return not service["desiredCount"] and _outputs(deployed) is not None


def tell(deployed: Deployed, do: str) -> dict[str, Any]:
    """Call the function that lets the service sleep; raise UsageError if there is none."""
    function, targets = _names(deployed)
    answer = deployed.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"do": do, "here": targets}).encode()
    )
    said = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise OperateError(f"The function {function} failed: {said.get('errorMessage', said)}")
    return dict(said)


def _names(deployed: Deployed) -> tuple[str, str]:
    names = _outputs(deployed)
    if names is None:
        raise UsageError(
            f"{deployed.stack} cannot sleep: set sleep=Sleep() in infra/environments.py, and deploy it."
        )
    return names


def _outputs(deployed: Deployed) -> tuple[str, str] | None:
    """Return the names of the function and of its target group; None where the service never sleeps."""
    given = {item["OutputKey"]: item["OutputValue"] for item in deployed.description.get("Outputs", [])}
    if "SleepFunction" not in given:
        return None
    return given["SleepFunction"], given["SleepTargets"]
