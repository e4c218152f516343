"""Test that each failure is told in a sentence, and that `make up` and `make down` work after it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.local_cloud.bare import bare, restart_runner
from tests.local_cloud.conftest import Dev, command
from tests.wait import wait_for
from tools.local_cloud import cdk, running, up
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.processes import Started
from tools.local_cloud.state import REPOSITORY, State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Return the state of an unused local cloud, and end every process that the test leaves running."""
    state = State(tmp_path / "state")
    yield state
    assert command(state, "down").returncode == 0
    assert _processes(state) == []


def _processes(state: State) -> list[str]:
    """Return the command lines of all processes that name the state folder or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            said = " ".join([*process.cmdline(), process.cwd(), process.environ().get("TMPDIR", "")])
        except psutil.Error:
            continue
        if str(state.folder) in said and process.pid != os.getpid():
            found.append(said)
    return found


def test_without_a_local_cloud_every_command_says_how_to_start(tmp_path: Path) -> None:
    for arguments in (["status"], ["logs"], ["scale", "2"]):
        done = command(State(tmp_path), *arguments)
        assert done.returncode == 1
        assert done.stderr.strip().endswith("Nothing runs. Start it with `make up`.")
    assert command(State(tmp_path), "down").returncode == 0


def test_a_taken_port_is_refused_with_who_holds_it(state: State) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = command(state, "up", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert f"process {os.getpid()}, listens there" in done.stderr


def test_a_full_disk_is_refused_before_anything_starts(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(LocalCloudError, match=r"Only 5 MB are free where .* needs 100 MB"):
        up.up(state, application=REPOSITORY, environment="dev", front_port=0)
    assert running.recorded(state) is None


def test_an_unknown_environment_is_refused_with_those_there_are(dev: Dev) -> None:
    with pytest.raises(LocalCloudError, match=r"no environment 'qa'\. Choose one of: dev, prod, staging"):
        cdk.region_of(dev.state.assembly, "Web-qa")


def test_ctrl_c_leaves_a_state_that_down_cleans_up(state: State) -> None:
    arguments = [sys.executable, "-m", "tools.local_cloud", "--state", str(state.folder), "up", "--port", "0"]
    process = subprocess.Popen(
        arguments,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for((state.folder / "cloud.json").exists, "the start of the emulator")
    os.killpg(process.pid, signal.SIGINT)  # a terminal signals the whole group
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Ended by Ctrl-C" in told
    assert "Traceback" not in told


def test_a_killed_emulator_is_noticed_and_its_tasks_end(state: State) -> None:
    known = bare(state, "eu-west-1", runner=True)
    known.emulator.kill()
    assert known.runner
    told = command(state, "status")
    assert told.returncode == 1
    assert "The emulator has stopped" in told.stderr
    wait_for(lambda: known.runner and not known.runner.alive(), "the end of the runner")


def test_a_killed_up_leaves_no_stale_lock_and_no_orphan(state: State) -> None:
    bare(state, "eu-west-1", runner=True)
    assert len(_processes(state)) >= 2
    assert "Nothing is left." in command(state, "down").stdout
    assert _processes(state) == []


def test_a_killed_runner_is_replaced_and_its_tasks_do_not_survive_it(dev: Dev) -> None:
    dev.scaled(2)
    old = [Started(**item) for task in dev.tasks for item in task["processes"]]
    runner = dev.running.runner
    assert runner
    os.kill(runner.pid, signal.SIGKILL)
    wait_for(lambda: not runner.alive(), "the end of the runner")
    told = command(dev.state, "status")
    assert (told.returncode, "The runner has stopped" in told.stderr) == (1, True)
    restart_runner(dev.state)
    assert [process for process in old if process.members()] == []
    wait_for(lambda: len(dev.tasks) == 2, "two new tasks")


def test_the_servers_listen_on_loopback_only(dev: Dev) -> None:
    known, listening = dev.running, []
    for started in [known.emulator, known.runner, *(Started(**p) for t in dev.tasks for p in t["processes"])]:
        for process in started.members() if started else []:
            listening += [c.laddr for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert len(listening) >= 4
    assert {address[0] for address in listening} == {"127.0.0.1"}
