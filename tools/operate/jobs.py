"""Run a job now (`make run-job`), and say how its last run has ended."""

import json
from datetime import UTC, datetime
from typing import Any

from tools.operate import run_task
from tools.operate.ages import age
from tools.operate.consent import agreed
from tools.operate.deployed import Deployed
from tools.operate.errors import UsageError

# infra/task/task.py names the task definition of a job so.
_JOB = "TaskJob"


def definitions(deployed: Deployed) -> dict[str, str]:
    """Return the task definition of each job of the stack, by the job's name."""
    found = [
        each["PhysicalResourceId"]
        for each in deployed.held
        if each["ResourceType"] == "AWS::ECS::TaskDefinition" and each["LogicalResourceId"].startswith(_JOB)
    ]
    return {deployed.definition(arn)["containerDefinitions"][0]["name"]: arn for arn in found}


def run_job(deployed: Deployed, *, name: str, raw: bool, token: str = "") -> int:
    """Run a job as its schedule would, stream what it writes, and return its exit code."""
    known = definitions(deployed)
    if name not in known:
        raise UsageError(f"There is no job '{name}': choose one of {', '.join(sorted(known)) or 'none'}.")
    plan = [f"The job {name} of {deployed.stack} runs now, beside its schedule."]
    agreed(deployed, "run-job", plan, token=token, given=[f"NAME={name}"])
    return run_task.run(deployed, definition=known[name], container=name, command=None, raw=raw)


def last_run(deployed: Deployed, name: str) -> str:
    """Return when a job has run last and how that ended, by its log, which is there for `log_days`."""
    streams = list(
        deployed.pages(
            "logs",
            "describe_log_streams",
            "logStreams",
            logGroupName=deployed.log_group,
            logStreamNamePrefix=f"{name}/",
        )
    )
    if not streams:
        return "no run is in the log"
    newest = max(streams, key=_written)
    events = deployed.client("logs").get_log_events(
        logGroupName=deployed.log_group,
        logStreamName=newest["logStreamName"],
        limit=1,
        startFromHead=False,
    )["events"]
    said = _ended(events[-1]["message"], name) if events else ""
    since = age(datetime.fromtimestamp(_written(newest) / 1000, UTC))
    return f"{since} ago: {said or 'it has not ended, or was killed'}"


def _written(stream: dict[str, Any]) -> int:
    return int(stream.get("lastEventTimestamp") or stream.get("creationTime") or 0)


def _ended(line: str, name: str) -> str:
    """Return what service/kit/job.py says at the end of a job, without its name."""
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    ours = isinstance(said, dict) and said.get("job") == name
    return str(said["message"]).removeprefix(f"job {name} ") if ours else ""
