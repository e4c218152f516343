"""Test that the policy refuses Flask-SocketIO where its clients would be lost."""

from pathlib import Path

import pytest

from infra.parameters import Routing, Tasks
from infra.policy.assets import Assets
from infra.policy.findings import violations_in
from infra.policy.image import Stage
from tests.infra.configured import template_of

ONE, STICKY = Tasks(workers=1), Routing(sticky_s=60)


@pytest.fixture(autouse=True)
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each container's image have its files from a folder of the test."""
    monkeypatch.setattr(Assets, "image_of", lambda *_: Stage(context=tmp_path))


def sentences(folder: Path, *, tasks: Tasks, routing: Routing) -> list[str]:
    template = dict(template_of(tasks=tasks, routing=routing).to_json())
    found = list(violations_in(template, folder=folder))
    assert {each.rule for each in found} <= {"socketio"}
    return [each.sentence for each in found if "'web'" in each.sentence]


@pytest.mark.parametrize("line", ["flask-socketio==5.7.0 \\", "Flask-SocketIO", "flask_socketio>=5"])
def test_an_app_with_socketio_is_refused_unless_each_client_stays_with_one_process(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "requirements.txt").write_text(f"flask==3.1.0\n{line}\n")
    [both] = sentences(tmp_path, tasks=Tasks(), routing=Routing())
    assert "2 workers: set `tasks.workers` to 1; and no sticky sessions: set `routing.sticky_s`" in both
    [stickiness] = sentences(tmp_path, tasks=ONE, routing=Routing())
    assert "2 workers" not in stickiness
    [workers] = sentences(tmp_path, tasks=Tasks(), routing=STICKY)
    assert "no sticky sessions" not in workers
    assert sentences(tmp_path, tasks=ONE, routing=STICKY) == []


def test_an_app_without_socketio_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask-sock==0.7.0\n")
    assert sentences(tmp_path, tasks=Tasks(), routing=Routing()) == []
