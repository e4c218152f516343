"""Test Flask-SocketIO with one worker through each proxy, as docs/recipes/socketio.py has it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from simple_websocket import Client

from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.service.installed import copy_kit
from tests.wait import wait_for

PATH = "/socket.io/?EIO=4&transport="


@pytest.fixture(scope="module")
def socketio(
    started: Callable[..., Server], run: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    checkout = copy_kit(tmp_path_factory.mktemp("socketio"), app=Path(__file__).parent / "socketio_app")
    proxy = run(started(checkout=checkout, GUNICORN_WORKERS="1", PROXY_HOPS="2").port)
    wait_for(proxy.answers, "the first answer through the proxy")
    return proxy


def post(server: Server, path: str, body: str) -> int:
    connection = server.connect()
    connection.request("POST", path, body=body)
    status = connection.getresponse().status
    connection.close()
    return status


def polled(server: Server) -> str:
    """Connect by long polling; return the path of the session."""
    opened = json.loads(server.get(f"{PATH}polling")[1][1:])
    assert opened["upgrades"] == ["websocket"]
    path = f"{PATH}polling&sid={opened['sid']}"
    assert post(server, path, "40") == 200
    assert server.get(path)[1].startswith(b"40")
    return path


def test_a_client_may_stay_with_long_polling(socketio: Server) -> None:
    path = polled(socketio)
    assert post(socketio, path, '42["say","hello"]') == 200
    assert socketio.get(path)[1] == b'42["said","hello"]'


def test_a_client_changes_to_websocket(socketio: Server) -> None:
    path = polled(socketio).replace("polling", "websocket")
    client = Client.connect(f"ws://127.0.0.1:{socketio.port}{path}")
    client.send("2probe")
    assert client.receive(timeout=PATIENCE_S) == "3probe"
    client.send("5")
    client.send('42["say","hello"]')
    while (message := client.receive(timeout=PATIENCE_S)) == "6":
        pass
    assert message == '42["said","hello"]'
    client.close()


def test_a_client_may_begin_with_websocket(socketio: Server) -> None:
    client = Client.connect(f"ws://127.0.0.1:{socketio.port}{PATH}websocket")
    client.send(
        "40"
    )  # before the first message is read: this client misses it if it comes with the handshake
    assert client.receive(timeout=PATIENCE_S).startswith("0")
    assert client.receive(timeout=PATIENCE_S).startswith("40")
    client.send('42["say","hello"]')
    assert client.receive(timeout=PATIENCE_S) == '42["said","hello"]'
    client.close()
