"""Write metrics and alerts of a service, and say how to make, change and remove them."""

import shlex
from pathlib import Path

from infra.elsewhere import (
    alert_policy,
    azure_alerts,
    google_mistakes,
    log_metrics,
    notification_channel,
    template_mistakes,
)
from infra.parameters import Azure, Environment, Google, Place
from tools.elsewhere.files import file
from tools.elsewhere.google import Gcloud
from tools.elsewhere.steps import Step

_CHANNELS = "beta monitoring channels"


def alerting(environment: Environment, place: Place, folder: Path) -> list[Step]:
    """Return the steps of an environment's metrics and alerts."""
    if isinstance(place, Google):
        return _google(environment, place, folder)
    return _azure(environment, place, folder)


def _google(environment: Environment, place: Google, folder: Path) -> list[Step]:
    name, gcloud = f"web-{environment.name}", Gcloud(place)
    metrics = {
        each["name"]: file(
            folder / f"{name}.metrics" / f"{each['name']}.json", each, google_mistakes(each, "LogMetric")
        )
        for each in log_metrics(environment)
    }
    written = alert_policy(environment)
    policy = file(folder / f"{name}.alerts.json", written, google_mistakes(written, "AlertPolicy"))
    found = _found(gcloud, "monitoring policies", name)
    told = notification_channel(environment)
    create = f"monitoring policies create --policy-from-file {shlex.quote(str(policy))}"
    update = f'monitoring policies update "$found" --policy-from-file {shlex.quote(str(policy))}'
    lines, channel = [], ""
    if told:
        path = file(folder / f"{name}.channel.json", told, google_mistakes(told, "NotificationChannel"))
        content = f"--channel-content-from-file {shlex.quote(str(path))}"
        channel = _found(gcloud, _CHANNELS, name)
        lines.append(
            _made(
                channel,
                gcloud(f'{_CHANNELS} update "$found" {content}'),
                gcloud(f"{_CHANNELS} create {content}"),
            )
        )
        create += ' --notification-channels "$channel"'
        update += ' --set-notification-channels "$channel"'
    chosen = f'channel="{channel}"; ' if channel else ""
    lines.append(chosen + _made(found, gcloud(update), gcloud(create)))
    return [
        Step(
            title="metrics, which Google makes of the log",
            lines=[_metric(gcloud, each, path) for each, path in metrics.items()],
            when="first",
        ),
        Step(title="alerts, and whom they tell", lines=lines, when="first"),
        Step(
            title="removal of metrics and alerts",
            lines=[
                gcloud(f'monitoring policies delete "{found}"'),
                *([gcloud(f'{_CHANNELS} delete "{channel}"')] if told else []),
                *(gcloud(f"logging metrics delete {each}") for each in metrics),
            ],
            when="afterwards",
        ),
    ]


def _metric(gcloud: Gcloud, name: str, path: Path) -> str:
    config = f"{name} --config-from-file {shlex.quote(str(path))}"
    update, create = (gcloud(f"logging metrics {verb} {config}") for verb in ("update", "create"))
    return f"{update} 2> /dev/null || {create}"


def _found(gcloud: Gcloud, kind: str, name: str) -> str:
    """Return what gives the name that Google has given to a thing, or nothing."""
    return "$(" + gcloud(f"{kind} list --filter displayName={name} --format 'value(name)'") + ")"


def _made(found: str, update: str, create: str) -> str:
    return f'found="{found}"; if [ -n "$found" ]; then {update}; else {create}; fi'


def _azure(environment: Environment, place: Azure, folder: Path) -> list[Step]:
    name = f"web-{environment.name}"
    template = azure_alerts(environment, place)
    path = file(folder / f"{name}.alerts.json", template, template_mistakes(template))
    group = f"--resource-group {shlex.quote(place.resource_group)} --subscription {place.subscription}"
    customer = "properties.appLogsConfiguration.logAnalyticsConfiguration.customerId"
    log = (
        f"$(az containerapp env show --name {shlex.quote(place.environment)} {group} --query {customer} "
        "--output tsv)"
    )
    make = (
        f"workspace=$(az monitor log-analytics workspace list --subscription {place.subscription} "
        f"--query \"[?customerId=='{log}'].id\" --output tsv) && az deployment group create {group} "
        f"--name {name}.alerts --template-file {shlex.quote(str(path))} "
        '--parameters workspace="$workspace" --output none'
    )
    made = f"az resource list --subscription {place.subscription} --tag alerts={name} --query [].id"
    return [
        Step(
            title="alerts, which ask the log of the Container Apps environment, and whom they tell",
            lines=[make],
            when="first",
            otherwise="the environment needs its log in a workspace: az containerapp env update "
            "--logs-destination log-analytics",
        ),
        Step(
            title="removal of the alerts",
            lines=[f"az resource delete --ids $({made} --output tsv)"],
            when="afterwards",
        ),
    ]
