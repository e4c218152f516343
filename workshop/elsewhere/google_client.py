"""Deploy a service with Google's own client: create, poll, update, move traffic, break it, delete it."""

import copy
import json
import sys
from typing import Any

from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

_ADDRESS, _PROJECT = sys.argv[1:]


def main() -> None:
    """Read the manifest from stdin, and print what the client saw."""
    manifest = json.load(sys.stdin)
    run = build(
        "run",
        "v1",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": _ADDRESS},
        cache_discovery=False,
    )
    services = run.namespaces().services()
    name = f"namespaces/{_PROJECT}/services/{manifest['metadata']['name']}"
    seen: dict[str, Any] = {}

    def polled() -> dict[str, Any]:
        while True:
            status: dict[str, Any] = services.get(name=name).execute()["status"]
            if status["conditions"][0]["status"] != "Unknown":
                return status

    def replace(**spec: Any) -> dict[str, Any]:
        body = copy.deepcopy(manifest)
        body["spec"] |= spec
        services.replaceService(name=name, body=body).execute()
        return polled()

    services.create(parent=f"namespaces/{_PROJECT}", body=copy.deepcopy(manifest)).execute()
    seen["created"] = polled()
    seen["updated"] = replace()
    first = seen["created"]["latestReadyRevisionName"]
    seen["rolled back"] = replace(traffic=[{"revisionName": first, "percent": 100}])
    broken = copy.deepcopy(manifest["spec"]["template"])
    broken["spec"]["containers"][0]["image"] = "example/broken:1"
    seen["broken"] = replace(template=broken)
    services.delete(name=name).execute()
    try:
        services.get(name=name).execute()
    except HttpError as error:
        seen["deleted"] = error.status_code
    print(json.dumps(seen))


main()
