"""Test that workers and jobs are written for both places, or refused with what to set instead."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from infra.elsewhere import cloud_schedule, cloud_schedule_mistakes, notes, refusals
from infra.parameters import Environment, Google, Job, Place, Queue, Worker
from tests.elsewhere.examples import AZURE, BUSY, GOOGLE, PLACES, at, manifests
from tests.elsewhere.test_manifests import mistakes
from tools.elsewhere import places
from tools.elsewhere.errors import ElsewhereError

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)


def worker(**fields: Any) -> Environment:
    made = {"name": "mail", "command": ("true",), "max": 1, "longest_job_s": 5, **fields}
    return BUSY.model_copy(update={"jobs": (), "workers": (Worker.model_validate(made),)})


def job(**fields: Any) -> Environment:
    made = {"name": "nightly", "command": ("true",), "schedule": "rate(1 day)", "overlap": "allow", **fields}
    return BUSY.model_copy(update={"workers": (), "jobs": (Job.model_validate(made),)})


def work(environment: Environment, place: Place) -> list[dict[str, Any]]:
    """Return the manifests of workers and jobs."""
    return manifests(environment, at(place, environment))[2:]


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the one container of a manifest of either place."""
    node = manifest.get("spec") or manifest["properties"]
    while "containers" not in node:
        node = node["template"] if "template" in node else node["spec"]
    (found,) = node["containers"]
    return dict(found)


@both
def test_workers_and_jobs_are_written_validly(place: Place) -> None:
    where = at(place, BUSY)
    assert not list(refusals(BUSY, where))
    assert len(work(BUSY, place)) == 2
    assert not [each for manifest in work(BUSY, place) for each in mistakes(manifest, place)]


@both
def test_they_have_the_services_image_variables_and_secrets_and_a_command_of_their_own(place: Place) -> None:
    service = json.dumps(manifests(BUSY, at(place, BUSY))[0])
    mail, nightly = map(container, work(BUSY, place))
    assert [*mail["command"], *mail["args"]] == ["python", "-m", "shop.mail"]
    assert [*nightly["command"], *nightly["args"]][:3] == ["python", "-m", "service.kit.job"]
    assert nightly["args"][-3:] == ["nightly", "flask", "report"]
    for each in (mail, nightly):
        assert each["image"] in service
        names = {variable["name"] for variable in each["env"]}
        assert {"GREETING", "SECRET_KEY", "DATABASE_HOST", "DATABASE_PASSWORD"} <= names


def test_a_pool_has_as_many_instances_as_the_worker_says() -> None:
    annotations = work(worker(min=3, max=3), GOOGLE)[0]["metadata"]["annotations"]
    assert annotations["run.googleapis.com/manualInstanceCount"] == "3"
    assert any(
        each.startswith("workers[0].max is 4 and min 1") and "set both to the same" in each
        for each in refusals(worker(max=4), at(GOOGLE, BUSY))
    )


def test_nobody_reaches_a_workers_app_which_adds_replicas_by_cpu_and_may_end_its_work() -> None:
    properties = work(worker(max=7, longest_job_s=100), AZURE)[0]["properties"]
    assert "ingress" not in properties["configuration"]
    scale = properties["template"]["scale"]
    assert (scale["minReplicas"], scale["maxReplicas"]) == (1, 7)
    assert scale["rules"][0]["custom"]["metadata"] == {"type": "Utilization", "value": "70"}
    assert properties["template"]["terminationGracePeriodSeconds"] > 100


@both
def test_work_that_may_be_cut_is_told(place: Place) -> None:
    told = [each for each in notes(worker(longest_job_s=60), place) if each.startswith("workers[0]")]
    assert bool(told) is isinstance(place, Google)
    assert not [each for each in notes(worker(), place) if each.startswith("workers[0]")]


def test_a_schedule_is_what_cloud_scheduler_knows_in_its_own_time_zone() -> None:
    made = job(schedule="cron(30 4 * * ? *)", time_zone="Europe/Berlin")
    wanted = cloud_schedule(made.jobs[0], made, GOOGLE)
    assert (wanted["schedule"], wanted["timeZone"]) == ("30 4 * * *", "Europe/Berlin")
    assert not cloud_schedule_mistakes(wanted)
    assert cloud_schedule_mistakes({**wanted, "timezone": "Etc/UTC"})
    assert not list(refusals(made, at(GOOGLE, made)))


def test_container_apps_start_jobs_by_utc_alone() -> None:
    made = job(time_zone="Europe/Berlin")
    (sentence,) = refusals(made, at(AZURE, made))
    assert sentence.startswith("jobs[0].time_zone is 'Europe/Berlin', but this is Container Apps")
    assert "set it to 'Etc/UTC'" in sentence


@both
def test_a_job_ends_itself_before_the_place_does(place: Place) -> None:
    (made,) = work(job(timeout_s=600), place)
    assert container(made)["args"][2:5] == ["--timeout-s", "600", "--overlap"]
    limit = (
        int(made["spec"]["template"]["spec"]["template"]["spec"]["timeoutSeconds"])
        if isinstance(place, Google)
        else made["properties"]["configuration"]["replicaTimeout"]
    )
    assert limit > 600 + 10  # what service.kit.job gives it after SIGTERM


@both
@pytest.mark.parametrize(
    ("environment", "begins", "advice"),
    [
        (worker(queue=Queue()), "workers[0].queue is Queue", "leave it at None"),
        (worker(cpu=256, memory_mib=2048), "workers[0].cpu is 256", "choose"),
        (job(cpu=512, memory_mib=4096), "jobs[0].cpu is 512", "choose"),
        (worker(name="mail-"), "workers[0].name is 'mail-'", ""),
        (job(schedule="rate(7 minutes)"), "jobs[0].schedule is 'rate(7 minutes)'", "choose one of them"),
        (job(schedule="cron(0 9 L * ? *)"), "jobs[0].schedule is 'cron(0 9 L * ? *)'", "use numbers"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_neither_place_has_is_refused_by_its_path(
    environment: Environment, begins: str, advice: str, place: Place
) -> None:
    sentences = list(refusals(environment, at(place, environment)))
    assert any(each.startswith(begins) and advice in each for each in sentences), sentences


@both
def test_a_worker_that_would_replace_another_environments_service_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = BUSY.model_copy(update={"name": "portable-mail"})
    monkeypatch.setattr(places, "environments", SimpleNamespace(ELSEWHERE={"portable-mail": (place,)}))
    with pytest.raises(ElsewhereError, match="'web-portable-mail' is of portable and of portable-mail"):
        places.check_names(BUSY, place, [BUSY, other])
    elsewhere = {"region": "us-east1"} if isinstance(place, Google) else {"resource_group": "others"}
    places.check_names(BUSY, place.model_copy(update=elsewhere), [BUSY, other])
    places.check_names(worker(name="post"), place, [other])


def test_a_name_that_is_too_long_for_azure_is_refused() -> None:
    made = worker(name="a-name-of-20-letters")
    assert not list(refusals(made, at(GOOGLE, made)))
    (sentence,) = refusals(made, at(AZURE, made))
    assert "'web-portable-a-name-of-20-letters'" in sentence
    assert "32 characters at most" in sentence
