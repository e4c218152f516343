"""Deploy an app with Microsoft's own client: create, poll, update, move traffic, break it, delete it."""

import copy
import json
import sys
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.appcontainers import ContainerAppsAPIClient

_ADDRESS, _SUBSCRIPTION, _GROUP, _NAME = sys.argv[1:]


class _Nobody:
    """A credential for a stand-in, which asks for none."""

    def get_token(self, *_: Any, **__: Any) -> None:
        """Return nothing."""


def main() -> None:
    """Read the body from stdin, and print what the client saw."""
    body = json.load(sys.stdin)
    client = ContainerAppsAPIClient(
        _Nobody(),
        _SUBSCRIPTION,
        base_url=_ADDRESS,
        authentication_policy=SansIOHTTPPolicy(),
        polling_interval=0,
    )
    apps, seen = client.container_apps, dict[str, Any]()

    def put(**changes: Any) -> dict[str, Any]:
        changed = copy.deepcopy(body)
        for part, values in changes.items():
            changed["properties"][part] |= values
        done = apps.begin_create_or_update(_GROUP, _NAME, changed, polling_interval=0).result()
        return {
            "state": str(done.properties.provisioning_state.value),
            "revision": done.properties.latest_revision_name,
            "grace": done.properties.template.termination_grace_period_seconds,
            "probes": [each.type for each in done.properties.template.containers[0].probes],
            "traffic": [
                (each.revision_name, each.weight) for each in done.properties.configuration.ingress.traffic
            ],
        }

    seen["created"] = put()
    seen["updated"] = put()
    two = [
        {"revisionName": seen["created"]["revision"], "weight": 90},
        {"revisionName": seen["updated"]["revision"], "weight": 10},
    ]
    ingress = {**body["properties"]["configuration"]["ingress"], "traffic": two}
    seen["moved"] = put(configuration={"activeRevisionsMode": "Multiple", "ingress": ingress})
    containers = copy.deepcopy(body["properties"]["template"]["containers"])
    containers[0]["image"] = "example/broken:1"
    try:
        put(template={"containers": containers})
    except HttpResponseError as error:
        seen["broken"] = str(error)
    apps.begin_delete(_GROUP, _NAME, polling_interval=0).result()
    try:
        apps.get(_GROUP, _NAME)
    except ResourceNotFoundError as error:
        seen["deleted"] = error.status_code
    print(json.dumps(seen))


main()
