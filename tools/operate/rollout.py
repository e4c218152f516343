"""Show a deployment that is under way until it is over."""

import time
from collections.abc import Callable
from typing import Any

from tools.operate import waiting
from tools.operate.deployed import Deployed, revision
from tools.operate.status import primary, progress
from tools.show import console


def watch(deployed: Deployed, is_wanted: Callable[[dict[str, Any]], bool]) -> bool:
    """Print events and progress until one deployment is left; tell whether it is the wanted one."""
    seen = {event["id"] for event in deployed.service()["events"]}
    said = ""
    while True:
        service = deployed.service()
        for event in reversed([item for item in service["events"] if item["id"] not in seen]):
            seen.add(event["id"])
            console.print(f"  {event['message']}", style="dim", markup=False)
        current = primary(service)
        now = f"{revision(current['taskDefinition'])}: {progress(current)}"
        if now != said:
            said = now
            console.print(now, markup=False)
        # The deployment that is being left may have failed; only the wanted one counts.
        if current["rolloutState"] == "FAILED" and is_wanted(current):
            return False
        if _steady(service, current):
            return is_wanted(current)
        time.sleep(waiting.POLL_S)


def _steady(service: dict[str, Any], current: dict[str, Any]) -> bool:
    counted = service["runningCount"] == service["desiredCount"]
    return counted and len(service["deployments"]) == 1 and current["rolloutState"] == "COMPLETED"
