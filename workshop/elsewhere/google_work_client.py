"""Deploy a worker pool and a job with Google's own clients: poll, update, roll back, start, delete."""

import copy
import json
import sys
from typing import Any

from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

_RUN, _SCHEDULER, _PROJECT = sys.argv[1:]


def main() -> None:
    """Read pool, job and schedule from stdin, and print what the clients saw."""
    given = json.load(sys.stdin)
    seen = {
        "pool": _pool(_client("run", _RUN).namespaces().workerpools(), given["pool"]),
        "job": _job(_client("run", _RUN).namespaces().jobs(), given["job"]),
        "schedule": _schedule(
            _client("cloudscheduler", _SCHEDULER).projects().locations().jobs(), given["schedule"]
        ),
    }
    print(json.dumps(seen))


def _client(name: str, address: str) -> Any:
    options = {"api_endpoint": address}
    return build(
        name, "v1", credentials=AnonymousCredentials(), client_options=options, cache_discovery=False
    )


def _pool(pools: Any, manifest: dict[str, Any]) -> dict[str, Any]:
    name = f"namespaces/{_PROJECT}/workerpools/{manifest['metadata']['name']}"
    seen: dict[str, Any] = {}

    def polled() -> dict[str, Any]:
        while True:
            status: dict[str, Any] = pools.get(name=name).execute()["status"]
            if status["conditions"][0]["status"] != "Unknown":
                return status

    def replace(**spec: Any) -> dict[str, Any]:
        body = copy.deepcopy(manifest)
        body["spec"] |= spec
        pools.replaceWorkerPool(name=name, body=body).execute()
        return polled()

    pools.create(parent=f"namespaces/{_PROJECT}", body=copy.deepcopy(manifest)).execute()
    seen["created"] = polled()
    seen["updated"] = replace()
    first = seen["created"]["latestReadyRevisionName"]
    seen["rolled back"] = replace(instanceSplits=[{"revisionName": first, "percent": 100}])
    broken = copy.deepcopy(manifest["spec"]["template"])
    broken["spec"]["containers"][0]["image"] = "example/broken:1"
    seen["broken"] = replace(template=broken)
    seen["deleted"] = _gone(pools, name)
    return seen


def _job(jobs: Any, manifest: dict[str, Any]) -> dict[str, Any]:
    name = f"namespaces/{_PROJECT}/jobs/{manifest['metadata']['name']}"
    jobs.create(parent=f"namespaces/{_PROJECT}", body=copy.deepcopy(manifest)).execute()
    jobs.replaceJob(name=name, body=copy.deepcopy(manifest)).execute()
    started = jobs.run(name=name, body={}).execute()
    return {"started": started["kind"], "deleted": _gone(jobs, name)}


def _schedule(jobs: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    name = wanted["name"]
    jobs.create(parent=name.partition("/jobs/")[0], body=wanted).execute()
    jobs.patch(name=name, body={**wanted, "schedule": "0 4 * * *"}).execute()
    found = jobs.get(name=name).execute()
    return {"schedule": found["schedule"], "state": found["state"], "deleted": _gone(jobs, name)}


def _gone(kind: Any, name: str) -> int:
    kind.delete(name=name).execute()
    try:
        kind.get(name=name).execute()
    except HttpError as error:
        return int(error.status_code)
    return 0


main()
