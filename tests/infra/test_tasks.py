import pytest
from pydantic import ValidationError

from infra.parameters import FARGATE_MEMORY_MIB, Tasks, explain


def mistakes(**values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Tasks.model_validate(values)
    return explain(caught.value)


def test_rejects_more_minimum_than_maximum_tasks() -> None:
    assert "min (3) is more than max (1)" in mistakes(min=3, max=1)


def test_names_the_memory_sizes_of_a_cpu_when_given_another() -> None:
    message = mistakes(cpu=256, memory_mib=4096)
    assert "memory_mib 4096 with cpu 256" in message
    assert "512, 1024, 2048" in message


def test_names_the_cpus_of_fargate_when_given_another() -> None:
    message = mistakes(cpu=300)
    assert "cpu 300" in message
    assert "256, 512, 1024, 2048, 4096, 8192, 16384" in message


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


def test_every_size_that_fargate_offers_holds_the_workers_it_gets_by_default() -> None:
    for cpu, sizes in FARGATE_MEMORY_MIB.items():
        for memory_mib in sizes:
            assert Tasks(cpu=cpu, memory_mib=memory_mib).needed_mib() <= memory_mib


def test_workers_and_threads_can_be_set() -> None:
    tasks = Tasks(workers=3, threads=4)
    assert (tasks.gunicorn_workers, tasks.gunicorn_threads) == (3, 4)
