"""Test the mail of an environment: how its domain is proved, who may send, who hears of bounces."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import Domain, Endpoints, Environment, Mail, NewVpc, Worker, explain

DOMAIN = Domain(name="www.example.com", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Synthesise an environment whose app and worker send mail."""
    folder = tmp_path_factory.mktemp("out")
    build_app(
        Environment(
            name="test",
            domain=DOMAIN,
            mail=Mail(domain="mail.example.com"),
            workers=(Worker(name="letters", command=("true",)),),
        ),
        outdir=str(folder),
    ).synth()
    return Template.from_json(json.loads((folder / "Web-test.template.json").read_text()))


def refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(name="test", **{"mail": Mail(domain="example.com"), "domain": DOMAIN, **values})
    return explain(caught.value)


def test_three_records_in_the_zone_prove_the_domain(made: Template) -> None:
    records = made.find_resources("AWS::Route53::RecordSet", {"Properties": {"Type": "CNAME"}}).values()
    assert [each["Properties"]["HostedZoneId"] for each in records] == ["Z0EXAMPLE"] * 3
    made.has_resource_properties("AWS::SES::EmailIdentity", {"EmailIdentity": "mail.example.com"})


def test_app_and_workers_may_send_from_this_domain_alone(made: Template) -> None:
    policies = [
        each for each in made.find_resources("AWS::IAM::Policy").values() if "ses:" in json.dumps(each)
    ]
    assert len(policies) == 2
    for each in policies:
        [statement] = [
            one for one in each["Properties"]["PolicyDocument"]["Statement"] if "ses:" in json.dumps(one)
        ]
        assert statement["Action"] == ["ses:SendEmail", "ses:SendRawEmail"]
        resources = json.dumps(statement["Resource"])
        assert ":identity/mail.example.com" in resources
        assert "*" not in resources


def test_bounces_and_complaints_go_to_the_alarms_topic(made: Template) -> None:
    [topic] = made.find_resources("AWS::SNS::Topic")
    made.has_resource_properties(
        "AWS::SES::ConfigurationSetEventDestination",
        {
            "EventDestination": Match.object_like(
                {
                    "Enabled": True,
                    "MatchingEventTypes": ["bounce", "complaint", "reject"],
                    "SnsDestination": {"TopicARN": {"Ref": topic}},
                }
            )
        },
    )


def test_ses_of_this_account_alone_may_publish_there(made: Template) -> None:
    made.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Principal": {"Service": "ses.amazonaws.com"},
                                "Condition": {
                                    "StringEquals": Match.object_like(
                                        {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}}
                                    )
                                },
                            }
                        )
                    ]
                )
            }
        },
    )


def test_mail_goes_over_tls_and_not_again_to_who_refused_it(made: Template) -> None:
    made.has_resource_properties(
        "AWS::SES::ConfigurationSet",
        {
            "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
            "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        },
    )
    made.has_resource_properties(
        "AWS::SES::EmailIdentity",
        {"ConfigurationSetAttributes": {"ConfigurationSetName": Match.any_value()}},
    )


@pytest.mark.parametrize("name", ["web", "letters"])
def test_app_and_workers_are_told_the_domain(made: Template, name: str) -> None:
    tasks = [each["Properties"] for each in made.find_resources("AWS::ECS::TaskDefinition").values()]
    [container] = [each for task in tasks for each in task["ContainerDefinitions"] if each["Name"] == name]
    assert {"Name": "MAIL_DOMAIN", "Value": "mail.example.com"} in container["Environment"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"domain": None}, "domain has no hosted_zone_id and hosted_zone_name: give the zone"),
        (
            {"mail": Mail(domain="badexample.com")},
            "'badexample.com', which is not in domain.hosted_zone_name 'example.com'",
        ),
        ({"network": NewVpc(egress=Endpoints())}, "do not reach SES to send mail: add 'email'"),
        ({"variables": {"MAIL_DOMAIN": "x"}}, "MAIL_DOMAIN is given, but it follows from mail"),
    ],
)
def test_mail_that_cannot_work_is_refused(values: dict[str, Any], said: str) -> None:
    assert said in refusal(**values)
