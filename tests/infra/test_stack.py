import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match, Template

from infra.application import empty_app
from infra.parameters import Environment, Tasks
from infra.stack import WebStack

ANYBODY = {"0.0.0.0/0", "::/0"}


def ingress_rules(template: Template) -> list[tuple[str, dict[str, Any]]]:
    groups = template.find_resources("AWS::EC2::SecurityGroup")
    return [
        (logical_id, rule)
        for logical_id, group in groups.items()
        for rule in group["Properties"].get("SecurityGroupIngress", [])
    ] + [
        (logical_id, rule["Properties"])
        for logical_id, rule in template.find_resources("AWS::EC2::SecurityGroupIngress").items()
    ]


def test_only_the_load_balancer_is_open_to_the_world(template: Template) -> None:
    open_to_all = {
        logical_id for logical_id, rule in ingress_rules(template) if rule.get("CidrIp") in ANYBODY
    }
    assert len(open_to_all) == 1
    assert "LoadBalancer" in open_to_all.pop()


def test_every_log_group_forgets_in_the_end(template: Template) -> None:
    groups = template.find_resources("AWS::Logs::LogGroup").values()
    assert groups
    assert [group for group in groups if "RetentionInDays" not in group["Properties"]] == []


def test_nothing_has_a_name_that_would_block_a_second_copy(template: Template) -> None:
    names = {
        "LoadBalancerName",
        "ServiceName",
        "ClusterName",
        "BucketName",
        "TopicName",
        "RoleName",
        "GroupName",
    }
    for resource in template.to_json()["Resources"].values():
        taken = {
            name
            for name in names & set(resource.get("Properties", {}))
            if isinstance(resource["Properties"][name], str)
        }
        assert not taken


@pytest.mark.parametrize(
    ("name", "url"), [("staging", "https://staging.example.com"), ("prod", "https://www.example.com")]
)
def test_outputs_the_url(templates: dict[str, Template], name: str, url: str) -> None:
    templates[name].has_output("Url", {"Value": url})


def test_outputs_the_load_balancers_own_url_without_a_domain(templates: dict[str, Template]) -> None:
    (output,) = templates["dev"].find_outputs("Url").values()
    assert output["Value"]["Fn::Join"][1][0] == "http://"


def test_prod_survives_a_careless_destroy(templates: dict[str, Template], manifest: dict[str, Any]) -> None:
    assert manifest["artifacts"]["Web-prod"]["properties"]["terminationProtection"] is True
    groups = templates["prod"].find_resources("AWS::Logs::LogGroup").values()
    # What the tasks have said outlives even a first deployment that failed.
    assert {group["DeletionPolicy"] for group in groups} == {"Retain", "RetainExceptOnCreate"}


def test_dev_tasks_have_public_ips_and_prod_tasks_have_none(templates: dict[str, Template]) -> None:
    for name, setting in (("dev", "ENABLED"), ("prod", "DISABLED")):
        templates[name].has_resource_properties(
            "AWS::ECS::Service",
            {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": setting}}},
        )


def test_tags_of_the_environment_are_the_stacks_and_the_tasks(
    templates: dict[str, Template], manifest: dict[str, Any]
) -> None:
    assert manifest["artifacts"]["Web-dev"]["properties"]["tags"] == {"environment": "dev"}
    templates["dev"].has_resource_properties("AWS::ECS::Service", {"PropagateTags": "SERVICE"})


def test_asks_nobody_for_zones_even_with_an_account(tmp_path: Path) -> None:
    app = empty_app(outdir=str(tmp_path))
    WebStack(app, "Web-known", environment=Environment(name="known", account="123456789012"))
    app.synth()
    assert "missing" not in json.loads((tmp_path / "manifest.json").read_text())


def test_warns_of_requests_that_a_deployment_may_cut() -> None:
    stack = WebStack(
        empty_app(), "Web-slow", environment=Environment(name="slow", longest_request_s=120, tasks=Tasks())
    )
    Annotations.from_stack(stack).has_warning("/Web-slow", Match.string_like_regexp("may be cut 8 s short"))


def test_search_engines_are_sent_away_from_what_may_be_destroyed(templates: dict[str, Template]) -> None:
    told = {
        name: "NOINDEX"
        in {
            pair["Name"]
            for each in template.find_resources("AWS::ECS::TaskDefinition").values()
            for container in each["Properties"]["ContainerDefinitions"]
            for pair in container.get("Environment", [])
        }
        for name, template in templates.items()
    }
    assert (told["dev"], told["staging"], told["prod"]) == (True, True, False)
