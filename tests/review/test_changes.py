"""Test the parts of a review on changes that no seeded commit has."""

from typing import Any

import pytest

from tests.review.small import LOG, TOPIC, template
from tools.review.engine import Difference, compare
from tools.review.packages import differences
from tools.review.reach import wider_reach
from tools.review.reasons import Reason
from tools.review.resources import changes, reasons
from tools.review.stacks import removed_environment
from tools.review.verdict import Pair, judgements


def difference(old: dict[str, Any], new: dict[str, Any]) -> Difference:
    (found,) = compare([(old, new)])
    return found


def effects(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.logical_id, each.effect) for each in changes(difference(old, new).resources, old, new)]


def database(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres", **properties}}


def listener(port: int) -> dict[str, Any]:
    return {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Port": port}}


def task(memory: str) -> dict[str, Any]:
    return {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Memory": memory}}


def test_what_is_worst_comes_first_and_of_that_what_has_state() -> None:
    old = template(
        Added=TOPIC,
        Base=database(DBName="a", BackupRetentionPeriod=1),
        Group=task("512"),
        Listener=listener(80),
    )
    old = template(
        Alone={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "a"}},
        Backups=database(BackupRetentionPeriod=1),
        Gone=LOG,
        Listener=listener(80),
        Named=database(DBName="a"),
        Task=task("512"),
    )
    new = template(
        Alone={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "b"}},
        Backups=database(BackupRetentionPeriod=2),
        Listener=listener(81),
        Named=database(DBName="b"),
        New=TOPIC,
        Task=task("1024"),
    )
    assert effects(old, new) == [
        ("Named", "replaced"),
        ("Alone", "replaced"),
        ("Gone", "removed"),
        ("Backups", "interrupted"),
        ("Listener", "interrupted"),
        ("Task", "updated"),
        ("New", "added"),
    ]


def test_metadata_alone_changes_nothing() -> None:
    old = template(Log={**LOG, "Metadata": {"aws:cdk:path": "a"}})
    assert effects(old, template(Log={**LOG, "Metadata": {"aws:cdk:path": "b"}})) == []


def test_a_database_that_is_no_longer_described_is_dangerous() -> None:
    [said] = removed_environment("Data-dev", now=None)
    assert (said.level, said.kind) == ("dangerous", "destructive")
    assert "Data-dev and the data in it stay" in said.text


def test_what_is_kept_when_it_is_replaced_is_said() -> None:
    old = template(Log={**LOG, "UpdateReplacePolicy": "Retain", "Properties": {"LogGroupName": "a"}})
    new = template(Log={**LOG, "UpdateReplacePolicy": "Retain", "Properties": {"LogGroupName": "b"}})
    (said,) = reasons(changes(difference(old, new).resources, old, new))
    assert said == Reason(
        "dangerous",
        "Logs::LogGroup Log is replaced: the old one stays in AWS, and is yours to look after",
        "destructive",
        ("Log",),
    )


def balancer(*sources: tuple[str, int, int], scheme: str = "internet-facing") -> dict[str, Any]:
    rules = [
        {"CidrIp": cidr, "IpProtocol": "tcp", "FromPort": first, "ToPort": last}
        for cidr, first, last in sources
    ]
    group = {
        "SecurityGroupIngress": rules,
        "SecurityGroupEgress": [{"CidrIp": "10.0.0.0/16", "IpProtocol": "-1"}],
    }
    properties = {"Scheme": scheme, "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
    return template(
        Group={"Type": "AWS::EC2::SecurityGroup", "Properties": group},
        Balancer={"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": properties},
    )


ANYONE = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            [("10.0.0.0/8", 80, 80)],
            [(ANYONE, 80, 80)],
            [("dangerous", "anyone on the internet can now reach the load balancer on port 80")],
        ),
        ([(ANYONE, 80, 80)], [("203.0.113.0/24", 80, 80)], []),
        ([("203.0.113.0/24", 1, 90)], [("203.0.113.128/25", 80, 80)], []),
        (
            [("203.0.113.0/24", 80, 80)],
            [("203.0.113.0/24", 80, 81)],
            [("look", "everyone at 203.0.113.0/24 can now reach the load balancer on ports 80 to 81")],
        ),
        (
            [],
            [("8.0.0.0/8", 80, 80)],
            [("dangerous", "everyone at 8.0.0.0/8 can now reach the load balancer on port 80")],
        ),
    ],
)
def test_reach_is_wider_when_somebody_gets_in_who_did_not(
    old: list[tuple[str, int, int]], new: list[tuple[str, int, int]], said: list[tuple[str, str]]
) -> None:
    found = wider_reach(balancer(*old), balancer(*new))
    assert [(each.level, each.text) for each in found] == said


def test_an_internal_load_balancer_is_open_to_the_network_alone() -> None:
    inside = balancer((ANYONE, 80, 80), scheme="internal")
    (said,) = wider_reach(balancer(scheme="internal"), inside)
    assert said.text == "everyone with a way into the network can now reach the load balancer on port 80"
    (said,) = wider_reach(inside, balancer((ANYONE, 80, 80)))
    assert said.level == "dangerous"


def test_versions_of_two_locks_are_compared_by_package() -> None:
    old, new = (
        "boto3==1.0 \\\n    --hash=x\nflask==3.1.2 ; python_version > '3'\n",
        "flask==3.1.3 \\\nrich==15\n",
    )
    texts = [each.text for each in differences(old, new)]
    assert texts == ["boto3 1.0 removed", "flask 3.1.2 → 3.1.3", "rich 15 added"]


def refusals(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    (found,) = judgements([Pair(old, new)])
    return [each.text for each in found.reasons if each.text.startswith("AWS refuses this")]


def behind(scheme: str, **targets: Any) -> dict[str, Any]:
    """Return a load balancer, its listener and the target group behind it."""
    elb = "AWS::ElasticLoadBalancingV2::"
    action = {"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}
    listening = {"LoadBalancerArn": {"Ref": "Web"}, "Port": 80, "DefaultActions": [action]}
    return template(
        Web={"Type": f"{elb}LoadBalancer", "Properties": {"Scheme": scheme}},
        Listener={"Type": f"{elb}Listener", "Properties": listening},
        Targets={"Type": f"{elb}TargetGroup", "Properties": {"Port": 80, **targets}},
    )


def test_a_target_group_cannot_be_at_two_load_balancers() -> None:
    (said,) = refusals(behind("internet-facing"), behind("internal"))
    assert said.startswith("AWS refuses this: ElasticLoadBalancingV2::LoadBalancer Web is replaced")
    assert refusals(behind("internet-facing"), behind("internal", Port=81)) == []


def test_two_resources_cannot_have_one_name() -> None:
    def table(name: str, key: str) -> dict[str, Any]:
        properties = {"TableName": name, "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}]}
        return template(Table={"Type": "AWS::DynamoDB::Table", "Properties": properties})

    (said,) = refusals(table("users", "a"), table("users", "b"))
    assert said == "AWS refuses this: DynamoDB::Table Table is replaced, and two cannot be called users"
    assert refusals(table("users", "a"), table("people", "b")) == []


def test_two_certificates_may_be_for_one_name() -> None:
    def certificate(*others: str) -> dict[str, Any]:
        properties = {"DomainName": "example.com", "SubjectAlternativeNames": [*others]}
        return template(Web={"Type": "AWS::CertificateManager::Certificate", "Properties": properties})

    assert refusals(certificate(), certificate("www.example.com")) == []
