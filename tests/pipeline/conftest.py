"""Start a GitHub of the tests' own on loopback, and make a CloudFormation with prepared answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.stub import Stubber

from tools.pipeline.github import GitHub

BOT = "github-actions[bot]"


class Hub:
    """A repository on the tests' GitHub, which serves it and keeps what is written to it."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self.labels: list[str] = []
        self.parts: dict[tuple[int, str], list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self.tokens: list[tuple[str, str | None]] = []
        self.broken = False
        self.elsewhere = ""

    def get(self, path: str, query: dict[str, list[str]]) -> Any:
        first = int(query.get("page", ["1"])[0]) * 100 - 100
        parts = path.strip("/").split("/")
        match parts:
            case ["issues"]:
                wanted = query["labels"][0]
                found = [each for each in self.issues if each["state"] == "open" and wanted in each["labels"]]
                return found[first : first + 100]
            case ["issues", number, "comments"]:
                return [each for each in self.comments if each["issue"] == int(number)][first : first + 100]
            case ["pulls"]:
                return [each for each in self.pulls if each["state"] == "open"][first : first + 100]
            case ["pulls", number, "files" | "reviews" as part]:
                return self.parts.get((int(number), part), [])[first : first + 100]
            case ["pulls", number]:
                return next((each for each in self.pulls if each["number"] == int(number)), None)
            case ["actions", "runs", _, "artifacts"]:
                return {"artifacts": self.artifacts}
        return None

    def put(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        match (method, *path.strip("/").split("/")):
            case ("POST", "labels"):
                taken = body["name"] in self.labels
                self.labels.append(body["name"])
                return (422 if taken else 201), {}
            case ("POST", "issues"):
                number = len(self.issues) + 1
                self.issues.append({**body, "number": number, "state": "open", "html_url": f"issue/{number}"})
                return 201, self.issues[-1]
            case ("PATCH", "issues", "comments", number):
                [comment] = [each for each in self.comments if each["id"] == int(number)]
                comment |= body
                return 200, comment
            case ("POST", "pulls", number, "reviews"):
                made = {**body, "user": {"login": BOT}}
                self.parts.setdefault((int(number), "reviews"), []).append(made)
                return 200, made
            case ("PATCH", "issues", number):
                [issue] = [each for each in self.issues if each["number"] == int(number)]
                issue |= body
                return 200, issue
            case ("POST", "issues", number, "comments"):
                return 201, self.comment(int(number), body["body"])
        return 404, {}

    def comment(self, issue: int, body: str, author: str = BOT) -> dict[str, Any]:
        made = {"id": len(self.comments) + 1, "issue": issue, "body": body, "user": {"login": author}}
        self.comments.append(made | {"html_url": f"comment/{made['id']}"})
        return self.comments[-1]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self.hub.tokens.append((asked.path, self.headers.get("Authorization")))
        if asked.path.endswith("/zip"):
            self.send_response(302)
            self.send_header("Location", f"{self.hub.elsewhere}/blob")
            self.end_headers()
            return
        name = asked.path.rpartition("/")[2]
        if name in self.hub.files:
            self._answer(200, self.hub.files[name])
            return
        found = self.hub.get(asked.path.removeprefix("/repos/octo/web"), parse_qs(asked.query))
        self._answer(500 if self.hub.broken else 404 if found is None else 200, json.dumps(found).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.hub.put(self.command, self.path.removeprefix("/repos/octo/web"), body)
        self._answer(status, json.dumps(answer).encode())

    do_PATCH = do_POST  # noqa: N815 (http.server's word)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's word)
        """Suppress the log line of a request."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Serve an empty repository of the tests' GitHub."""
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": made}))
    made.elsewhere = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def github(hub: Hub) -> GitHub:
    """Return a client of the tests' GitHub."""
    return GitHub(repository="octo/web", token="token", url=hub.elsewhere)


@pytest.fixture
def cloudformation() -> Any:
    """Return a client of CloudFormation that gets only the answers prepared with `stub`."""
    return boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def stub(cloudformation: Any) -> Iterator[Stubber]:
    """Yield a stub: CloudFormation gives the answers added to it, in order, checked against its model."""
    with Stubber(cloudformation) as stub:
        yield stub
        stub.assert_no_pending_responses()
