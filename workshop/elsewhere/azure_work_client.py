"""Deploy a worker's app and a job with Microsoft's own client: create, poll, update, start, delete."""

import json
import sys
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.appcontainers import ContainerAppsAPIClient

_ADDRESS, _SUBSCRIPTION, _GROUP = sys.argv[1:]


class _Nobody:
    """A credential for a stand-in, which asks for none."""

    def get_token(self, *_: Any, **__: Any) -> None:
        """Return nothing."""


def main() -> None:
    """Read the bodies of app and job from stdin, and print what the client saw."""
    given = json.load(sys.stdin)
    client = ContainerAppsAPIClient(
        _Nobody(),
        _SUBSCRIPTION,
        base_url=_ADDRESS,
        authentication_policy=SansIOHTTPPolicy(),
        polling_interval=0,
    )
    print(json.dumps({"app": _app(client.container_apps, given["app"]), "job": _job(client, given["job"])}))


def _app(apps: Any, body: dict[str, Any]) -> dict[str, Any]:
    name, revisions = "web-portable-mail", []
    for _ in range(2):
        done = apps.begin_create_or_update(_GROUP, name, body, polling_interval=0).result().properties
        revisions.append(done.latest_revision_name)
    scale = done.template.scale
    seen = {
        "state": str(done.provisioning_state.value),
        "revisions": revisions,
        "ingress": done.configuration.ingress,
        "grace": done.template.termination_grace_period_seconds,
        "replicas": [scale.min_replicas, scale.max_replicas],
        "rule": [scale.rules[0].custom.type, scale.rules[0].custom.metadata],
    }
    apps.begin_delete(_GROUP, name, polling_interval=0).result()
    return {**seen, "deleted": _gone(apps, name)}


def _job(client: Any, body: dict[str, Any]) -> dict[str, Any]:
    jobs, name = client.jobs, "web-portable-nightly"
    done = jobs.begin_create_or_update(_GROUP, name, body, polling_interval=0).result().properties
    jobs.begin_start(_GROUP, name, polling_interval=0).result()
    runs = [str(each.properties.status.value) for each in client.jobs_executions.list(_GROUP, name)]
    when = done.configuration.schedule_trigger_config
    seen = {
        "state": str(done.provisioning_state.value),
        "when": when.cron_expression,
        "timeout": done.configuration.replica_timeout,
        "runs": runs,
    }
    jobs.begin_delete(_GROUP, name, polling_interval=0).result()
    return {**seen, "deleted": _gone(jobs, name)}


def _gone(kind: Any, name: str) -> int:
    try:
        kind.get(_GROUP, name)
    except ResourceNotFoundError as error:
        return int(error.status_code or 0)
    return 0


main()
