from typing import Any

import pytest

from docs.recipes.socketio import use_socketio
from infra.parameters import Routing, Tasks
from tests.recipes.stacks import stack_of

ONE = {"tasks": Tasks(workers=1), "routing": Routing(sticky_s=3600), "variables": {"QUEUE": "redis://queue"}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"variables": {}}, "has no QUEUE"),
        ({"tasks": Tasks()}, "tasks.workers is 2"),
        ({"tasks": Tasks(workers=4, cpu=2048, memory_mib=4096)}, "tasks.workers is 4"),
        ({"routing": Routing()}, "routing.sticky_s is not set"),
        ({"routing": Routing(), "tasks": Tasks(workers=1, min=1, max=1)}, "routing.sticky_s is not set"),
    ],
)
def test_what_loses_clients_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        use_socketio(stack_of("test", **{**ONE, **changes}), queue="QUEUE")


def test_clients_that_never_poll_may_reach_any_process() -> None:
    use_socketio(stack_of("test", variables={"QUEUE": "redis://queue"}), queue="QUEUE", long_polling=False)


def test_clients_that_poll_need_one_worker_and_stickiness() -> None:
    use_socketio(stack_of("test", **ONE), queue="QUEUE")
