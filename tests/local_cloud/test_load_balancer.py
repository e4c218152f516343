"""Test the emulator's load balancer, with servers of the tests' own as targets."""

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed

from tests.local_cloud.bare import bare
from tests.local_cloud.target import Target
from tests.wait import wait_for
from tools.local_cloud.running import Running
from tools.local_cloud.state import State


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start an emulator with one load balancer and nothing else."""
    running = bare(State(tmp_path_factory.mktemp("balancer")), "eu-west-1", runner=False)
    elb = running.cloud.client("elbv2")
    [balancer] = elb.create_load_balancer(Name="web", Subnets=["subnet-1"])["LoadBalancers"]
    [group] = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, TargetType="ip", VpcId="vpc-1")[
        "TargetGroups"
    ]
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward]
    )
    yield running
    running.emulator.stop(grace_s=5)


@dataclass
class Group:
    """A target group that is emptied after each test."""

    elb: Any
    arn: str
    targets: list[Target] = field(default_factory=list)

    def add(self) -> Target:
        """Start and register a target."""
        target = Target()
        self.targets.append(target)
        self.elb.register_targets(TargetGroupArn=self.arn, Targets=[self._id(target)])
        return target

    def remove(self, target: Target) -> None:
        """Deregister a target."""
        self.elb.deregister_targets(TargetGroupArn=self.arn, Targets=[self._id(target)])

    def states(self) -> dict[int, str]:
        """Return the state of each target by its port."""
        answer = self.elb.describe_target_health(TargetGroupArn=self.arn)["TargetHealthDescriptions"]
        return {item["Target"]["Port"]: item["TargetHealth"]["State"] for item in answer}

    def _id(self, target: Target) -> dict[str, Any]:
        return {"Id": "127.0.0.1", "Port": target.port}


@pytest.fixture
def group(known: Running) -> Iterator[Group]:
    """Yield the target group, and deregister its targets after the test."""
    elb = known.cloud.client("elbv2")
    [described] = elb.describe_target_groups()["TargetGroups"]
    group = Group(elb, described["TargetGroupArn"])
    yield group
    for target in group.targets:
        group.remove(target)
        target.close()


def _get(known: Running, path: str = "/") -> int:
    with urllib.request.urlopen(known.url + path, timeout=20) as response:
        return int(response.read())


def test_targets_on_one_address_are_told_apart_by_port(known: Running, group: Group) -> None:
    first, second = group.add(), group.add()
    assert group.states() == {first.port: "healthy", second.port: "healthy"}
    group.remove(first)
    assert {_get(known) for _ in range(20)} == {second.port}


def test_a_deregistered_target_drains_until_its_last_answer(known: Running, group: Group) -> None:
    leaving, staying = group.add(), None
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(_get, known, "/held")
        assert leaving.asked.wait(10)
        staying = group.add()
        group.remove(leaving)
        assert group.states() == {leaving.port: "draining", staying.port: "healthy"}
        assert {_get(known) for _ in range(20)} == {staying.port}, "no new request reaches it"
        leaving.let_go.set()
        assert held.result() == leaving.port
    wait_for(lambda: group.states() == {staying.port: "healthy"}, "the end of the drain")


@pytest.mark.parametrize("path", ["/", "/held"])
def test_a_client_that_leaves_does_not_keep_its_target_draining(
    known: Running, group: Group, path: str
) -> None:
    target = group.add()
    for _ in range(10):
        target.asked.clear()
        with socket.create_connection(("127.0.0.1", known.front_port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert target.asked.wait(10)
    target.let_go.set()
    group.remove(target)
    wait_for(lambda: group.states() == {}, "the end of the drain", within_s=10)


def test_an_idle_target_is_gone_as_soon_as_it_is_deregistered(group: Group) -> None:
    group.remove(group.add())
    assert group.states() == {}


def test_the_target_learns_who_asked_and_by_which_listener(known: Running, group: Group) -> None:
    target = group.add()
    _get(known)
    assert target.headers["x-forwarded-for"] == "127.0.0.1"
    assert (target.headers["x-forwarded-proto"], target.headers["x-forwarded-port"]) == ("http", "80")


def test_without_targets_the_load_balancer_says_so(known: Running, group: Group) -> None:
    assert group.states() == {}
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(known)
    with refused.value as error:
        assert error.code == 503


def _open(known: Running, **arguments: Any) -> Client:
    return Client.connect(f"ws://127.0.0.1:{known.front_port}/socket?a=b", **arguments)


def test_a_websocket_is_passed_on_both_ways(known: Running, group: Group) -> None:
    target = group.add()
    client = _open(known, subprotocols=["a", "b"], headers={"Cookie": "session=1"})
    assert client.subprotocol == "b"
    assert (target.headers["x-forwarded-for"], target.headers["cookie"]) == ("127.0.0.1", "session=1")
    for message in ("hello", "", bytes(range(256)) * 1000, b"", "ü" * 100_000):
        client.send(message)
        assert client.receive(timeout=20) == message
    client.send("end")
    with pytest.raises(ConnectionClosed) as closed:
        client.receive(timeout=20)
    assert (closed.value.reason, closed.value.message) == (4000, "as asked")


def test_a_target_drains_until_its_last_websocket_is_closed(known: Running, group: Group) -> None:
    target = group.add()
    client = _open(known)
    group.remove(target)
    assert group.states() == {target.port: "draining"}
    client.send("still")
    assert client.receive(timeout=20) == "still"
    client.close()
    wait_for(lambda: group.states() == {}, "the end of the drain", within_s=10)


def test_a_silent_websocket_is_ended_after_the_idle_timeout(known: Running, group: Group) -> None:
    group.add()
    elb = known.cloud.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]

    def idle(seconds: str) -> None:
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": seconds}],
        )

    idle("1")
    try:
        client = _open(known)
        with pytest.raises(ConnectionClosed):
            client.receive(timeout=20)
    finally:
        idle("60")


def _refusal(known: Running) -> bytes:
    """Return the answer to somebody who asks for a WebSocket, and gets none."""
    with socket.create_connection(("127.0.0.1", known.front_port), timeout=20) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_websocket_without_a_target_is_refused(known: Running, group: Group) -> None:
    assert group.states() == {}
    assert _refusal(known).startswith(b"HTTP/1.1 503 ")


def test_a_targets_own_answer_to_who_wants_a_websocket_is_passed_on(known: Running, group: Group) -> None:
    target = group.add()
    head, _, body = _refusal(known).partition(b"\r\n\r\n")
    assert (head[:13], body) == (b"HTTP/1.1 200 ", str(target.port).encode())


def test_each_piece_of_a_stream_is_passed_on_at_once(known: Running, group: Group) -> None:
    target = group.add()
    connection = http.client.HTTPConnection("127.0.0.1", known.front_port, timeout=20)
    connection.request("GET", "/pieces")
    answer = connection.getresponse()
    assert answer.read1(100) == b"first"
    target.let_go.set()
    assert answer.read() == b"last"
    connection.close()
