"""Show an environment's deployment, tasks, alarms and URL (`make status`)."""

from collections.abc import Iterator
from typing import Any

from tools.operate import jobs, maintenance, sleep, workers
from tools.operate.ages import age
from tools.operate.deployed import Deployed, short
from tools.show import console, table

_ALARMS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
_ALARMS_AT_ONCE = 100


def status(deployed: Deployed) -> int:
    """Show how the environment is; the exit code is 0 when all is well."""
    service, others, tasks = deployed.service(), deployed.others(), deployed.tasks()
    current = primary(service)
    health = _health(deployed, service)
    rows = [_row(deployed, service, task, health) for task in tasks]
    alarms = list(alarms_on(deployed))
    closed = maintenance.rules_on(deployed, service)
    steady = all(is_steady(each) for each in (service, *others))
    healthy = sum(row[4] == "healthy" for row in rows)

    console.print(f"[bold]{deployed.stack}[/] {deployed.output('Url')}")
    console.print(f"Stack       {deployed.description['StackStatus']}")
    console.print(f"Deployment  {progress(current)}")
    if closed:
        console.print("Maintenance [bold red]on[/]: every visitor gets the maintenance page")
    if sleep.is_asleep(deployed, service):
        console.print("Asleep      nobody has asked for a while: a request or `make resume` wakes it")
    table(
        f"Tasks: {service['runningCount']} run, {service['desiredCount']} wanted",
        ["Task", "Zone", "Version", "Status", "Health", "Age"],
        rows,
    )
    for other in others:
        console.print(
            f"Beside it   {workers.name_of(deployed, other)}: {progress(primary(other))}", markup=False
        )
        if messages := workers.queue_of(deployed, other):
            console.print(f"            its queue: {messages}", markup=False)
    for name in jobs.definitions(deployed):
        console.print(f"Job         {name}: {jobs.last_run(deployed, name)}", markup=False)
    table("Alarms that are on" if alarms else "No alarm is on", ["Alarm", "Since", "Why"], alarms)
    well = steady and healthy >= service["desiredCount"] == service["runningCount"]
    return 0 if well and not alarms and not closed else 1


def primary(service: dict[str, Any]) -> dict[str, Any]:
    """Return the deployment that the service is at, or on the way to."""
    return next(item for item in service["deployments"] if item["status"] == "PRIMARY")


def is_steady(service: dict[str, Any]) -> bool:
    """Return whether a service runs one deployment that is complete."""
    return primary(service)["rolloutState"] == "COMPLETED" and len(service["deployments"]) == 1


def progress(deployment: dict[str, Any]) -> str:
    """Return state, share of tasks and reason of a service's deployment."""
    wanted, running = deployment["desiredCount"], deployment["runningCount"]
    percent = 100 * running // wanted if wanted else 100
    failed = f", {deployment['failedTasks']} failed" if deployment.get("failedTasks") else ""
    reason = deployment.get("rolloutStateReason", "")
    return f"{deployment['rolloutState']}, {running} of {wanted} tasks ({percent} %{failed}): {reason}"


def _health(deployed: Deployed, service: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Return what the load balancer thinks of each address and port."""
    found = {}
    for balancer in service["loadBalancers"]:
        answer = deployed.client("elbv2").describe_target_health(TargetGroupArn=balancer["targetGroupArn"])
        for item in answer["TargetHealthDescriptions"]:
            state = item["TargetHealth"]
            said = f"{state['State']} ({state['Reason']})" if state.get("Reason") else state["State"]
            found[(item["Target"]["Id"], item["Target"]["Port"])] = said
    return found


def _addresses(service: dict[str, Any], task: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for container in task["containers"]:
        for binding in container.get("networkBindings", []):
            yield binding["bindIP"], binding["hostPort"]
    for attachment in task["attachments"]:
        details = {item["name"]: item["value"] for item in attachment.get("details", [])}
        for balancer in service["loadBalancers"]:
            yield details.get("privateIPv4Address", ""), balancer["containerPort"]


def _row(
    deployed: Deployed, service: dict[str, Any], task: dict[str, Any], health: dict[tuple[str, int], str]
) -> list[str]:
    states = [health[address] for address in _addresses(service, task) if address in health]
    return [
        short(task["taskArn"]),
        task.get("availabilityZone", "?"),
        deployed.version(task["taskDefinitionArn"]),
        task["lastStatus"],
        states[0] if states else "not registered",
        age(task.get("startedAt") or task["createdAt"]),
    ]


def alarms_on(deployed: Deployed) -> Iterator[list[str]]:
    """Yield name, age and description of each alarm of the stack that is on."""
    names = deployed.resources(*_ALARMS)
    for first in range(0, len(names), _ALARMS_AT_ONCE):
        wanted = {"AlarmNames": names[first : first + _ALARMS_AT_ONCE], "StateValue": "ALARM"}
        kinds = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        for page in (
            deployed.client("cloudwatch").get_paginator("describe_alarms").paginate(**wanted, **kinds)
        ):
            for alarm in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]:
                why = alarm.get("AlarmDescription") or alarm.get("StateReason", "")
                yield [alarm["AlarmName"], age(alarm["StateUpdatedTimestamp"]), why]
