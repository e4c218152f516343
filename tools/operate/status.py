"""Say whether an environment is well, and show its figures, tasks and what is around them (`make status`)."""

from collections.abc import Iterator
from typing import Any, TypedDict

from tools.operate import jobs, maintenance, sleep, surroundings, traffic, workers
from tools.operate.ages import age
from tools.operate.deployed import Deployed, short
from tools.show import console, table

_ALARMS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
_ALARMS_AT_ONCE = 100


class Task(TypedDict):
    """A task, and what the load balancer thinks of it."""

    task: str
    zone: str
    version: str
    status: str
    health: str
    age: str


class Alarm(TypedDict):
    """An alarm that is on."""

    name: str
    since: str
    why: str


class Beside(TypedDict):
    """A worker, and what waits in its queue."""

    name: str
    state: str
    queue: str


class Status(TypedDict):
    """All that `make status` knows; `wrong` is empty when all is well."""

    wrong: list[str]
    next: str
    asleep: bool
    url: str
    version: str
    since: str
    stack: str
    deployment: str
    wanted: int
    running: int
    tasks: list[Task]
    traffic: traffic.Traffic | None
    usd_an_hour: traffic.Cost | None
    outgoing: surroundings.Outgoing
    workers: list[Beside]
    jobs: dict[str, str]
    databases: list[surroundings.Database]
    alarms: list[Alarm]


def status(deployed: Deployed) -> int:
    """Show how the environment is, the verdict first; the exit code is 0 when all is well."""
    found = deployed.answer = look(deployed)
    console.print(verdict(deployed.environment, found))
    console.print(f"[bold]{deployed.stack}[/] {found['url']}")
    for name, value in _lines(found):
        console.print(f"{name:11} {value}", markup=False)
    table(
        f"Tasks: {found['running']} run, {found['wanted']} wanted",
        ["Task", "Zone", "Version", "Status", "Health", "Age"],
        [[str(value) for value in task.values()] for task in found["tasks"]],
    )
    alarms = [[alarm["name"], alarm["since"], alarm["why"]] for alarm in found["alarms"]]
    table("Alarms that are on" if alarms else "No alarm is on", ["Alarm", "Since", "Why"], alarms)
    return 1 if found["wrong"] else 0


def verdict(environment: str, found: Status) -> str:
    """Return the first line: whether all is well, and what to do next if not."""
    if found["wrong"]:
        return f"[bold red]✗[/] {environment} is not well: {'; '.join(found['wrong'])}. Next: {found['next']}"
    if found["asleep"]:
        return f"[bold green]✓[/] {environment} is well, and asleep: a request, or `make resume`, wakes it"
    zones = len({task["zone"] for task in found["tasks"]})
    return (
        f"[bold green]✓[/] {environment} is well: {found['version']} since {found['since']},"
        f" {found['running']} of {found['wanted']} tasks in {zones} zone{'' if zones == 1 else 's'}"
    )


def look(deployed: Deployed) -> Status:
    """Ask AWS for all of it."""
    service, others, tasks = deployed.service(), deployed.others(), deployed.tasks()
    of_others = [task for other in others for task in deployed.tasks(service=other["serviceName"])]
    current, health = primary(service), _health(deployed, service)
    shown = [_row(deployed, service, task, health) for task in tasks]
    alarms = [Alarm(name=name, since=since, why=why) for name, since, why in alarms_on(deployed)]
    closed = bool(maintenance.rules_on(deployed, service))
    wrong = list(_wrong(deployed, service, others, shown, alarms, closed=closed))
    under_way = current["rolloutState"] == "IN_PROGRESS"
    following = "maintenance-off" if closed and len(wrong) == 1 + len(alarms) else "why"
    return Status(
        wrong=wrong,
        asleep=sleep.is_asleep(deployed, service),
        next=f"make {following} ENV={deployed.environment}{' LOCAL=1' if deployed.local else ''}"
        + (", or wait" if under_way else ""),
        url=deployed.output("Url"),
        version=deployed.version(current["taskDefinition"]),
        since=age(current["createdAt"]),
        stack=deployed.description["StackStatus"],
        deployment=progress(current),
        wanted=service["desiredCount"],
        running=service["runningCount"],
        tasks=shown,
        traffic=traffic.traffic(deployed),
        usd_an_hour=traffic.cost_now(deployed, [*tasks, *of_others]),
        outgoing=surroundings.outgoing(deployed, [*tasks, *of_others]),
        workers=[
            Beside(
                name=workers.name_of(deployed, other),
                state=progress(primary(other)),
                queue=workers.queue_of(deployed, other),
            )
            for other in others
        ],
        jobs={name: jobs.last_run(deployed, name) for name in jobs.definitions(deployed)},
        databases=surroundings.databases(deployed),
        alarms=alarms,
    )


def _wrong(
    deployed: Deployed,
    service: dict[str, Any],
    others: list[dict[str, Any]],
    tasks: list[Task],
    alarms: list[Alarm],
    *,
    closed: bool,
) -> Iterator[str]:
    """Yield what is not as it should be, the gravest first."""
    healthy = sum(task["health"] == "healthy" for task in tasks)
    if not healthy and service["desiredCount"]:
        yield "nobody serves: no task is healthy"
    elif healthy < service["desiredCount"]:
        yield f"{healthy} of {service['desiredCount']} tasks are healthy"
    elif service["desiredCount"] != service["runningCount"]:
        yield f"{service['runningCount']} tasks run, {service['desiredCount']} are wanted"
    if closed:
        yield "every visitor gets the maintenance page"
    if not is_steady(service):
        under_way = primary(service)
        state = under_way["rolloutState"]
        said = "is under way" if state == "IN_PROGRESS" else f"is {state}"
        yield f"a deployment of {deployed.version(under_way['taskDefinition'])} {said}"
    for other in others:
        if not is_steady(other):
            yield f"{workers.name_of(deployed, other)} is {primary(other)['rolloutState']}"
    if alarms:
        yield f"{len(alarms)} alarm{'' if len(alarms) == 1 else 's'} on"


def _lines(found: Status) -> Iterator[tuple[str, str]]:
    yield f"Last {traffic.MINUTES} min", traffic.in_words(found["traffic"])
    if price := found["usd_an_hour"]:
        each = f"tasks {price['tasks']:.3f}, all else {price['rest']:.3f}"
        yield "Costs", f"${price['tasks'] + price['rest']:.2f} an hour at list prices ({each})"
    going = found["outgoing"]
    if going["addresses"]:
        stay = "NAT gateways: they stay" if going["stay"] else "of the tasks: new tasks have others"
        yield "Goes out by", f"{', '.join(going['addresses'])} ({stay})"
    yield "Stack", found["stack"]
    yield "Deployment", found["deployment"]
    for worker in found["workers"]:
        queue = f"; its queue: {worker['queue']}" if worker["queue"] else ""
        yield "Worker", f"{worker['name']}: {worker['state']}{queue}"
    for name, last in found["jobs"].items():
        yield "Job", f"{name}: {last}"
    for base in found["databases"]:
        zones = "two zones" if base["zones"] == 2 else "one zone"
        yield "Database", f"{base['name']}: {base['state']}, {base['engine']}, {base['size']}, {zones}"


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
) -> Task:
    states = [health[address] for address in _addresses(service, task) if address in health]
    return Task(
        task=short(task["taskArn"]),
        zone=task.get("availabilityZone", "?"),
        version=deployed.version(task["taskDefinitionArn"]),
        status=task["lastStatus"],
        health=states[0] if states else "not registered",
        age=age(task.get("startedAt") or task["createdAt"]),
    )


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
