"""Test the parts of a review on changes that no seeded commit has."""

from typing import Any

import pytest

from tests.review.small import LOG, TOPIC, template
from tools.review.engine import Difference, compare
from tools.review.packages import differences
from tools.review.permissions import wider_permissions
from tools.review.reach import wider_reach
from tools.review.reasons import Reason
from tools.review.resources import changes, reasons

ROLE: dict[str, Any] = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}


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


def test_what_is_kept_when_it_is_replaced_is_said() -> None:
    old = template(Log={**LOG, "UpdateReplacePolicy": "Retain", "Properties": {"LogGroupName": "a"}})
    new = template(Log={**LOG, "UpdateReplacePolicy": "Retain", "Properties": {"LogGroupName": "b"}})
    (said,) = reasons(changes(difference(old, new).resources, old, new))
    assert said == Reason(
        "dangerous",
        "Logs::LogGroup Log is replaced: the old one stays in AWS, and is yours to look after",
        "destructive",
    )


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    properties = {"PolicyDocument": document, "PolicyName": "P", "Roles": [{"Ref": "Role"}]}
    return template(Role=ROLE, Policy={"Type": "AWS::IAM::Policy", "Properties": properties})


def allow(*actions: str, on: str = "arn:aws:s3:::bucket", effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": on}


def test_permissions_are_wider_when_somebody_may_do_more() -> None:
    on, read, both = "arn:aws:s3:::bucket", allow("s3:GetObject"), allow("s3:GetObject", "s3:PutObject")
    cases: list[tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str]]]] = [
        ([read], [read, allow("s3:PutObject")], [("look", f"Role may now do s3:PutObject on {on}")]),
        ([read], [allow("s3:*")], [("dangerous", f"Role may now do s3:* on {on}")]),
        (
            [],
            [allow("iam:PassRole", on="*")],
            [("dangerous", "Role may now do iam:PassRole on every resource")],
        ),
        ([both], [read], []),
        ([allow("s3:GetObject", on="*")], [read], []),
        ([allow("s3:*", effect="Deny")], [], [("look", f"it is no longer forbidden to do s3:* on {on}")]),
        ([], [allow("s3:*", effect="Deny")], []),
        (
            [allow("s3:GetObject", effect="Deny")],
            [read],
            [
                ("look", f"Role may now do s3:GetObject on {on}"),
                ("look", f"it is no longer forbidden to do s3:GetObject on {on}"),
            ],
        ),
    ]
    found = compare([(policy(*old), policy(*new)) for old, new, _ in cases])
    said = [[(each.level, each.text) for each in wider_permissions(difference)] for difference in found]
    assert said == [expected for *_, expected in cases]


def test_a_bucket_that_may_be_made_public_is_told() -> None:
    def bucket(blocks: bool) -> dict[str, Any]:
        properties = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": blocks}}
        return template(Bucket={"Type": "AWS::S3::Bucket", "Properties": properties})

    assert [each.level for each in wider_permissions(difference(bucket(True), bucket(False)))] == [
        "dangerous"
    ]
    assert list(wider_permissions(difference(bucket(False), bucket(True)))) == []


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
