"""Test that what is written is valid by the vendors' schemas, and says what the places' documents ask for."""

import copy
import json
from typing import Any

import pytest

from infra.elsewhere import (
    RefusedError,
    cloud_run_mistakes,
    container_app_mistakes,
    notes,
    refusals,
    refuse,
)
from infra.parameters import (
    Azure,
    Cidrs,
    Domain,
    Environment,
    Google,
    HealthCheck,
    InsideVpc,
    NewLoadBalancer,
    Place,
    Tasks,
    Waf,
)
from tests.elsewhere.examples import (
    AZURE,
    BUSY,
    GOOGLE,
    PLACES,
    PORTABLE,
    at,
    containers,
    manifests,
    variables,
)
from tests.environments import DEV, PROD, STAGING

both = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)


def mistakes(document: dict[str, Any], place: Place) -> list[str]:
    if isinstance(place, Google):
        return cloud_run_mistakes(document)
    job = "environmentId" in document["properties"]
    return container_app_mistakes(document, kind="Job" if job else "ContainerApp")


def adapted(environment: Environment) -> Environment:
    """Return a shipped environment with what the sentences ask for, and nothing else."""
    tasks = environment.tasks.model_copy(update={"spot": "never", "cpu": 1024, "memory_mib": 2048})
    domain = environment.domain and environment.domain.model_copy(update={"aliases": ()})
    changes = {"tasks": tasks, "tls_to_tasks": False, "domain": domain}
    return environment.model_copy(update=changes)


@both
def test_an_environment_that_asks_for_nothing_of_aws_is_written_as_it_is(place: Place) -> None:
    where = at(place, PORTABLE)
    assert list(refusals(PORTABLE, where)) == []
    service, job = manifests(PORTABLE, where)
    assert not mistakes(service, place)
    assert not mistakes(job, place)


@both
@pytest.mark.parametrize(
    ("environment", "fields"),
    [
        (DEV, {"tasks.spot"}),
        (STAGING, {"tasks.spot", "tls_to_tasks", "load_balancer.waf"}),
        (PROD, {"tasks.spot", "tls_to_tasks", "load_balancer.waf"}),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_the_shipped_environments_are_refused_only_for_what_the_place_has_not(
    environment: Environment, fields: set[str], place: Place
) -> None:
    more = {"tasks.cpu"} if isinstance(place, Google) else set()
    if environment.domain and isinstance(place, Google):
        more |= {"domain"}
    if environment is STAGING and isinstance(place, Azure):
        more |= {"domain.aliases"}  # a wildcard
    assert {each.split(" ", 1)[0] for each in refusals(environment, place)} == fields | more


@both
@pytest.mark.parametrize("environment", [DEV, STAGING, PROD], ids=lambda each: each.name)
def test_the_shipped_environments_are_written_once_they_follow_the_sentences(
    environment: Environment, place: Place
) -> None:
    changed = adapted(environment)
    where = place.model_copy(update={"edge": changed.domain is not None})
    assert not list(refusals(changed, where))
    assert all(not mistakes(each, place) for each in manifests(changed, where))


@both
def test_all_reasons_are_said_at_once(place: Place) -> None:
    with pytest.raises(RefusedError) as error:
        refuse(STAGING, place)
    assert len(error.value.sentences) >= 4
    assert all(each in str(error.value) for each in error.value.sentences)


@both
@pytest.mark.parametrize("path", ["template", "metadata", "container", "type"])
def test_a_misspelt_field_and_a_wrong_type_are_refused(path: str, place: Place) -> None:
    document = copy.deepcopy(manifests(PORTABLE, at(place, PORTABLE))[0])
    (spec,) = (
        [document["spec"]["template"]["spec"]]
        if isinstance(place, Google)
        else [document["properties"]["template"]]
    )
    if path == "template":
        spec["containerConcurency"] = 1
    elif path == "metadata":
        document["lables"] = {}
    elif path == "container":
        spec["containers"][0]["resource"] = {}
    else:
        spec["containers"][0]["image"] = 7
    assert len(mistakes(document, place)) == 1


def test_a_misspelt_annotation_and_one_at_the_wrong_place_are_refused() -> None:
    document = copy.deepcopy(manifests(PORTABLE, at(GOOGLE, PORTABLE))[0])
    annotations = document["metadata"]["annotations"]
    annotations["run.googleapis.com/minscale"] = "1"
    annotations["run.googleapis.com/sessionAffinity"] = "true"
    assert cloud_run_mistakes(document) == [
        "Service: annotation run.googleapis.com/minscale: there is none such",
        "Service: annotation run.googleapis.com/sessionAffinity: it belongs to Revision",
    ]


def test_a_word_that_azure_does_not_know_is_refused() -> None:
    document = copy.deepcopy(manifests(PORTABLE, at(AZURE, PORTABLE))[0])
    document["properties"]["configuration"]["activeRevisionsMode"] = "Many"
    (mistake,) = container_app_mistakes(document)
    assert mistake.startswith("properties.configuration.activeRevisionsMode: 'Many' is not one of")


@both
def test_the_numbers_of_the_containers_fit_the_instance(place: Place) -> None:
    found = containers(PORTABLE, at(place, PORTABLE)).values()
    if isinstance(place, Google):
        mib = [int(each["resources"]["limits"]["memory"].removesuffix("Mi")) for each in found]
        assert sum(mib) == PORTABLE.tasks.memory_mib
    else:
        assert sum(each["resources"]["cpu"] for each in found) == pytest.approx(1)
        assert sum(float(each["resources"]["memory"][:-2]) for each in found) == pytest.approx(2)


@both
def test_secrets_are_given_by_reference_and_pinned_to_a_version(place: Place) -> None:
    document = json.dumps(manifests(PORTABLE, at(place, PORTABLE)))
    assert "latest" not in document.replace("latestRevision", "")
    for container in manifests(PORTABLE, at(place, PORTABLE)):
        assert "SECRET_KEY" in json.dumps(container)
    assert not {"SECRET_KEY", "DATABASE_PASSWORD"} & variables(PORTABLE, at(place, PORTABLE), "web").keys()


@both
def test_a_secret_that_the_place_does_not_know_is_asked_for(place: Place) -> None:
    sentences = [each for each in refusals(PORTABLE, place) if each.startswith("secrets has")]
    assert [each.split(",")[0] for each in sentences] == [
        "secrets has SECRET_KEY",
        "secrets has DATABASE_PASSWORD",
    ]
    assert all(f"{type(place).__name__}(secrets=" in each for each in sentences)


@both
def test_the_front_end_closes_idle_connections_before_the_proxy_does(place: Place) -> None:
    idle_s = 600 if isinstance(place, Google) else 240
    assert int(variables(PORTABLE, at(place, PORTABLE), "proxy")["KEEPALIVE_S"]) > idle_s


@both
def test_gunicorn_goes_on_until_the_proxy_has_ended(place: Place) -> None:
    where = at(place, PORTABLE)
    proxy, web = variables(PORTABLE, where, "proxy"), variables(PORTABLE, where, "web")
    ends_s = int(proxy["LAME_DUCK_S"]) + int(proxy["GRACEFUL_TIMEOUT_S"])
    killed_s = (
        10
        if isinstance(place, Google)
        else manifests(PORTABLE, where)[0]["properties"]["template"]["terminationGracePeriodSeconds"]
    )
    assert ends_s <= int(web["LAME_DUCK_S"])
    # 3 s remain for the ends themselves: with little CPU they took 2.3 (docs/elsewhere.md).
    assert int(web["LAME_DUCK_S"]) + int(web["GUNICORN_GRACEFUL_TIMEOUT_S"]) <= killed_s - 3


@both
def test_no_request_is_cut_but_those_that_a_note_tells_of(place: Place) -> None:
    short = PORTABLE.model_copy(update={"longest_request_s": 5})
    cut = "may be cut 25 s short"
    assert any(cut in each for each in notes(PORTABLE, place)) is isinstance(place, Google)
    assert not any("cut" in each for each in notes(short, place))


def test_a_cloud_sql_is_reached_by_its_connection_name_in_place_of_a_host() -> None:
    name = "acme-shop:europe-west1:shop"
    where = at(GOOGLE, BUSY, cloud_sql=name)
    assert not list(refusals(BUSY, where))
    written = manifests(BUSY, where)
    assert not [each for manifest in written for each in cloud_run_mistakes(manifest)]
    for manifest in written:
        annotations = manifest["spec"]["template"]["metadata"]["annotations"]
        assert annotations["run.googleapis.com/cloudsql-instances"] == name
        assert f'"value": "/cloudsql/{name}"' in json.dumps(manifest)
    (sentence,) = refusals(
        PORTABLE.model_copy(update={"database": None, "secrets": {}}),
        at(GOOGLE, PORTABLE, cloud_sql=name, secrets={}),
    )
    assert sentence.startswith("database is None, but Google(cloud_sql=")


def test_google_sets_the_port_itself() -> None:
    assert "PORT" not in variables(PORTABLE, at(GOOGLE, PORTABLE), "proxy")
    assert variables(PORTABLE, at(AZURE, PORTABLE), "proxy")["PORT"] == "8000"


@both
@pytest.mark.parametrize(("edge", "hops"), [(False, "2"), (True, "3")])
def test_each_proxy_before_the_app_is_counted(edge: bool, hops: str, place: Place) -> None:
    where = at(place, PORTABLE, edge=edge)
    assert {variables(PORTABLE, where, name)["PROXY_HOPS"] for name in ("web", "proxy")} == {hops}


def test_who_gets_in_is_said_in_each_places_words() -> None:
    inside = PORTABLE.model_copy(update={"load_balancer": NewLoadBalancer(ingress=InsideVpc())})
    office = PORTABLE.model_copy(
        update={"load_balancer": NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24",)))}
    )
    ingress = "run.googleapis.com/ingress"
    written = {
        each: manifests(environment, at(GOOGLE, environment, edge=edge))[0]["metadata"]["annotations"][
            ingress
        ]
        for each, environment, edge in (
            ("all", PORTABLE, False),
            ("internal", inside, False),
            ("edge", office, True),
        )
    }
    assert written == {"all": "all", "internal": "internal", "edge": "internal-and-cloud-load-balancing"}
    assert any(each.startswith("load_balancer.ingress") for each in refusals(office, at(GOOGLE, office)))
    azure = {
        name: manifests(each, at(AZURE, each))[0]["properties"]["configuration"]["ingress"]
        for name, each in (("inside", inside), ("office", office))
    }
    assert azure["inside"]["external"] is False
    assert azure["office"]["ipSecurityRestrictions"] == [
        {"name": "allowed-0", "action": "Allow", "ipAddressRange": "203.0.113.0/24"}
    ]


@both
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tasks": Tasks(cpu=16384, memory_mib=32768, architecture="X86_64")}, "tasks.cpu"),
        ({"tasks": Tasks(cpu=1024, memory_mib=8192, architecture="X86_64")}, "tasks.memory_mib"),
        (
            {"tasks": Tasks(cpu=1024, memory_mib=2048, architecture="X86_64", worker_mib=800)},
            "tasks.memory_mib",
        ),
        ({"health_check": HealthCheck(codes="200-499")}, "health_check.codes"),
        ({"health_check": HealthCheck(grace_s=7200)}, "health_check.grace_s"),
        ({"load_balancer": NewLoadBalancer(waf=Waf())}, "load_balancer.waf"),
        ({"tags": {"Cost Center/1": "7"}}, "tags"),
        ({"name": "web-"}, "name"),
        ({"variables": {"K_SERVICE": "x"}}, "variables"),
        ({"domain": Domain(name="a.example.com", aliases=("*.example.com",))}, "domain"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_limits_that_no_schema_holds_are_ours(changes: dict[str, Any], field: str, place: Place) -> None:
    environment = PORTABLE.model_copy(update=changes)
    sentences = list(refusals(environment, at(place, environment)))
    if field == "variables" and isinstance(place, Azure):
        assert not sentences
    else:
        assert any(each.startswith(field) for each in sentences), sentences
