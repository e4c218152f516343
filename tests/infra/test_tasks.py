import json
from importlib import resources
from typing import Any

import pytest
from cfnlint.data.schemas.extensions import aws_ecs_taskdefinition
from pydantic import ValidationError

from infra.parameters import FARGATE_MEMORY_MIB, Tasks, explain

# cfn-lint's rule E3047 for the sizes of Fargate, as a source independent of this kit.
_RULE: dict[str, Any] = json.loads(
    (resources.files(aws_ecs_taskdefinition) / "fargate_cpu_memory.json").read_text()
)


def mistakes(**values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Tasks.model_validate(values)
    return explain(caught.value)


def test_rejects_more_minimum_than_maximum_tasks() -> None:
    assert mistakes(min=3, max=1).endswith("Tasks: min (3) is more than max (1): raise max or lower min")


def test_names_the_memory_sizes_of_a_cpu_when_given_another() -> None:
    message = mistakes(cpu=256, memory_mib=4096)
    assert "memory_mib 4096 with cpu 256" in message
    assert "512, 1024, 2048" in message


def test_names_the_cpus_of_fargate_when_given_another() -> None:
    message = mistakes(cpu=300)
    assert "cpu 300" in message
    assert "256, 512, 1024, 2048, 4096, 8192, 16384" in message


def sizes_of(choice: dict[str, Any]) -> list[int]:
    memory = choice["properties"]["Memory"]["then"]
    return memory.get("enum") or [*range(memory["minimum"], memory["maximum"] + 1, memory["multipleOf"])]


def test_knows_every_size_that_fargate_offers() -> None:
    choices = {each["properties"]["Cpu"]["then"]["enum"][0]: each for each in _RULE["then"]["anyOf"]}
    assert {cpu: sizes_of(choices[str(cpu)]) for cpu in FARGATE_MEMORY_MIB} == FARGATE_MEMORY_MIB


def test_rejects_workers_and_threads_that_do_not_fit_the_memory() -> None:
    message = mistakes(workers=4, threads=64, memory_mib=1024)
    assert "4 workers of 64 threads need about 2512 MiB, but memory_mib is 1024" in message


def test_rejects_text_where_a_number_belongs() -> None:
    assert mistakes(cpu="512").endswith("Tasks.cpu: Input should be a valid integer, but '512' was given")


def test_rejects_an_unknown_field_and_names_the_close_one() -> None:
    assert "there is no field 'memory': did you mean 'memory_mib'?" in mistakes(memory=512)


def test_rejects_an_unknown_architecture_and_names_the_known() -> None:
    assert "'ARM64' or 'X86_64', but 'arm' was given" in mistakes(architecture="arm")


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "workers", "threads"),
    [(256, 512, 2, 8), (512, 1024, 2, 16), (1024, 2048, 2, 16), (2048, 4096, 4, 16), (4096, 8192, 8, 16)],
)
def test_sizes_workers_and_threads_by_cpu(cpu: int, memory_mib: int, workers: int, threads: int) -> None:
    tasks = Tasks(cpu=cpu, memory_mib=memory_mib)
    assert (tasks.gunicorn_workers, tasks.gunicorn_threads) == (workers, threads)
    assert isinstance(tasks.gunicorn_workers, int), "Gunicorn takes no 4.0"


def test_every_size_that_fargate_offers_holds_the_workers_it_gets_by_default() -> None:
    for cpu, sizes in FARGATE_MEMORY_MIB.items():
        for memory_mib in sizes:
            assert Tasks(cpu=cpu, memory_mib=memory_mib).needed_mib() <= memory_mib


def test_one_process_and_one_thread_of_it_can_be_all() -> None:
    tasks = Tasks(workers=1, threads=1)
    assert (tasks.gunicorn_workers, tasks.gunicorn_threads) == (1, 1)


def test_memory_is_needed_by_gunicorn_each_worker_and_each_thread() -> None:
    assert Tasks(workers=2, threads=4, worker_mib=100).needed_mib() == 64 + 2 * (100 + 4 * 8)


def test_tasks_may_fill_the_memory_to_the_last_mebibyte() -> None:
    fits = Tasks(cpu=256, memory_mib=512, workers=1, threads=1, worker_mib=440)
    assert fits.needed_mib() == fits.memory_mib
    assert "need about 513 MiB" in mistakes(cpu=256, memory_mib=512, workers=1, threads=1, worker_mib=441)


def test_as_many_tasks_at_least_as_at_most_is_a_fixed_number() -> None:
    assert Tasks(min=3, max=3).min == 3


def test_workers_and_threads_can_be_set() -> None:
    tasks = Tasks(workers=3, threads=4)
    assert (tasks.gunicorn_workers, tasks.gunicorn_threads) == (3, 4)
