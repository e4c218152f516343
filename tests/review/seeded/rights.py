"""Changes of roles, policies and security groups: who may do what, and who reaches whom."""

from typing import Any

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, of, resource, template

ACCOUNT = "111122223333"
OTHER = "999988887777"
ON = "arn:aws:s3:::bucket"
TRUST = {
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    ]
}
ROLE = resource("IAM::Role", {"AssumeRolePolicyDocument": TRUST})
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
_SUB, _AUD = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"


def allow(action: Any, on: Any = ON, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def deny(action: Any, on: Any = ON, **more: Any) -> dict[str, Any]:
    return {**allow(action, on, **more), "Effect": "Deny"}


def policy(*statements: dict[str, Any], role: dict[str, Any] = ROLE, **more: Any) -> dict[str, Any]:
    attached = {"PolicyDocument": {"Statement": [*statements]}, "PolicyName": "P", "Roles": [{"Ref": "Role"}]}
    return template(Role=role, Policy=resource("IAM::Policy", attached), **more)


def rights(
    what: str,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    verdict: str,
    wider: bool = False,
    says: str = "",
) -> Case:
    return Case(f"rights: {what}", policy(*old), policy(*new), verdict, wider, says)


def trust(
    what: str,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    verdict: str,
    wider: bool = False,
    says: str = "",
) -> Case:
    def role(statements: list[dict[str, Any]]) -> dict[str, Any]:
        written = [{"Effect": "Allow", "Action": "sts:AssumeRole", **each} for each in statements]
        return template(Role=resource("IAM::Role", {"AssumeRolePolicyDocument": {"Statement": written}}))

    return Case(f"trust: {what}", role(old), role(new), verdict, wider, says)


def github(**conditions: Any) -> dict[str, Any]:
    return {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": PROVIDER},
        "Condition": conditions,
    }


def bucket_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Statement": [*statements]}
    return template(
        Bucket=resource("S3::Bucket", {}),
        It=resource("S3::BucketPolicy", {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}),
    )


_READ = allow("s3:GetObject")
_TASKS = {"Principal": {"Service": "ecs-tasks.amazonaws.com"}}
_MAIN = github(StringEquals={_SUB: "repo:acme/web:ref:refs/heads/main", _AUD: "sts.amazonaws.com"})
_ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ON}/*"}
_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ON,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def _groups(
    *,
    balancer: list[dict[str, Any]],
    tasks: list[dict[str, Any]],
    out: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a load balancer and tasks with their security groups."""
    way = {
        "DestinationSecurityGroupId": {"Fn::GetAtt": ["TasksGroup", "GroupId"]},
        "IpProtocol": "tcp",
        "FromPort": 8000,
        "ToPort": 8000,
    }
    return template(
        BalancerGroup=resource(
            "EC2::SecurityGroup", {"SecurityGroupIngress": balancer, "SecurityGroupEgress": [way]}
        ),
        TasksGroup=resource(
            "EC2::SecurityGroup", {"SecurityGroupIngress": tasks, "SecurityGroupEgress": out or [_OUT]}
        ),
        Balancer=resource(
            "ElasticLoadBalancingV2::LoadBalancer",
            {"Scheme": "internet-facing", "SecurityGroups": [{"Fn::GetAtt": ["BalancerGroup", "GroupId"]}]},
        ),
        Service=resource(
            "ECS::Service",
            {
                "NetworkConfiguration": {
                    "AwsvpcConfiguration": {"SecurityGroups": [{"Fn::GetAtt": ["TasksGroup", "GroupId"]}]}
                }
            },
        ),
        **more,
    )


def _port(cidr: str, port: int, protocol: str = "tcp") -> dict[str, Any]:
    return {"CidrIp": cidr, "IpProtocol": protocol, "FromPort": port, "ToPort": port}


_OUT = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
_WEB = [_port("0.0.0.0/0", 443)]
_FROM_BALANCER = {
    "SourceSecurityGroupId": {"Fn::GetAtt": ["BalancerGroup", "GroupId"]},
    "IpProtocol": "tcp",
    "FromPort": 8000,
    "ToPort": 8000,
}
_NOW = _groups(balancer=_WEB, tasks=[_FROM_BALANCER])
_SECOND: dict[str, Any] = {
    "OtherGroup": resource(
        "EC2::SecurityGroup",
        {
            "SecurityGroupIngress": [_port("10.0.0.0/16", 443)],
            "SecurityGroupEgress": [_port("10.0.0.0/16", 8000)],
        },
    ),
    "OtherBalancer": resource(
        "ElasticLoadBalancingV2::LoadBalancer",
        {"Scheme": "internal", "SecurityGroups": [{"Fn::GetAtt": ["OtherGroup", "GroupId"]}]},
    ),
}

CASES = [
    rights(
        "one action more", [_READ], [_READ, allow("s3:PutObject")], LOOK, True, "Role may now do s3:PutObject"
    ),
    rights("all of S3", [_READ], [allow("s3:*")], DANGEROUS, True, "s3:*"),
    rights("everything", [_READ], [allow("*", "*")], DANGEROUS, True),
    rights("less", [_READ, allow("s3:PutObject")], [_READ], LOOK, False, "may no longer do s3:PutObject"),
    rights(
        "the same in one statement",
        [_READ, allow("s3:PutObject")],
        [allow(["s3:GetObject", "s3:PutObject"])],
        SAFE,
    ),
    rights(
        "the same, written with a wildcard before",
        [allow("s3:Get*")],
        [allow("s3:Get*"), allow("s3:GetObject")],
        SAFE,
    ),
    rights("another case of letters", [allow("s3:GetObject")], [allow("S3:getobject")], SAFE),
    rights("narrower resource", [allow("s3:GetObject", "*")], [_READ], LOOK, False, "may no longer"),
    rights("wider resource", [_READ], [allow("s3:GetObject", "arn:aws:s3:::*")], LOOK, True),
    rights("iam:Pass* on *", [], [allow("iam:Pass*", "*")], DANGEROUS, True),
    rights("iam:Create* on *", [], [allow("iam:Create*", "*")], DANGEROUS, True),
    rights("iam:Put* on role/*", [], [allow("iam:Put*", f"arn:aws:iam::{ACCOUNT}:role/*")], DANGEROUS, True),
    rights("passing any role", [], [allow("iam:PassRole", "arn:aws:iam::*:role/*")], DANGEROUS, True),
    rights(
        "passing any role, written with Fn::Sub",
        [],
        [allow("iam:PassRole", {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"})],
        DANGEROUS,
        True,
    ),
    rights("passing one role", [], [allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/web")], LOOK, True),
    rights("every role", [], [allow("sts:AssumeRole", "*")], DANGEROUS, True),
    rights(
        "every role of the account",
        [],
        [allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/*")],
        DANGEROUS,
        True,
    ),
    rights("CreatePolicyVersion", [], [allow("iam:CreatePolicyVersion", "*")], DANGEROUS, True),
    rights("UpdateAssumeRolePolicy", [], [allow("iam:UpdateAssumeRolePolicy", "*")], DANGEROUS, True),
    rights(
        "UpdateFunctionCode",
        [],
        [allow("lambda:UpdateFunctionCode", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:*")],
        DANGEROUS,
        True,
    ),
    rights(
        "PutKeyPolicy",
        [],
        [allow("kms:PutKeyPolicy", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*")],
        DANGEROUS,
        True,
    ),
    rights("every secret", [], [allow("secretsmanager:GetSecretValue", "*")], DANGEROUS, True),
    rights(
        "one secret",
        [],
        [allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:web-a")],
        LOOK,
        True,
    ),
    rights("NotAction", [], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], DANGEROUS, True),
    rights(
        "NotResource",
        [],
        [{"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::1:role/a"}],
        DANGEROUS,
        True,
    ),
    rights(
        "a condition taken away",
        [allow("s3:GetObject", ON, Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
        [_READ],
        LOOK,
        True,
    ),
    rights(
        "a condition added",
        [_READ],
        [allow("s3:GetObject", ON, Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
        LOOK,
        False,
        "may no longer",
    ),
    rights(
        "a condition that is always true",
        [allow("s3:GetObject", ON, Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}})],
        [allow("s3:GetObject", ON, Condition={"StringLike": {"aws:PrincipalTag/a": "*"}})],
        LOOK,
        True,
    ),
    rights("a Deny removed", [_READ, deny("s3:*")], [_READ], LOOK, True, "no longer forbidden"),
    rights(
        "a Deny removed beside an added Allow",
        [deny("iam:PassRole", "*")],
        [allow("iam:PassRole", "*")],
        DANGEROUS,
        True,
        "may now do iam:PassRole",
    ),
    rights(
        "a Deny of every escalation removed",
        [_READ, deny("iam:*", "*")],
        [_READ],
        DANGEROUS,
        True,
        "no longer forbidden",
    ),
    rights(
        "a Deny narrowed",
        [_READ, deny("s3:*", "*")],
        [_READ, deny("s3:Put*", "*")],
        LOOK,
        True,
        "no longer forbidden",
    ),
    rights("a Deny added", [_READ], [_READ, deny("s3:PutObject")], LOOK, False, "now forbidden"),
    rights(
        "logs",
        [],
        [
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:web:*",
            )
        ],
        LOOK,
        True,
    ),
    rights("no right of the execution role", [_READ], [], LOOK, False, "may no longer"),
    Case(
        "the execution role may no longer fetch images",
        policy(
            allow("ecr:BatchGetImage", "*"),
            Task=resource("ECS::TaskDefinition", {"ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}),
        ),
        policy(
            _READ, Task=resource("ECS::TaskDefinition", {"ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}})
        ),
        DANGEROUS,
        True,
        "tasks may not start",
    ),
    *of(
        "IAM::Role",
        {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": "arn:b"},
        [
            ("boundary removed", {"PermissionsBoundary": None}, DANGEROUS, True, "nothing limits"),
            ("another boundary", {"PermissionsBoundary": "arn:c"}, LOOK, True),
            (
                "administrator",
                {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
                DANGEROUS,
                True,
                "AdministratorAccess",
            ),
            (
                "read only",
                {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
                LOOK,
                True,
                "ReadOnlyAccess",
            ),
            (
                "inline administrator",
                {"Policies": [{"PolicyName": "a", "PolicyDocument": {"Statement": [allow("*", "*")]}}]},
                DANGEROUS,
                True,
            ),
            ("description", {"Description": "web"}, SAFE),
            ("longer sessions", {"MaxSessionDuration": 43200}, LOOK, True),
        ],
    ),
    *of(
        "IAM::Role",
        {"AssumeRolePolicyDocument": TRUST},
        [("boundary added", {"PermissionsBoundary": "arn:b"}, LOOK, False)],
    ),
    trust(
        "another account",
        [_TASKS],
        [_TASKS, {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}],
        DANGEROUS,
        True,
        "act as Role",
    ),
    trust(
        "another account by its number", [_TASKS], [_TASKS, {"Principal": {"AWS": OTHER}}], DANGEROUS, True
    ),
    trust(
        "another account with an external id",
        [_TASKS],
        [_TASKS, {"Principal": {"AWS": OTHER}, "Condition": {"StringEquals": {"sts:ExternalId": "a"}}}],
        LOOK,
        True,
    ),
    trust(
        "another account, condition always true",
        [_TASKS],
        [_TASKS, {"Principal": {"AWS": OTHER}, "Condition": {"StringLike": {"sts:ExternalId": "*"}}}],
        DANGEROUS,
        True,
    ),
    trust(
        "another account, condition of a negation",
        [_TASKS],
        [
            _TASKS,
            {"Principal": {"AWS": OTHER}, "Condition": {"StringNotEquals": {"sts:ExternalId": "nobody"}}},
        ],
        DANGEROUS,
        True,
    ),
    trust(
        "another account, IfExists",
        [_TASKS],
        [
            _TASKS,
            {"Principal": {"AWS": OTHER}, "Condition": {"StringEqualsIfExists": {"sts:ExternalId": "a"}}},
        ],
        DANGEROUS,
        True,
    ),
    trust("everybody", [_TASKS], [_TASKS, {"Principal": "*"}], DANGEROUS, True, "anyone"),
    trust(
        "everybody of the organisation",
        [_TASKS],
        [_TASKS, {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}],
        LOOK,
        True,
    ),
    trust(
        "everybody, at all addresses",
        [_TASKS],
        [
            _TASKS,
            {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}},
        ],
        DANGEROUS,
        True,
    ),
    trust("everybody but one", [_TASKS], [_TASKS, {"NotPrincipal": {"AWS": OTHER}}], DANGEROUS, True),
    trust(
        "one service more", [_TASKS], [_TASKS, {"Principal": {"Service": "lambda.amazonaws.com"}}], LOOK, True
    ),
    trust(
        "the service that uses it gone",
        [_TASKS],
        [{"Principal": {"Service": "lambda.amazonaws.com"}}],
        DANGEROUS,
        True,
        "may no longer act",
    ),
    trust(
        "a branch more of the repository",
        [_MAIN],
        [github(StringLike={_SUB: "repo:acme/web:*"}, StringEquals={_AUD: "sts.amazonaws.com"})],
        LOOK,
        True,
    ),
    trust(
        "every repository",
        [_MAIN],
        [github(StringLike={_SUB: "repo:*"}, StringEquals={_AUD: "sts.amazonaws.com"})],
        DANGEROUS,
        True,
    ),
    trust(
        "every repository of the organisation",
        [_MAIN],
        [github(StringLike={_SUB: "repo:acme/*"}, StringEquals={_AUD: "sts.amazonaws.com"})],
        DANGEROUS,
        True,
    ),
    trust("no subject", [_MAIN], [github(StringEquals={_AUD: "sts.amazonaws.com"})], DANGEROUS, True),
    trust(
        "ForAllValues",
        [_MAIN],
        [github(**{"ForAllValues:StringLike": {_SUB: "repo:acme/web:*"}})],
        DANGEROUS,
        True,
    ),
    trust(
        "an environment instead of a branch",
        [github(StringLike={_SUB: "repo:acme/web:*"})],
        [github(StringEquals={_SUB: "repo:acme/web:environment:prod"})],
        LOOK,
        False,
        "may no longer",
    ),
    Case(
        "the account's number written out",
        bucket_policy({**_ANYBODY, "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}}),
        bucket_policy({**_ANYBODY, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
        SAFE,
    ),
    Case(
        "the account's number written out where nobody knows it",
        template(
            Role=resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                            }
                        ]
                    }
                },
            )
        ),
        template(
            Role=resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                            }
                        ]
                    }
                },
            )
        ),
        LOOK,
        True,
        environment="aws://unknown-account/eu-west-1",
    ),
    Case(
        "a bucket for everybody",
        bucket_policy(_TLS),
        bucket_policy(_TLS, _ANYBODY),
        DANGEROUS,
        True,
        "anyone",
    ),
    Case("a bucket without TLS", bucket_policy(_TLS), bucket_policy(), LOOK, True, "no longer forbidden"),
    Case(
        "a policy that only AWS can read",
        policy(_READ),
        policy(_READ, {"Fn::If": ["X", _READ, {"Ref": "AWS::NoValue"}]}),
        LOOK,
        True,
        "read it yourself",
    ),
    Case(
        "a new role that another account may use as administrator",
        template(T=resource("SNS::Topic", {})),
        template(
            T=resource("SNS::Topic", {}),
            Role=resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OTHER}}
                        ]
                    },
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
                },
            ),
        ),
        DANGEROUS,
        True,
    ),
    Case(
        "a new role of a function",
        template(T=resource("SNS::Topic", {})),
        template(
            T=resource("SNS::Topic", {}),
            Role=resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                            }
                        ]
                    }
                },
            ),
        ),
        SAFE,
    ),
    Case(
        "a new role of a function that writes its log",
        template(T=resource("SNS::Topic", {})),
        template(
            T=resource("SNS::Topic", {}),
            Role=resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": TRUST,
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
                },
            ),
        ),
        SAFE,
    ),
    Case(
        "a new role that writes a new log",
        template(T=resource("SNS::Topic", {})),
        policy(
            allow("logs:PutLogEvents", {"Fn::GetAtt": ["Log", "Arn"]}),
            T=resource("SNS::Topic", {}),
            Log=resource("Logs::LogGroup", {}),
        ),
        SAFE,
    ),
    Case(
        "a new role that reads a secret that was there",
        template(Secret=resource("SecretsManager::Secret", {})),
        policy(
            allow("secretsmanager:GetSecretValue", {"Ref": "Secret"}),
            Secret=resource("SecretsManager::Secret", {}),
        ),
        LOOK,
        True,
        "GetSecretValue",
    ),
    # Security groups.
    Case(
        "ssh for everybody",
        _NOW,
        _groups(balancer=_WEB, tasks=[_FROM_BALANCER, _port("0.0.0.0/0", 22)]),
        DANGEROUS,
        True,
        "anyone on the internet can now reach tasks on port 22",
    ),
    Case(
        "ssh for an office",
        _NOW,
        _groups(balancer=_WEB, tasks=[_FROM_BALANCER, _port("203.0.113.0/24", 22)]),
        LOOK,
        True,
        "203.0.113.0/24",
    ),
    Case(
        "the rule of the path removed",
        _NOW,
        _groups(balancer=_WEB, tasks=[]),
        DANGEROUS,
        False,
        "can no longer reach",
    ),
    Case(
        "users' rule removed",
        _NOW,
        _groups(balancer=[], tasks=[_FROM_BALANCER]),
        DANGEROUS,
        False,
        "anyone on the internet can no longer reach the load balancer",
    ),
    Case(
        "ingress narrowed to one network",
        _NOW,
        _groups(balancer=[_port("203.0.113.0/24", 443)], tasks=[_FROM_BALANCER]),
        LOOK,
        False,
        "still can",
    ),
    Case(
        "no way out",
        _NOW,
        _groups(balancer=_WEB, tasks=[_FROM_BALANCER], out=[_port("255.255.255.255/32", 1)]),
        DANGEROUS,
        False,
        "tasks can no longer reach",
    ),
    Case(
        "a way out by HTTPS alone",
        _NOW,
        _groups(balancer=_WEB, tasks=[_FROM_BALANCER], out=[_port("0.0.0.0/0", 443)]),
        LOOK,
        False,
        "still can",
    ),
    Case(
        "a second load balancer, inside",
        _NOW,
        _groups(balancer=_WEB, tasks=[_FROM_BALANCER], **_SECOND),
        LOOK,
        True,
        "added",
    ),
    Case(
        "descriptions of rules",
        _NOW,
        _groups(balancer=[{**_WEB[0], "Description": "web"}], tasks=[_FROM_BALANCER]),
        SAFE,
    ),
]
