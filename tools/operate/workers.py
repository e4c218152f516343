"""Say of services beside the web service which workers they are, and what waits for them."""

import json
from typing import Any

from tools.operate.deployed import APP, Deployed

_WAITING, _AT_WORK = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


def name_of(deployed: Deployed, service: dict[str, Any]) -> str:
    """Return the worker that a service is, by its container; the service's name where it is none."""
    name = str(_container(deployed, service)["name"])
    return str(service["serviceName"]) if name == APP else name


def queue_of(deployed: Deployed, service: dict[str, Any]) -> str:
    """Return how many messages wait, are in work and have failed; nothing for a worker without a queue."""
    container = _container(deployed, service)
    variable = f"QUEUE_URL_{container['name'].upper().replace('-', '_')}"
    url = {each["name"]: each["value"] for each in container.get("environment", [])}.get(variable)
    if not url:
        return ""
    of_queue = _attributes(deployed, url)
    # The queue's own name stands in its address, and that of the other in its policy.
    source = of_queue["QueueArn"].rpartition(":")[2]
    dead = str(json.loads(of_queue["RedrivePolicy"])["deadLetterTargetArn"]).rpartition(":")[2]
    failed = _attributes(deployed, url.removesuffix(source) + dead)[_WAITING]
    return f"{of_queue[_WAITING]} wait, {of_queue[_AT_WORK]} in work, {failed} failed"


def _container(deployed: Deployed, service: dict[str, Any]) -> dict[str, Any]:
    return dict(deployed.definition(service["taskDefinition"])["containerDefinitions"][0])


def _attributes(deployed: Deployed, url: str) -> dict[str, str]:
    answer = deployed.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(answer["Attributes"])
