"""Stop the tasks of a service that nobody asks, and start them again when somebody does.

Asleep, the rule of the load balancer sends requests to this function; awake, to the tasks. Each call looks at
how things are, so that it does not matter which one comes first, twice or never.
"""

import datetime
import json
import os
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.session import get_session

from .answer import Event, answer

ASK_AGAIN_S = 5
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{ask_again_s}">
<meta name="robots" content="noindex"><title>Waking up</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto;padding:0 1em}}</style></head>
<body><h1>Waking up</h1><p>Nobody was here for a while, so this site sleeps. It starts now, which takes about
a minute. This page comes back by itself.</p></body></html>
"""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any] | None:
    """Answer a request of the load balancer, an event of CloudFormation, a schedule or an operator."""
    if "RequestType" in event:
        _answer_cloudformation(event)
        return None
    if "httpMethod" in event:
        Service(here=event["requestContext"]["elb"]["targetGroupArn"]).wake()
        return _waking(event)
    service = Service(here=event["here"])
    {"look": service.look, "sleep": service.sleep, "wake": service.wake}[event["do"]]()
    return {"asleep": service.asleep}


class Service:
    """The service whose tasks are in the target group, and the rule that leads to them.

    `here` is the target group of this function, which each event names: its stack makes the function first.
    """

    def __init__(self, *, here: str) -> None:
        session = get_session()
        self._ecs: Any = session.create_client("ecs")
        self._elb: Any = session.create_client("elbv2")
        self._cloudwatch: Any = session.create_client("cloudwatch")
        self._cluster, self._rule = os.environ["CLUSTER"], os.environ["RULE"]
        self._tasks, self._here = os.environ["TASKS"], here

    @property
    def asleep(self) -> bool:
        """Return whether the rule leads to this function."""
        (rule,) = self._elb.describe_rules(RuleArns=[self._rule])["Rules"]
        return any(action.get("TargetGroupArn") == self._here for action in rule["Actions"])

    def look(self) -> None:
        """Go to sleep where nobody asks, wake where tasks are missing, lead back where they are healthy."""
        if self.asleep:
            self._lead_back()
        elif (service := self._service()) and not service["desiredCount"]:
            self.wake()
        elif self._nobody_asks():
            self.sleep()

    def sleep(self) -> None:
        """Lead requests here first, and then stop the tasks, which end what they have begun."""
        self._lead_to(self._here)
        if service := self._service():
            self._set_count(service, 0)

    def wake(self) -> None:
        """Start tasks where there are none; where one is healthy already, lead requests to it."""
        service = self._service()
        if service and not service["desiredCount"]:
            # Requests that came before a task is there would get the load balancer's 503, without a page.
            self._lead_to(self._here)
            self._set_count(service, int(os.environ["FEWEST_TASKS"]))
        else:
            self._lead_back()

    def lead_to_tasks(self) -> None:
        """Lead requests to the tasks, healthy or not."""
        self._lead_to(self._tasks)

    def _lead_back(self) -> None:
        found = self._elb.describe_target_health(TargetGroupArn=self._tasks)["TargetHealthDescriptions"]
        if any(each["TargetHealth"]["State"] == "healthy" for each in found):
            self.lead_to_tasks()

    def _lead_to(self, group: str) -> None:
        action = {"Type": "forward", "TargetGroupArn": group}
        self._elb.modify_rule(RuleArn=self._rule, Actions=[action])
        print(f"requests go to {group}")

    def _service(self) -> dict[str, Any] | None:
        """Return the service by its target group: its name is not known before the function is made."""
        pages = self._ecs.get_paginator("list_services").paginate(cluster=self._cluster)
        for arns in (page["serviceArns"] for page in pages):
            services = (
                self._ecs.describe_services(cluster=self._cluster, services=arns)["services"] if arns else ()
            )
            for each in services:
                groups = [balancer.get("targetGroupArn") for balancer in each["loadBalancers"]]
                if self._tasks in groups and each["status"] == "ACTIVE":
                    return dict(each)
        return None

    def _set_count(self, service: dict[str, Any], count: int) -> None:
        self._ecs.update_service(cluster=self._cluster, service=service["serviceArn"], desiredCount=count)
        print(f"tasks of {service['serviceName']}: {count}")

    def _nobody_asks(self) -> bool:
        """Return whether figures show that tasks were healthy all the time, and that no request came."""
        minutes = int(os.environ["AFTER_IDLE_MINUTES"])
        (group,) = self._elb.describe_target_groups(TargetGroupArns=[self._tasks])["TargetGroups"]
        (balancer,) = group["LoadBalancerArns"]
        until = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)

        def points(name: str, statistic: str) -> list[float]:
            found = self._cloudwatch.get_metric_statistics(
                Namespace="AWS/ApplicationELB",
                MetricName=name,
                Dimensions=[
                    {"Name": "LoadBalancer", "Value": balancer.partition("loadbalancer/")[2]},
                    {"Name": "TargetGroup", "Value": self._tasks.rpartition(":")[2]},
                ],
                StartTime=until - datetime.timedelta(minutes=minutes),
                EndTime=until,
                Period=60,
                Statistics=[statistic],
            )
            return [point[statistic] for point in found["Datapoints"]]

        # The figures of the last minutes come late.
        awake = sum(count >= 1 for count in points("HealthyHostCount", "Minimum")) >= minutes - 3
        return awake and not sum(points("RequestCount", "Sum"))


def _answer_cloudformation(event: Event) -> None:
    """Start tasks before a deployment, as without any no version fails; and before this function goes."""
    reason = ""
    try:
        if event["RequestType"] != "Create":
            service = Service(here=event["ResourceProperties"]["Here"])
            service.wake()
            if event["RequestType"] == "Delete":
                service.lead_to_tasks()
    except Exception as error:  # noqa: BLE001 - the answer shows it
        reason = f"The service could not be woken: {error!r}"
    print(reason or "done")
    answer(event, reason)


def _waking(event: dict[str, Any]) -> dict[str, Any]:
    """Return a page that comes back for people, and a document with the time to wait for programs."""
    person = "text/html" in event.get("headers", {}).get("accept", "")
    problem = {"type": "about:blank", "title": "Waking up", "status": 503, "detail": "Ask again in a minute."}
    return {
        "statusCode": 503,
        "statusDescription": "503 Service Unavailable",
        "isBase64Encoded": False,
        "headers": {
            "Content-Type": "text/html; charset=utf-8" if person else "application/problem+json",
            "Retry-After": str(ASK_AGAIN_S),
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
        },
        "body": PAGE.format(ask_again_s=ASK_AGAIN_S) if person else json.dumps(problem),
    }
