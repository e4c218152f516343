"""Ask CloudWatch what a deployed environment did while it was loaded."""

from datetime import UTC, datetime, timedelta

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from tools.environments import find
from tools.load.steps import LoadError
from tools.operate.deployed import Deployed
from tools.operate.errors import OperateError, in_one_line
from tools.operate.traffic import between, in_words


def whole_minutes(began: float, ended: float) -> tuple[datetime, datetime] | None:
    """Return begin and end of the whole minutes in a time, which are of its load alone; None without one."""
    minute = timedelta(minutes=1)
    start, end = (datetime.fromtimestamp(each, UTC) for each in (began, ended))
    first = start.replace(second=0, microsecond=0)
    first = first if first == start else first + minute
    last = end.replace(second=0, microsecond=0)
    return (first, last) if last - first >= minute else None


def watched(name: str) -> Deployed:
    """Return a deployed environment. Raises LoadError if it cannot be asked."""
    deployed = Deployed(name, Session(region_name=find(name).region))
    try:
        deployed.service()
    except (OperateError, BotoCoreError, ClientError) as error:
        words = str(error) if isinstance(error, OperateError) else in_one_line(error)
        raise LoadError(f"WATCH={name}: {words}") from None
    return deployed


def told(deployed: Deployed, began: float, ended: float) -> str:
    """Return what the tasks did in the whole minutes of a load, in one line."""
    minutes = whole_minutes(began, ended)
    if not minutes:
        return "CloudWatch has figures of whole minutes: none lies within this load, take FOR=2m or more"
    try:
        found = between(deployed, *minutes)
        running = deployed.service()["runningCount"]
    except (BotoCoreError, ClientError) as error:
        return f"CloudWatch did not answer: {in_one_line(error)}"
    return f"{deployed.environment} by CloudWatch: {in_words(found)}; {running} tasks"
