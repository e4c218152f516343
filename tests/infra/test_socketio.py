"""Test the warning of Flask-SocketIO where its clients would be lost."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from infra.parameters import Environment, Routing, Tasks
from infra.task.socketio import warn_of_polling

ONE, STICKY = Tasks(workers=1), Routing(sticky_s=60)


def warnings(folder: Path, *, tasks: Tasks, routing: Routing) -> int:
    stack = cdk.Stack()
    warn_of_polling(stack, source=folder, parameters=Environment(name="test", tasks=tasks, routing=routing))
    return len(Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("long polling")))


@pytest.mark.parametrize("line", ["flask-socketio==5.7.0 \\", "Flask-SocketIO", "flask_socketio>=5"])
@pytest.mark.parametrize("name", ["requirements.txt", "requirements.in"])
def test_an_app_with_socketio_is_warned_unless_each_client_stays_with_one_process(
    tmp_path: Path, line: str, name: str
) -> None:
    (tmp_path / name).write_text(f"flask==3.1.0\n{line}\n")
    assert warnings(tmp_path, tasks=Tasks(), routing=Routing()) == 1
    assert warnings(tmp_path, tasks=ONE, routing=Routing()) == 1
    assert warnings(tmp_path, tasks=Tasks(), routing=STICKY) == 1
    assert warnings(tmp_path, tasks=ONE, routing=STICKY) == 0


def test_an_app_without_socketio_is_not_warned(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask-sock==0.7.0\n")
    assert warnings(tmp_path, tasks=Tasks(), routing=Routing()) == 0
