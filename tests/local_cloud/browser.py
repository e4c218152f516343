"""Drive a real headless Chromium over its debugging pipe: no driver, no extra dependency.

https://chromedevtools.github.io/devtools-protocol/ ; messages are JSON, each ended by a zero byte.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

_ANSWER_WITHIN_S = 20.0
# Chromium reads file descriptor 3 and writes 4. Ours are copied first, because one may already be 3 or 4.
_ON_PIPES = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str:
    """Return the path of Chromium; skip the test if there is none, except in CI, which must have it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine; Debian: apt install chromium")
    assert found, "CI must have a Chromium"
    return found


class Browser:
    """One page of a Chromium that ends with the `with` block."""

    def __init__(self, chromium: str, profile: Path) -> None:
        self._numbers = itertools.count(1)
        self._buffer = b""
        reads, self._write = os.pipe()
        self._read, writes = os.pipe()
        arguments = [chromium, "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]
        # Chromium's sandbox does not work for root; the only pages opened are our own.
        arguments += ["--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
        # Without these options it would look for updates on the internet.
        arguments += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_PIPES, str(reads), str(writes), *arguments],
            pass_fds=(reads, writes),
            env={**os.environ, "HOME": str(profile)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._session = ""
        # What the console shows as errors: blocked and missing resources, exceptions, console.error().
        self.errors: list[str] = []

    def __enter__(self) -> "Browser":
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        answer = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = answer["sessionId"]
        self._call("Log.enable")
        self._call("Runtime.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        self._call("Browser.close")
        self._process.wait(timeout=_ANSWER_WITHIN_S)
        os.close(self._read)
        os.close(self._write)

    def open(self, url: str) -> None:
        """Go to a page."""
        self._call("Page.navigate", url=url)

    def answer_for_other_hosts(self) -> None:
        """Answer all requests by https with nothing, as if other hosts were there; ours are by http."""
        self._call("Fetch.enable", patterns=[{"urlPattern": "https://*"}])

    def prefers(self, scheme: str) -> None:
        """Show pages as to a person who prefers the light or the dark scheme."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._call("Emulation.setEmulatedMedia", features=features)

    def press(self, key: str) -> None:
        """Press a key: Tab, or Enter, which clicks a button."""
        text = {"text": "\r"} if key == "Enter" else {}
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)

    def screenshot(self) -> bytes:
        """Return a screenshot of the page, as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def evaluate(self, script: str) -> Any:
        """Return the JSON value of a JavaScript expression."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        number = self._send(method, **parameters)
        while True:
            answer = self._message()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer.get("method"), answer.get("params", {}))

    def _send(self, method: str, **parameters: object) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return number

    def _note(self, event: object, told: dict[str, Any]) -> None:
        if event == "Fetch.requestPaused":
            self._send("Fetch.fulfillRequest", requestId=told["requestId"], responseCode=200)
        if event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(told["entry"]["text"])
        elif event == "Runtime.exceptionThrown" or (
            event == "Runtime.consoleAPICalled" and told["type"] == "error"
        ):
            self.errors.append(json.dumps(told))

    def _message(self) -> dict[str, Any]:
        ends_at = time.monotonic() + _ANSWER_WITHIN_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], ends_at - time.monotonic())
            assert ready, f"Chromium did not answer within {_ANSWER_WITHIN_S} s"
            data = os.read(self._read, 65536)
            assert data, "Chromium has ended"
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded
