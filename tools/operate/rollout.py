"""A deployment of the service under way: shown until it is over."""

import time
from typing import Any

from tools.operate import waiting
from tools.operate.deployed import Deployed, revision
from tools.operate.status import progress
from tools.show import console


def watch(deployed: Deployed, *, away_from: str) -> bool:
    """Print events and progress until one deployment is left; tell whether it is of another release.

    `away_from` is the task definition that the service is to leave.
    """
    seen = {event["id"] for event in deployed.service()["events"]}
    said = ""
    while True:
        service = deployed.service()
        for event in reversed([item for item in service["events"] if item["id"] not in seen]):
            seen.add(event["id"])
            console.print(f"  {event['message']}", style="dim", markup=False)
        primary = next(item for item in service["deployments"] if item["status"] == "PRIMARY")
        now = f"{revision(primary['taskDefinition'])}: {progress(primary)}"
        if now != said:
            said = now
            console.print(now, markup=False)
        # One that is being left may well have failed: what follows it counts.
        if primary["rolloutState"] == "FAILED" and primary["taskDefinition"] != away_from:
            return False
        if _steady(service, primary):
            return bool(primary["taskDefinition"] != away_from)
        time.sleep(waiting.POLL_S)


def _steady(service: dict[str, Any], primary: dict[str, Any]) -> bool:
    counted = service["runningCount"] == service["desiredCount"]
    return counted and len(service["deployments"]) == 1 and primary["rolloutState"] == "COMPLETED"
