"""Test the small parts: state files, logs, processes, images, matchers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wait import wait_for
from tools import show
from tools.local_cloud import images, logs
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.processes import Started, start
from tools.local_cloud.runner.probe import accepts
from tools.local_cloud.state import State
from tools.log_lines import readable


def test_a_state_file_is_replaced_whole_and_leaves_no_half(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("cloud", {"port": 1})
    with pytest.raises(TypeError):
        state.write("cloud", object())
    assert state.read("cloud") == {"port": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.json"]


def test_a_broken_state_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cloud.json").write_text("{")
    with pytest.raises(LocalCloudError, match=r"cloud\.json is not JSON"):
        State(tmp_path).read("cloud")


def test_a_second_command_is_told_who_is_at_work(tmp_path: Path) -> None:
    state = State(tmp_path)
    with (
        state.locked("up"),
        pytest.raises(LocalCloudError, match=f"`make up`, process {os.getpid()}"),
        state.locked("down"),
    ):
        pytest.fail("the second command got the lock")


def test_the_lock_of_a_killed_command_blocks_nobody(tmp_path: Path) -> None:
    script = "from pathlib import Path; from tools.local_cloud.state import State; import os, signal\n"
    script += f"with State(Path({str(tmp_path)!r})).locked('up'): os.kill(os.getpid(), signal.SIGKILL)"
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    with State(tmp_path).locked("up"):
        pass


def test_a_log_is_cut_while_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "CAP_BYTES", 1_500_000)
    log = tmp_path / "task.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 2_000_000 + b"end\n")
        logs.cap(tmp_path)
        writer.write(b"next\n")
    assert log.read_bytes() == b"next\n"
    assert (tmp_path / "task.log.1").read_bytes().endswith(b"end\n")


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    for number in range(60):
        path = tmp_path / f"{number}.log"
        path.touch()
        os.utime(path, (number, number))
    logs.cap(tmp_path)
    left = {path.stem for path in tmp_path.iterdir()}
    assert "59" in left
    assert "0" not in left


def test_a_json_log_line_is_made_readable() -> None:
    record = {"timestamp": "2026-01-02T03:04:05.678Z", "level": "error", "message": "no", "exception": "a\nb"}
    [head, *trace] = readable(json.dumps(record | {"path": "/x"}))
    assert head.split() == ["03:04:05.678", "ERROR", "no", "path=/x"]
    assert [line.strip() for line in trace] == ["a", "b"]


@pytest.mark.parametrize("line", ["plain text", "[1, 2]", "{half"])
def test_a_log_line_that_is_no_json_record_stays_as_it_is(line: str) -> None:
    assert readable(line) == [line]


def test_stopping_a_process_ends_its_whole_session(tmp_path: Path) -> None:
    # The session's leader ignores SIGTERM and has a child; neither may survive.
    script = "trap '' TERM; sleep 60 & echo ready; wait; sleep 60"
    process = start(
        ["/bin/sh", "-c", script], env={"PATH": os.environ["PATH"]}, cwd=tmp_path, log=tmp_path / "log"
    )
    started = Started.of(process.pid)
    wait_for(lambda: "ready" in (tmp_path / "log").read_text(), "the start")
    assert len(started.members()) == 2
    started.stop(grace_s=0.1)
    assert process.wait() == -signal.SIGKILL
    assert started.members() == []


def test_a_process_id_used_again_is_left_alone() -> None:
    stranger = Started(os.getpid(), created_s=1.0)
    assert not stranger.alive()
    stranger.stop(grace_s=0)  # the id is this test run's own: stopping it must do nothing


@pytest.mark.parametrize(
    ("codes", "status", "accepted"),
    [
        ("200", 200, True),
        ("200", 204, False),
        ("200,204", 204, True),
        ("200-299", 250, True),
        ("200-299", 300, False),
    ],
)
def test_a_matcher_accepts_its_codes(codes: str, status: int, accepted: bool) -> None:
    assert accepts(codes, status) is accepted


def test_without_a_command_in_the_definition_the_dockerfile_says_what_runs(tmp_path: Path) -> None:
    package = tmp_path / "abc" / "service"
    package.mkdir(parents=True)
    (package / "Dockerfile").write_text('FROM x\nENTRYPOINT ["tini", "--"]\nCMD ["gunicorn"]\n')
    command, folder = images.command_of({"name": "web", "image": "repository:abc"}, tmp_path)
    assert (command, folder) == (["tini", "--", "gunicorn"], tmp_path / "abc")


def test_a_container_without_any_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="Container web has no command"):
        images.command_of({"name": "web", "image": "repository:abc"}, tmp_path)


def test_the_source_of_the_last_releases_is_kept_to_roll_back_to(tmp_path: Path) -> None:
    def deploy(number: int) -> None:
        tag = f"tag{number}"
        source = tmp_path / "assembly" / tag
        source.mkdir(parents=True, exist_ok=True)
        asset = {"source": {"directory": tag}, "destinations": {"here": {"imageTag": tag}}}
        manifest = tmp_path / "assembly" / "Web-dev.assets.json"
        manifest.write_text(json.dumps({"dockerImages": {tag: asset}}))
        images.keep_sources(tmp_path / "assembly", "Web-dev", tmp_path / "images")
        images.prune(tmp_path / "images", {tag})

    # 0 comes again near the end: as the release before the last it must stay, however old its image is.
    for number in (*range(6), 0, 6):
        deploy(number)
    left = {kept.name for kept in (tmp_path / "images").iterdir()}
    assert left == {"tag6", "tag0", "tag5", "tag4", "tag3", "tag2"}


@pytest.mark.parametrize(("ok", "sign"), [(True, "✓ Deploy"), (False, "✗ Deploy")])
def test_a_step_says_whether_it_succeeded(ok: bool, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    with show.step("Deploy") as deployment:
        deployment.ok = ok
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith(sign)]


def test_a_step_that_raises_did_not_succeed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LocalCloudError), show.step("Deploy"):
        raise LocalCloudError("no")
    told = capsys.readouterr().out
    assert ("✗ Deploy" in told, "✓" in told) == (True, False)
