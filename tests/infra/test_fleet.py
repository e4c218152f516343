"""Test environments that serve one name together: their records, and what they are refused for."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app, stranger
from infra.parameters import (
    BlueGreen,
    Cidrs,
    CloudFront,
    Domain,
    Environment,
    ExistingDatabase,
    Fleet,
    Job,
    NewLoadBalancer,
    NewSecret,
    NewVpc,
    Postgres,
    SecureParameter,
    Sleep,
    Tasks,
    Uploads,
)
from infra.stack import WebStack
from tests.infra.parts import front_door, network

SHARED = "www.test.dev"
RECORD = "AWS::Route53::RecordSet"
DATABASE: dict[str, Any] = {
    "name": "shop",
    "user": "shop",
    "password": SecureParameter(name="/shop/password"),
    "max_connections": 2000,
}


def member(region: str = "eu-west-1", **changes: Any) -> Environment:
    values: dict[str, Any] = {
        "name": f"prod-{region[:2]}",
        "region": region,
        "availability_zones": (f"{region}a", f"{region}b"),
        "domain": domain(f"{region[:2]}.test.dev"),
    }
    return Environment(**{**values, **changes})


def domain(name: str, **changes: Any) -> Domain:
    values: dict[str, Any] = {"aliases": (SHARED,), "hosted_zone_id": "Z1", "hosted_zone_name": "test.dev"}
    return Domain(name=name, **{**values, **changes})


EU, US = member(), member("us-east-1")


def fleet(*members: Environment, **changes: Any) -> Fleet:
    return Fleet(**{"name": "prod", "domain": SHARED, "members": members or (EU, US), **changes})


def records(stack: cdk.Stack, of: Fleet, environment: Environment, **changes: Any) -> Template:
    return front_door(
        stack,
        domain=environment.domain,
        membership=of.membership(environment),
        health_path="/healthz",
        **changes,
    )


def of_the_fleet(template: Template) -> list[dict[str, Any]]:
    found = template.find_resources(RECORD, {"Properties": {"Name": f"{SHARED}."}})
    return [each["Properties"] for each in found.values()]


def test_a_member_answers_for_the_fleet_in_its_region(stack: cdk.Stack) -> None:
    [record] = of_the_fleet(records(stack, fleet(), EU))
    assert (record["Region"], record["SetIdentifier"]) == ("eu-west-1", "eu.test.dev")
    assert record["AliasTarget"]["EvaluateTargetHealth"] is True


def test_the_targets_of_two_groups_are_not_followed_since_one_of_them_is_empty() -> None:
    app = build_app(member(deployment=BlueGreen()), US, fleets=(fleet(member(deployment=BlueGreen()), US),))
    stacks = [app.node.find_child(f"Web-prod-{each}") for each in ("eu", "us")]
    found = [
        each["AliasTarget"]["EvaluateTargetHealth"]
        for stack in stacks
        if isinstance(stack, WebStack)
        for each in of_the_fleet(Template.from_stack(stack))
    ]
    assert found == [False, True]


@pytest.mark.parametrize(("environment", "failover"), [(EU, "PRIMARY"), (US, "SECONDARY")])
def test_the_first_member_serves_until_it_fails(
    stack: cdk.Stack, environment: Environment, failover: str
) -> None:
    [record] = of_the_fleet(records(stack, fleet(routing="failover"), environment))
    assert record["Failover"] == failover
    assert "Region" not in record


@pytest.mark.parametrize(("environment", "weight"), [(EU, 90), (US, 10)])
def test_each_member_has_its_share(stack: cdk.Stack, environment: Environment, weight: int) -> None:
    [record] = of_the_fleet(records(stack, fleet(routing="weighted", weights=(90, 10)), environment))
    assert record["Weight"] == weight


def test_a_members_health_is_asked_for_under_its_own_name(stack: cdk.Stack) -> None:
    template = records(stack, fleet(), EU)
    template.has_resource_properties(
        "AWS::Route53::HealthCheck",
        {
            "HealthCheckConfig": Match.object_like(
                {
                    "Type": "HTTPS",
                    "FullyQualifiedDomainName": "eu.test.dev",
                    "ResourcePath": "/healthz",
                    "RequestInterval": 30,
                    "FailureThreshold": 3,
                }
            )
        },
    )
    [check] = template.find_resources("AWS::Route53::HealthCheck")
    [record] = of_the_fleet(template)
    assert record["HealthCheckId"] == {"Ref": check}


def test_a_member_keeps_its_own_name_and_its_certificate_has_both(stack: cdk.Stack) -> None:
    template = records(stack, fleet(), EU)
    [own] = template.find_resources(RECORD, {"Properties": {"Name": "eu.test.dev."}}).values()
    assert "SetIdentifier" not in own["Properties"]
    template.has_resource_properties(
        "AWS::CertificateManager::Certificate",
        {"DomainName": "eu.test.dev", "SubjectAlternativeNames": [SHARED]},
    )


def test_with_ipv6_a_member_answers_for_the_fleet_by_both(stack: cdk.Stack) -> None:
    where = network(stack, NewVpc(dual_stack=True))
    template = records(stack, fleet(), EU, where=where)
    assert {each["Type"] for each in of_the_fleet(template)} == {"A", "AAAA"}


def test_only_members_get_records_of_the_fleet() -> None:
    alone = member("eu-central-1", name="alone", domain=domain("alone.test.dev", aliases=()))
    app = build_app(EU, US, alone, fleets=(fleet(),))
    found = {
        name: of_the_fleet(Template.from_stack(stack))
        for name in ("Web-prod-eu", "Web-prod-us", "Web-alone")
        if isinstance(stack := app.node.find_child(name), WebStack)
    }
    assert {name: [each["Region"] for each in records] for name, records in found.items()} == {
        "Web-prod-eu": ["eu-west-1"],
        "Web-prod-us": ["us-east-1"],
        "Web-alone": [],
    }


_FEW = Tasks(max=2)
_EU_DOMAIN = {"domain": domain("eu.test.dev")}
_JOB = Job(
    name="nightly", schedule="cron(0 3 * * ? *)", command=("python", "-m", "shop.nightly"), overlap="allow"
)


@pytest.mark.parametrize(
    ("members", "changes", "sentence"),
    [
        ((EU,), {}, "at least 2 items"),
        ((EU, member("us-east-1", name="prod-eu")), {}, "members are called prod-eu, prod-eu"),
        ((EU, member("us-east-1", domain=None)), {}, "prod-us has no domain in a zone of Route 53"),
        ((EU, member("us-east-1", **_EU_DOMAIN)), {}, "prod-eu and prod-us both have domain.name"),
        (
            (EU, member("us-east-1", domain=domain(SHARED, aliases=()))),
            {},
            "give it a name of its own, such as us-east-1.test.dev, and 'www.test.dev' as an alias",
        ),
        (
            (EU, member("us-east-1", domain=domain("us.test.dev", hosted_zone_id="Z2"))),
            {},
            "give all the same zone",
        ),
        ((EU, member("us-east-1", account="210987654321")), {}, "give all the same zone and the account"),
        ((EU, US, member("ap-south-1")), {"routing": "failover"}, "there are 3 members"),
        ((EU, member(name="b", domain=domain("b.test.dev"))), {}, "one record for each region"),
        ((EU, US), {"weights": (1, 1)}, "routing is 'latency': remove them"),
        ((EU, US), {"routing": "weighted", "weights": (1,)}, "weights are (1,) for 2 members"),
        ((EU, US), {"routing": "weighted", "weights": (0, 0)}, "one at least is more than 0"),
        ((EU, US), {"routing": "weighted", "weights": (256, 0)}, "each is 0 to 255"),
        (
            (
                EU,
                member("us-east-1", load_balancer=NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24",)))),
            ),
            {},
            "prod-us has NewLoadBalancer with ingress Cidrs: a member needs",
        ),
        ((EU, member("us-east-1", removal="destroy", sleep=Sleep())), {}, "prod-us has sleep"),
        ((EU, member("us-east-1", tasks=_FEW, database=Postgres())), {}, "would lose it without a word"),
        ((EU, member("us-east-1", uploads=Uploads())), {}, "prod-us has uploads"),
        (
            (EU, member("us-east-1", database=ExistingDatabase(host="us.db", **DATABASE))),
            {},
            "members write to different databases (prod-eu: none, prod-us: us.db)",
        ),
        (
            (member(jobs=(_JOB,)), member("us-east-1", jobs=(_JOB,))),
            {},
            "each would run once",
        ),
        (
            (EU, member("us-east-1", secrets={"SECRET_KEY": NewSecret()})),
            {},
            "secret SECRET_KEY is a NewSecret",
        ),
    ],
)
def test_what_would_not_work_or_lose_data_is_refused(
    members: tuple[Environment, ...], changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Fleet(name="prod", domain=SHARED, members=members, **changes)
    assert sentence in str(refused.value)


def test_cloudfront_takes_a_name_once_and_so_is_refused() -> None:
    edge = CloudFront(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/edge", private=False)
    with pytest.raises(ValidationError, match="ingress CloudFront"):
        fleet(EU, member("us-east-1", load_balancer=NewLoadBalancer(ingress=edge)))


def test_one_database_for_all_members_is_allowed() -> None:
    database = ExistingDatabase(host="shop.global-abc.global.rds.amazonaws.com", **DATABASE)
    assert fleet(member(database=database), member("us-east-1", database=database))


def test_jobs_of_one_member_are_allowed() -> None:
    assert fleet(member(jobs=(_JOB,)), US)


def test_a_member_that_is_no_environment_is_named() -> None:
    assert stranger((EU, US), (fleet(),)) is None
    assert "prod-us" in (stranger((EU,), (fleet(),)) or "")
    assert "in the fleets prod and other" in (stranger((EU, US), (fleet(), fleet(name="other"))) or "")
