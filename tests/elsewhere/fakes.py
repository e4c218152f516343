"""Stand in for the interfaces of Cloud Run and of Azure's Resource Manager, as far as a deployment asks them.

Each keeps what it is sent and answers as the vendors' documents say: a new revision is not ready at first,
and an image called `broken` never is.
"""

import json
import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

FAILED = "The user-provided container failed to start and listen on the port"
Answer = tuple[int, dict[str, Any], dict[str, str]]


class _Stand(BaseHTTPRequestHandler):
    kept: ClassVar[dict[str, Any]]
    asked: ClassVar[list[str]]

    def log_message(self, *_: Any) -> None:
        """Say nothing on stderr."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        path = urlsplit(self.path).path
        self.asked.append(f"{self.command} {path}")
        code, said, headers = self.answer(path, body)
        text = json.dumps(said).encode()
        self.send_response(code)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(text)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

    @abstractmethod
    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        """Return status, document and headers for a request."""


class CloudRun(_Stand):
    """https://docs.cloud.google.com/run/docs/reference/rest/v1/namespaces.services."""

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        if self.command == "DELETE":
            return (200, {"status": "Success"}, {}) if self.kept.pop(path, None) else (404, _missing(), {})
        if self.command == "GET":
            return (200, self._looked_at(path), {}) if path in self.kept else (404, _missing(), {})
        if path.endswith(":run"):
            return (
                (200, {"kind": "Execution"}, {})
                if path.removesuffix(":run") in self.kept
                else (404, _missing(), {})
            )
        key = path if self.command == "PUT" else f"{path}/{body['metadata']['name']}"
        generation = self.kept.get(key, {"metadata": {"generation": 0}})["metadata"]["generation"] + 1
        body["metadata"]["generation"] = generation
        body["status"] = {**self.kept.get(key, {}).get("status", {}), "conditions": [_condition("Unknown")]}
        body["status"]["latestCreatedRevisionName"] = f"{body['metadata']['name']}-{generation:05d}"
        self.kept[key] = body
        return 200, body, {}

    def _looked_at(self, path: str) -> dict[str, Any]:
        """Return a service or a pool, which is ready once somebody has looked at it."""
        service: dict[str, Any] = self.kept[path]
        before: dict[str, Any] = json.loads(json.dumps(service))
        status, spec = service["status"], service["spec"]
        if "broken" in json.dumps(spec["template"]):
            status["conditions"] = [_condition("False", FAILED)]
        else:
            status["conditions"] = [_condition("True")]
            status["latestReadyRevisionName"] = status["latestCreatedRevisionName"]
            split = next(each for each in ("traffic", "instanceSplits", "template") if each in spec)
            if split != "template":  # of a job, which has no revisions
                status[split] = [
                    {
                        "revisionName": each.get("revisionName", status["latestReadyRevisionName"]),
                        "percent": each["percent"],
                    }
                    for each in spec[split]
                ]
            status["url"] = "https://web-portable-x.a.run.app"
        return before


def _condition(status: str, message: str = "") -> dict[str, str]:
    return {"type": "Ready", "status": status, "message": message}


def _missing() -> dict[str, Any]:
    return {"error": {"code": 404, "message": "it was not found", "status": "NOT_FOUND"}}


class CloudScheduler(_Stand):
    """https://docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs."""

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        if self.command == "DELETE":
            return (200, {}, {}) if self.kept.pop(path, None) else (404, _missing(), {})
        if self.command == "POST":
            path = f"/v1/{body['name']}"
        elif path not in self.kept:
            return 404, _missing(), {}
        if body:
            self.kept[path] = {**self.kept.get(path, {}), **body, "state": "ENABLED"}
        return 200, self.kept[path], {}


class ResourceManager(_Stand):
    """https://learn.microsoft.com/en-us/rest/api/resource-manager/containerapps/container-apps."""

    def answer(self, path: str, body: dict[str, Any]) -> Answer:
        host = f"http://{self.headers['Host']}"
        if path.startswith("/operations"):
            app = self.kept[path.removeprefix("/operations")]
            state = app["properties"]["provisioningState"]
            if state == "InProgress":
                failed = "broken" in json.dumps(app["properties"]["template"])
                app["properties"]["provisioningState"] = "Failed" if failed else "Succeeded"
            error = (
                {"error": {"code": "ContainerAppOperationError", "message": FAILED}}
                if state == "Failed"
                else {}
            )
            return 200, {"name": "one", "status": state, **error}, {"Retry-After": "0"}
        if self.command == "DELETE":
            return (200 if self.kept.pop(path, None) else 204), {}, {}
        if path.endswith("/start"):
            runs = self.kept.setdefault(path.replace("/start", "/executions"), {"value": []})
            runs["value"].append({"name": f"run-{len(runs['value'])}", "properties": {"status": "Succeeded"}})
            return 200, {"name": runs["value"][-1]["name"], "id": path}, {}
        if self.command == "GET":
            return (200, self.kept[path], {}) if path in self.kept else (404, _no_resource(), {})
        created = path not in self.kept
        number = (
            1 if created else int(self.kept[path]["properties"]["latestRevisionName"].rpartition("--")[2]) + 1
        )
        name = path.rpartition("/")[2]
        body["properties"] |= {"provisioningState": "InProgress", "latestRevisionName": f"{name}--{number}"}
        self.kept[path] = {**body, "id": path, "name": name, "type": "Microsoft.App/containerApps"}
        headers = {"Azure-AsyncOperation": f"{host}/operations{path}", "Retry-After": "0"}
        return (201 if created else 200), self.kept[path], headers


def _no_resource() -> dict[str, Any]:
    return {"error": {"code": "ResourceNotFound", "message": "it was not found"}}


@contextmanager
def standing(kind: type[_Stand]) -> Iterator[tuple[str, list[str]]]:
    """Run a stand-in; yield its address, and the list of what it is asked."""
    asked: list[str] = []
    handler = type(kind.__name__, (kind,), {"kept": {}, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
