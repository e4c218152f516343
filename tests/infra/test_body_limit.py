"""Test the largest request body: one parameter, from which variables and the memory check follow."""

import pytest
from pydantic import ValidationError

from infra.parameters import Environment, Tasks
from tests.infra.configured import container, template_of


def limit(definition: dict[str, object]) -> str:
    pairs = definition["Environment"]
    assert isinstance(pairs, list)
    return next(str(pair["Value"]) for pair in pairs if pair["Name"] == "MAX_CONTENT_LENGTH_BYTES")


def test_service_and_proxy_get_the_limit_in_bytes() -> None:
    made = template_of(max_body_mib=12)
    assert {limit(container(made, name)) for name in ("web", "proxy")} == {str(12 * 1024**2)}


def test_a_body_above_the_default_is_counted_for_each_thread() -> None:
    tasks = Tasks(workers=2, threads=16)
    assert tasks.needed_mib(25) - tasks.needed_mib(10) == 2 * 16 * 15
    assert tasks.needed_mib(1) == tasks.needed_mib(10) == tasks.needed_mib()


def test_bodies_that_would_fill_the_memory_are_refused() -> None:
    with pytest.raises(ValidationError, match="3400 MiB with max_body_mib 100, but"):
        Environment(name="test", max_body_mib=100)
    Environment(name="test", max_body_mib=100, tasks=Tasks(memory_mib=4096))


@pytest.mark.parametrize("mib", [0, 1025])
def test_the_limit_is_1_mib_to_1_gib(mib: int) -> None:
    with pytest.raises(ValidationError, match="max_body_mib"):
        Environment(name="test", max_body_mib=mib, tasks=Tasks(cpu=16384, memory_mib=122880, workers=1))
