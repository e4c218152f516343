"""Changes made to fool the rules: a value, a place or a function that a row did not expect."""

from typing import Any

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, added, of, resource, template
from tests.review.seeded.guards import ALARM, BUCKET, DATABASE
from tests.review.seeded.requests import ACL, BALANCER, CDN, LISTENER, RECORD, RULE, TARGETS
from tests.review.seeded.rights import ACCOUNT, OTHER, PROVIDER, ROLE, allow, deny, rights, trust
from tests.review.seeded.tasks import FUNCTION, SERVICE, TARGET, TASK

_ELB = "ElasticLoadBalancingV2"
HASH = "c" * 64
_WEB = "ContainerDefinitions/0"
_SIDE = "ContainerDefinitions/1"


def _built(account: str = ACCOUNT, region: str = "eu-west-1") -> str:
    """Return the repository that the CDK's bootstrap makes for images."""
    repository = f"cdk-hnb659fds-container-assets-{account}-{region}"
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{repository}"


def _beside(what: str, new: dict[str, Any], verdict: str, wider: bool = False, says: str = "") -> Case:
    """Return a change that adds resources beside one that stays."""
    rest = resource("SNS::Topic", {})
    return Case(what, template(Rest=rest), template(Rest=rest, **new), verdict, wider, says)


def _group(*ingress: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return tasks with a security group."""
    group = {"GroupDescription": "tasks", "SecurityGroupIngress": [*ingress], **more}
    service = {
        **SERVICE,
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": ["subnet-a"],
                "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}],
            }
        },
    }
    return {
        **template(Group=resource("EC2::SecurityGroup", group), Service=resource("ECS::Service", service)),
        "Parameters": {"From": {"Type": "String", "Default": "0.0.0.0/0"}},
    }


def _from(**source: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, **source}


_INSIDE = _from(CidrIp="10.0.0.0/16")
_QUEUE_RULE = {
    "StatementId": "others",
    "Action": "events:PutEvents",
    "Principal": "*",
    "EventBusName": "orders",
}
_SECRET = {"Description": "db", "GenerateSecretString": {"PasswordLength": 30}}
_ROTATION = {"SecretId": "arn:secret", "RotationRules": {"ScheduleExpression": "rate(30 days)"}}
_ENDPOINT = {"VpcEndpointType": "Gateway", "ServiceName": "s3", "RouteTableIds": ["rtb-a"], "VpcId": "vpc-a"}
_ECR_POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "ecr:BatchGetImage"}
    ]
}
_PERMISSION = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
_TERMINATE = "arn:aws:automate:eu-west-1:ec2:terminate"
_TAGGED = {**DATABASE, "Tags": [{"Key": "backup", "Value": "daily"}, {"Key": "team", "Value": "web"}]}
_STEPS = {
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {
        "AdjustmentType": "ExactCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 0}],
    },
}
_SERVICE_TRUST = {"Principal": {"Service": "ecs-tasks.amazonaws.com"}}


def _key(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return template(Key=resource("KMS::Key", {"KeyPolicy": {"Statement": [root, *statements]}, **more}))


def _bus(**properties: Any) -> dict[str, Any]:
    return {
        "Bus": resource("Events::EventBus", {"Name": "orders"}),
        "Policy": resource("Events::EventBusPolicy", properties),
    }


_OIDC = "token.actions.githubusercontent.com"


def _cd(sub: Any, operator: str = "StringEquals", **more: Any) -> dict[str, Any]:
    return {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": PROVIDER},
        "Condition": {
            operator: {f"{_OIDC}:sub": sub},
            "StringEquals": {f"{_OIDC}:aud": "sts.amazonaws.com"},
            **more,
        }
        if operator != "StringEquals"
        else {"StringEquals": {f"{_OIDC}:sub": sub, f"{_OIDC}:aud": "sts.amazonaws.com"}, **more},
    }


CASES: list[Case] = [
    *of(
        "ECS::TaskDefinition",
        TASK,
        [
            (
                "a stranger's repository called like the CDK's",
                {f"{_WEB}/Image": "docker.io/evil/cdk-x-container-assets:1"},
                DANGEROUS,
                False,
                "repository",
            ),
            (
                "the CDK's repository in another account",
                {f"{_WEB}/Image": f"{_built(OTHER)}:{HASH}"},
                DANGEROUS,
                False,
                "repository",
            ),
            (
                "the CDK's repository in another region",
                {f"{_WEB}/Image": f"{_built(region='us-east-1')}:{HASH}"},
                DANGEROUS,
                False,
                "repository",
            ),
            (
                "the image's hash becomes latest",
                {f"{_WEB}/Image": f"{_built()}:latest"},
                LOOK,
                False,
                "without a deployment",
            ),
            (
                "a built image",
                {f"{_WEB}/Image": f"{_built()}:{HASH}"},
                SAFE,
            ),
            ("a container may have host processes", {"PidMode": "task"}, LOOK, True, "processes"),
            (
                "a host path",
                {"Volumes": [{"Name": "v", "Host": {"SourcePath": "/"}}]},
                LOOK,
                False,
                "volumes",
            ),
            (
                "an env file of a bucket",
                {f"{_WEB}/EnvironmentFiles": [{"Type": "s3", "Value": "arn:aws:s3:::b/a.env"}]},
                LOOK,
            ),
            (
                "LD_PRELOAD",
                {f"{_WEB}/Environment/+": {"Name": "LD_PRELOAD", "Value": "/tmp/a.so"}},
                LOOK,
                False,
                "another variable",
            ),
            (
                "a proxy for all ways out",
                {f"{_WEB}/Environment/+": {"Name": "HTTPS_PROXY", "Value": "http://evil"}},
                LOOK,
                False,
                "another variable",
            ),
            (
                "secret becomes a plain variable",
                {f"{_WEB}/Secrets": None, f"{_WEB}/Environment/+": {"Name": "SECRET_KEY", "Value": "abc"}},
                DANGEROUS,
            ),
            (
                "debugger as word",
                {f"{_WEB}/Environment/+": {"Name": "FLASK_DEBUG", "Value": "True"}},
                DANGEROUS,
                True,
                "debugger",
            ),
            ("user by number 0:0", {f"{_WEB}/User": "0:0"}, DANGEROUS, True, "root"),
            ("user 00", {f"{_WEB}/User": "00"}, DANGEROUS, True, "root"),
            (
                "a sysctl",
                {f"{_WEB}/SystemControls": [{"Namespace": "net.ipv4.ip_forward", "Value": "1"}]},
                LOOK,
            ),
            ("a shared memory", {f"{_WEB}/LinuxParameters/SharedMemorySize": 64}, LOOK),
            ("restart policy", {f"{_WEB}/RestartPolicy": {"Enabled": True}}, LOOK),
            ("a label", {f"{_WEB}/DockerLabels": {"a": "b"}}, LOOK),
        ],
    ),
    *of(
        "ECS::TaskDefinition",
        {
            **TASK,
            "ContainerDefinitions": [
                {"Name": "web", "Image": f"{_built()}:{HASH}"},
                {"Name": "proxy", "Image": "public.ecr.aws/nginx/nginx:1.27.0", "User": "101"},
            ],
        },
        [
            (
                "a proxy's image without version",
                {f"{_SIDE}/Image": "public.ecr.aws/nginx/nginx:latest"},
                LOOK,
                False,
                "without a deployment",
            ),
            (
                "a proxy's image without tag",
                {f"{_SIDE}/Image": "public.ecr.aws/nginx/nginx"},
                LOOK,
                False,
                "without a deployment",
            ),
            ("a proxy's next version", {f"{_SIDE}/Image": "public.ecr.aws/nginx/nginx:1.27.1"}, SAFE),
            (
                "a proxy's image with its digest",
                {f"{_SIDE}/Image": "public.ecr.aws/nginx/nginx@sha256:" + "c" * 64},
                SAFE,
            ),
            (
                "another registry with the same name",
                {f"{_SIDE}/Image": "docker.io/nginx/nginx:1.27.0"},
                DANGEROUS,
                False,
                "repository",
            ),
        ],
    ),
    *of(
        "ECS::Service",
        SERVICE,
        [
            (
                "a revision of long ago by its ARN",
                {"TaskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1"},
                LOOK,
            ),
            ("another revision by number", {"TaskDefinition": "web:2"}, LOOK, False, "does not stand here"),
            (
                "a service connect namespace",
                {"ServiceConnectConfiguration": {"Enabled": True, "Namespace": "n"}},
                LOOK,
            ),
            ("external controller", {"DeploymentController": {"Type": "EXTERNAL"}}, DANGEROUS),
            ("strategy daemon", {"SchedulingStrategy": "DAEMON"}, DANGEROUS),
            (
                "a lifecycle hook",
                {
                    "DeploymentConfiguration/LifecycleHooks": [
                        {"HookTargetArn": "arn:f", "LifecycleStages": ["PRE_SCALE_UP"]}
                    ]
                },
                LOOK,
            ),
            ("force new deployment", {"ForceNewDeployment": {"EnableForceNewDeployment": True}}, LOOK),
            ("rebalancing off", {"AvailabilityZoneRebalancing": "DISABLED"}, LOOK),
            (
                "no security group named",
                {"NetworkConfiguration/AwsvpcConfiguration/SecurityGroups": None},
                LOOK,
            ),
            ("desired count as text zero", {"DesiredCount": "0"}, DANGEROUS),
            ("volume managed", {"VolumeConfigurations": [{"Name": "v"}]}, LOOK),
        ],
    ),
    *of(
        "ApplicationAutoScaling::ScalableTarget",
        TARGET,
        [
            (
                "more tasks by schedule, fewer at most",
                {"ScheduledActions/0/ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 2}},
                LOOK,
            ),
            ("max below min", {"MaxCapacity": 1}, LOOK, False, "fewer tasks"),
            ("a schedule's time zone", {"ScheduledActions/0/Timezone": "Asia/Tokyo"}, LOOK),
            ("another service", {"ResourceId": "service/a/b"}, LOOK),
        ],
    ),
    added(
        "a policy that sets the number to zero",
        "ApplicationAutoScaling::ScalingPolicy",
        _STEPS,
        DANGEROUS,
        False,
        "no task",
    ),
    Case(
        "a service that had 6 tasks gets a scaler of at most 2",
        template(Service=resource("ECS::Service", {**SERVICE, "DesiredCount": 6})),
        template(
            Service=resource("ECS::Service", {**SERVICE, "DesiredCount": 6}),
            Target=resource("ApplicationAutoScaling::ScalableTarget", {"MinCapacity": 1, "MaxCapacity": 2}),
        ),
        LOOK,
        False,
        "number of tasks",
    ),
    *of(
        "RDS::DBInstance",
        {**DATABASE, "BackupRetentionPeriod": 0},
        [("backups begin, which restarts it", {"BackupRetentionPeriod": 7}, DANGEROUS, False, "gone")],
    ),
    *of(
        "RDS::DBInstance",
        _TAGGED,
        [
            ("the tag that a backup plan looks for", {"Tags/0": None}, LOOK, False, "backup"),
            ("the tag of another team", {"Tags/1/Value": "ops"}, SAFE),
            ("a network of another kind", {"NetworkType": "DUAL"}, LOOK),
            ("upgrades by itself", {"AutoMinorVersionUpgrade": True}, DANGEROUS),
            ("allow major", {"AllowMajorVersionUpgrade": True}, LOOK),
            ("applied in the window", {"ApplyImmediately": False}, LOOK),
        ],
    ),
    _beside(
        "rotation of a secret that is in use",
        {"R": resource("SecretsManager::RotationSchedule", _ROTATION)},
        LOOK,
        False,
        "renewed",
    ),
    *of(
        "SecretsManager::RotationSchedule",
        _ROTATION,
        [("rotation twice a day", {"RotationRules/ScheduleExpression": "rate(12 hours)"}, LOOK)],
    ),
    *of(
        "CloudWatch::Alarm",
        ALARM,
        [
            ("an alarm that ends a machine", {"AlarmActions/+": _TERMINATE}, LOOK, False, "does something"),
            ("an OK action that ends a machine", {"OKActions": [_TERMINATE]}, LOOK, False, "does something"),
            ("statistic of another kind", {"Statistic": "Minimum"}, LOOK),
            ("comparison turned round", {"ComparisonOperator": "LessThanThreshold"}, LOOK),
            ("another dimension", {"Dimensions": [{"Name": "LoadBalancer", "Value": "other"}]}, LOOK),
            ("a longer period", {"Period": 86400}, LOOK),
            ("a text", {"AlarmDescription": "errors of users"}, SAFE),
        ],
    ),
    added(
        "it ends a machine",
        "CloudWatch::Alarm",
        {**ALARM, "AlarmActions": [_TERMINATE]},
        LOOK,
        False,
        "does something",
    ),
    _beside("a bus that everybody may write to", _bus(**_QUEUE_RULE), DANGEROUS, True, "anyone"),
    _beside(
        "a bus that another account may write to", _bus(**{**_QUEUE_RULE, "Principal": OTHER}), LOOK, True
    ),
    _beside(
        "a bus for an organisation",
        _bus(**_QUEUE_RULE, Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}),
        LOOK,
        True,
    ),
    _beside(
        "a bus by a whole statement",
        _bus(
            StatementId="s",
            EventBusName="orders",
            Statement={"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"},
        ),
        DANGEROUS,
        True,
        "anyone",
    ),
    _beside(
        "a bucket's events call a function, whoever's bucket",
        {"P": resource("Lambda::Permission", _PERMISSION)},
        LOOK,
        True,
        "lambda:InvokeFunction",
    ),
    _beside(
        "a bucket of ours calls a function",
        {
            "P": resource(
                "Lambda::Permission", {**_PERMISSION, "SourceArn": "arn:aws:s3:::b", "SourceAccount": ACCOUNT}
            )
        },
        SAFE,
    ),
    _beside(
        "a topic of ours calls a function",
        {
            "P": resource(
                "Lambda::Permission",
                {**_PERMISSION, "Principal": "sns.amazonaws.com", "SourceArn": {"Ref": "Rest"}},
            )
        },
        SAFE,
    ),
    _beside(
        "everybody in an organisation calls a function",
        {"P": resource("Lambda::Permission", {**_PERMISSION, "Principal": "*", "PrincipalOrgID": "o-1"})},
        LOOK,
        True,
    ),
    _beside(
        "a function that is called by its address",
        {"U": resource("Lambda::Url", {"AuthType": "NONE", "TargetFunctionArn": "f"})},
        DANGEROUS,
        True,
    ),
    *of(
        "Lambda::Function",
        FUNCTION,
        [
            ("another handler", {"Handler": "evil.main"}, LOOK),
            ("another runtime", {"Runtime": "python3.14"}, LOOK),
            ("no dead letters", {"DeadLetterConfig": {"TargetArn": "arn:q"}}, LOOK),
            ("a key of its own", {"KmsKeyArn": "arn:k"}, LOOK),
            ("recursive loops allowed", {"RecursiveLoop": "Allow"}, LOOK),
            ("as other role", {"Role": "arn:other"}, LOOK),
        ],
    ),
    *of(
        "EC2::VPCEndpoint",
        _ENDPOINT,
        [
            (
                "it lets through one bucket alone",
                {
                    "PolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": "*",
                                "Action": "s3:GetObject",
                                "Resource": "arn:aws:s3:::one/*",
                            }
                        ]
                    }
                },
                LOOK,
                False,
                "no longer",
            ),
        ],
    ),
    *of(
        "EC2::VPCEndpoint",
        {
            **_ENDPOINT,
            "PolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::one/*",
                    }
                ]
            },
        },
        [
            ("it lets everything through again", {"PolicyDocument": None}, LOOK, True),
        ],
    ),
    *of(
        "ECR::Repository",
        {"RepositoryName": "web"},
        [
            ("another account may fetch images", {"RepositoryPolicyText": _ECR_POLICY}, LOOK, True),
            (
                "everybody may push images",
                {
                    "RepositoryPolicyText": {
                        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]
                    }
                },
                DANGEROUS,
                True,
            ),
            ("scanned at each push", {"ImageScanningConfiguration": {"ScanOnPush": True}}, SAFE),
        ],
    ),
    *of(
        "CloudFormation::Stack",
        {
            "TemplateURL": "https://s3.eu-west-1.amazonaws.com/cdk-hnb659fds-assets-111122223333-eu-west-1/a.json"
        },
        [
            (
                "a template of a bucket called like ours",
                {"TemplateURL": "https://evil.example/cdk-hnb659fds-assets/b.json"},
                LOOK,
                True,
            ),
        ],
    ),
    Case(
        "tasks from a parameter that means everywhere",
        _group(_INSIDE),
        _group(_from(CidrIp={"Ref": "From"})),
        LOOK,
        True,
    ),
    Case(
        "tasks from everywhere on IPv6",
        _group(_INSIDE),
        _group(_INSIDE, _from(CidrIpv6="::/0")),
        DANGEROUS,
        True,
        "internet",
    ),
    Case(
        "tasks from everywhere in two halves",
        _group(_INSIDE),
        _group(_INSIDE, _from(CidrIp="0.0.0.0/1"), _from(CidrIp="128.0.0.0/1")),
        DANGEROUS,
        True,
    ),
    Case(
        "tasks from a list of addresses",
        _group(_INSIDE),
        _group(_INSIDE, _from(SourcePrefixListId="pl-1")),
        LOOK,
        True,
    ),
    Case(
        "tasks from another account's group",
        _group(_INSIDE),
        _group(_INSIDE, _from(SourceSecurityGroupId="sg-9", SourceSecurityGroupOwnerId=OTHER)),
        LOOK,
        True,
    ),
    Case(
        "every protocol from the network",
        _group(_INSIDE),
        _group({"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}),
        LOOK,
        True,
    ),
    Case("a description of the rule", _group(_INSIDE), _group({**_INSIDE, "Description": "inside"}), SAFE),
    Case(
        "the same in two parts",
        _group(_INSIDE),
        _group(_from(CidrIp="10.0.0.0/17"), _from(CidrIp="10.0.128.0/17")),
        SAFE,
    ),
    *of(
        "Route53::RecordSet",
        RECORD,
        [
            ("fails over", {"Failover": "SECONDARY"}, DANGEROUS),
            ("health is no longer asked", {"AliasTarget/EvaluateTargetHealth": False}, DANGEROUS),
            ("a comment", {"Comment": "web"}, SAFE),
        ],
    ),
    *of(
        "WAFv2::WebACL",
        ACL,
        [
            (
                "a rule that lets the office by",
                {
                    "Rules/+": {
                        "Name": "office",
                        "Priority": 0,
                        "Action": {"Allow": {}},
                        "Statement": {"IPSetReferenceStatement": {"Arn": "a"}},
                    }
                },
                DANGEROUS,
                True,
            ),
            (
                "captcha for longer",
                {"CaptchaConfig": {"ImmunityTimeProperty": {"ImmunityTime": 86400}}},
                LOOK,
            ),
        ],
    ),
    *of(
        "CloudFront::Distribution",
        CDN,
        [
            (
                "a function on each request",
                {
                    "DistributionConfig/DefaultCacheBehavior/FunctionAssociations": [
                        {"EventType": "viewer-request", "FunctionARN": "arn:f"}
                    ]
                },
                LOOK,
            ),
            (
                "fewer methods",
                {"DistributionConfig/DefaultCacheBehavior/AllowedMethods": ["GET", "HEAD"]},
                LOOK,
            ),
            (
                "no response headers",
                {"DistributionConfig/DefaultCacheBehavior/ResponseHeadersPolicyId": "p"},
                LOOK,
            ),
            (
                "an error page that says 200",
                {
                    "DistributionConfig/CustomErrorResponses": [
                        {"ErrorCode": 403, "ResponseCode": 200, "ResponsePagePath": "/"}
                    ]
                },
                LOOK,
            ),
            ("staging", {"DistributionConfig/Staging": True}, LOOK),
            ("a root object", {"DistributionConfig/DefaultRootObject": "index.html"}, LOOK),
        ],
    ),
    *of(
        f"{_ELB}::Listener",
        LISTENER,
        [
            ("adds a second certificate", {"Certificates/+": {"CertificateArn": "arn:b"}}, SAFE),
            ("ALPN", {"AlpnPolicy": ["None"]}, LOOK),
            (
                "a header renamed",
                {
                    "ListenerAttributes": [
                        {"Key": "routing.http.request.x_amzn_tls_version.header_name", "Value": "X"}
                    ]
                },
                LOOK,
            ),
        ],
    ),
    *of(
        f"{_ELB}::LoadBalancer",
        BALANCER,
        [
            (
                "a new attribute",
                {
                    "LoadBalancerAttributes/+": {
                        "Key": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
                        "Value": "true",
                    }
                },
                LOOK,
            ),
            ("prefix list off", {"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}, LOOK),
        ],
    ),
    *of(
        f"{_ELB}::TargetGroup",
        TARGETS,
        [
            ("protocol version", {"ProtocolVersion": "GRPC"}, DANGEROUS),
            (
                "min healthy for DNS",
                {
                    "TargetGroupAttributes/+": {
                        "Key": "target_group_health.dns_failover.minimum_healthy_targets.count",
                        "Value": "5",
                    }
                },
                LOOK,
            ),
        ],
    ),
    *of(
        f"{_ELB}::ListenerRule",
        RULE,
        [
            ("a second host", {"Conditions/0/HostHeaderConfig/Values/+": "b.example.com"}, DANGEROUS),
        ],
    ),
    *of(
        "S3::Bucket",
        BUCKET,
        [
            (
                "objects go after a day",
                {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]}},
                LOOK,
            ),
            ("requester pays", {"RequestPayment": "Requester"}, LOOK),
            (
                "events",
                {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
                LOOK,
            ),
            ("a tag", {"Tags": [{"Key": "cost", "Value": "1"}]}, SAFE),
        ],
    ),
    *of(
        "SQS::Queue",
        {"VisibilityTimeout": 30},
        [
            ("delay", {"DelaySeconds": 900}, LOOK),
            ("size", {"MaximumMessageSize": 1024}, LOOK),
            ("who may put aside", {"RedriveAllowPolicy": {"redrivePermission": "allowAll"}}, LOOK),
            ("keeps messages for longer", {"MessageRetentionPeriod": 1209600}, SAFE),
        ],
    ),
    *of(
        "Events::Rule",
        {
            "EventPattern": {"source": ["aws.s3"]},
            "State": "ENABLED",
            "Targets": [{"Id": "a", "Arn": "arn:f"}],
        },
        [
            ("everything", {"EventPattern": {"source": [{"prefix": ""}]}}, LOOK),
            ("a stranger as target", {"Targets/0/Arn": "arn:evil"}, LOOK),
            ("one target less", {"Targets": []}, LOOK),
            ("a comment", {"Description": "x"}, SAFE),
        ],
    ),
    Case(
        "a key that another account may use",
        _key(),
        _key(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Action": "kms:Decrypt",
                "Resource": "*",
            }
        ),
        LOOK,
        True,
    ),
    Case(
        "a key that everybody may use through a service",
        _key(),
        _key(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
            }
        ),
        DANGEROUS,
        True,
    ),
    Case(
        "a key that this account may use through a service",
        _key(),
        _key(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": "s3.eu-west-1.amazonaws.com",
                        "kms:CallerAccount": ACCOUNT,
                    }
                },
            }
        ),
        LOOK,
        True,
    ),
    Case(
        "the account loses its key",
        _key(),
        template(
            Key=resource(
                "KMS::Key",
                {
                    "KeyPolicy": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"},
                                "Action": "kms:Decrypt",
                                "Resource": "*",
                            }
                        ]
                    }
                },
            )
        ),
        LOOK,
        True,
    ),
    rights("the same action in other letters", [allow("s3:GetObject")], [allow("S3:getobject")], SAFE),
    rights(
        "two statements for one",
        [allow(["s3:GetObject", "s3:PutObject"])],
        [allow("s3:GetObject"), allow("s3:PutObject")],
        SAFE,
    ),
    rights("a name for the statement", [allow("s3:GetObject")], [allow("s3:GetObject", Sid="Read")], SAFE),
    rights("the version of the language", [allow("s3:GetObject")], [allow("s3:GetObject")], "no change")
    if False
    else rights("one action twice", [allow("s3:GetObject")], [allow(["s3:GetObject", "s3:GetObject"])], SAFE),
    rights(
        "a condition that names another tag",
        [allow("s3:GetObject", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})],
        [allow("s3:GetObject", Condition={"StringEquals": {"aws:ResourceTag/team": "b"}})],
        LOOK,
        True,
    ),
    rights(
        "a condition for some of several values",
        [allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": "a"}})],
        [allow("s3:GetObject", Condition={"StringEqualsIfExists": {"aws:SourceVpce": "a"}})],
        LOOK,
        True,
    ),
    rights(
        "a condition with the wildcard in StringEquals",
        [allow("s3:GetObject", Condition={"StringLike": {"s3:prefix": "a/*"}})],
        [allow("s3:GetObject", Condition={"StringLike": {"s3:prefix": "*"}})],
        LOOK,
        True,
    ),
    rights(
        "a refusal gets a condition",
        [allow("s3:*", "arn:aws:s3:::bucket"), deny("s3:DeleteObject")],
        [
            allow("s3:*", "arn:aws:s3:::bucket"),
            deny("s3:DeleteObject", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        ],
        LOOK,
        True,
    ),
    rights(
        "a refusal of all but some resources",
        [allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::bucket"]}],
        [
            allow("s3:*"),
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "NotResource": ["arn:aws:s3:::bucket", "arn:aws:s3:::other"],
            },
        ],
        LOOK,
        True,
    ),
    rights(
        "pass any role to a service",
        [allow("s3:GetObject")],
        [
            allow("s3:GetObject"),
            allow(
                "iam:passrole",
                "*",
                Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ],
        LOOK,
        True,
    ),
    rights(
        "pass any role to what is not there",
        [allow("s3:GetObject")],
        [
            allow("s3:GetObject"),
            allow("iam:PassRole", "*", Condition={"StringNotEquals": {"iam:PassedToService": "x"}}),
        ],
        DANGEROUS,
        True,
    ),
    rights(
        "all roles by a pattern in the middle",
        [allow("s3:GetObject")],
        [allow("s3:GetObject"), allow("sts:AssumeRole", "arn:aws:iam::*:role/*")],
        DANGEROUS,
        True,
    ),
    rights(
        "the CDK's roles",
        [allow("s3:GetObject")],
        [
            allow("s3:GetObject"),
            allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-deploy-role-*"),
        ],
        LOOK,
        True,
    ),
    rights(
        "a variable of the policy instead of everything",
        [allow("s3:GetObject", "arn:aws:s3:::bucket/*")],
        [allow("s3:GetObject", "arn:aws:s3:::bucket/${aws:username}/*")],
        LOOK,
    ),
    trust(
        "another organisation",
        [{"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}],
        [{"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-2"}}}],
        LOOK,
        True,
    ),
    trust(
        "a partner without an external id",
        [
            {
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
            }
        ],
        [{"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}],
        DANGEROUS,
        True,
    ),
    trust(
        "no second factor",
        [
            {
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
        [{"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}],
        LOOK,
        True,
    ),
    trust(
        "a pull request's subject",
        [_cd("repo:acme/web:ref:refs/heads/main")],
        [_cd(["repo:acme/web:ref:refs/heads/main", "repo:acme/web:pull_request"])],
        LOOK,
        True,
    ),
    trust(
        "tags may be set with the session",
        [_SERVICE_TRUST],
        [{**_SERVICE_TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}],
        LOOK,
        True,
    ),
    trust(
        "any branch of the repository",
        [_cd("repo:acme/web:ref:refs/heads/main")],
        [_cd("repo:acme/web:*", "StringLike")],
        LOOK,
        True,
    ),
    trust(
        "repositories that begin alike",
        [_cd("repo:acme/web:ref:refs/heads/main")],
        [_cd("repo:acme/web*", "StringLike")],
        DANGEROUS,
        True,
    ),
    trust(
        "a guest of an identity pool",
        [
            {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": "p"},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
                },
            }
        ],
        [
            {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": "p"},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
                },
            }
        ],
        DANGEROUS,
        True,
    ),
    _beside(
        "a role of the stack anywhere, used by another service",
        {
            "Role": resource(
                "IAM::Role",
                {
                    "AssumeRolePolicyDocument": ROLE["Properties"]["AssumeRolePolicyDocument"],
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/job-function/SystemAdministrator"],
                },
            )
        },
        LOOK,
        True,
    ),
    _beside(
        "a user with a key",
        {"U": resource("IAM::User", {}), "K": resource("IAM::AccessKey", {"UserName": "u"})},
        LOOK,
        True,
    ),
    _beside(
        "a layer for everybody",
        {
            "L": resource(
                "Lambda::LayerVersionPermission",
                {"Action": "lambda:GetLayerVersion", "Principal": "*", "LayerVersionArn": "a"},
            )
        },
        DANGEROUS,
        True,
    ),
    _beside(
        "a peer", {"P": resource("EC2::VPCPeeringConnection", {"VpcId": "v", "PeerVpcId": "w"})}, LOOK, True
    ),
    _beside(
        "a domain of search for everybody",
        {
            "D": resource(
                "OpenSearchService::Domain",
                {
                    "AccessPolicies": {
                        "Statement": [
                            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}
                        ]
                    }
                },
            )
        },
        DANGEROUS,
        True,
    ),
    _beside("a dashboard", {"D": resource("CloudWatch::Dashboard", {"DashboardBody": "{}"})}, SAFE),
    _beside("a log group", {"L": resource("Logs::LogGroup", {"RetentionInDays": 7})}, SAFE),
    _beside(
        "a queue with its dead letters",
        {
            "D": resource("SQS::Queue", {}),
            "Q": resource(
                "SQS::Queue",
                {
                    "RedrivePolicy": {
                        "maxReceiveCount": 3,
                        "deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]},
                    }
                },
            ),
        },
        SAFE,
    ),
    _beside(
        "a queue that everybody may write to",
        {
            "Q": resource("SQS::Queue", {}),
            "P": resource(
                "SQS::QueuePolicy",
                {
                    "Queues": [{"Ref": "Q"}],
                    "PolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": "*",
                                "Action": "sqs:SendMessage",
                                "Resource": "*",
                            }
                        ]
                    },
                },
            ),
        },
        DANGEROUS,
        True,
    ),
]
_OAC = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
    "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E"}},
}
_RES = {"Rest": resource("SNS::Topic", {}), "Bucket": resource("S3::Bucket", {})}


def _bucket_policy(*statements: dict[str, Any], bucket: Any = None) -> dict[str, Any]:
    return resource(
        "S3::BucketPolicy",
        {"Bucket": bucket or {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [*statements]}},
    )


def _open_bucket(action: str, condition: dict[str, Any]) -> dict[str, Any]:
    """Return a bucket that everybody may use under a condition."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition}
    return {"B": resource("S3::Bucket", {}), "P": _bucket_policy(allowed, bucket={"Ref": "B"})}


_TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
_EFS = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
    "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
}
CASES += [
    Case(
        "the policy by which CloudFront reads goes",
        template(**_RES, P=_bucket_policy(_OAC)),
        template(**_RES),
        LOOK,
        False,
        "may no longer",
    ),
    Case(
        "the same of a bucket of another stack",
        template(**_RES, P=_bucket_policy(_OAC, bucket="b")),
        template(**_RES),
        LOOK,
        False,
        "may no longer",
    ),
    Case(
        "the policy that asks for TLS goes",
        template(**_RES, P=_bucket_policy(_TLS_ONLY)),
        template(**_RES),
        LOOK,
        True,
        "no longer forbidden",
    ),
    Case(
        "the policy of a bucket gets another id",
        template(**_RES, P11111111=_bucket_policy(_TLS_ONLY)),
        template(**_RES, Q22222222=_bucket_policy(_TLS_ONLY)),
        LOOK,
        False,
        "under another id",
    ),
    Case(
        "a policy goes with its bucket",
        template(
            **_RES,
            B2=resource("Logs::LogGroup", {}),
            P=_bucket_policy(_TLS_ONLY, bucket={"Ref": "B3"}),
            B3=resource("CloudWatch::Dashboard", {}),
        ),
        template(**_RES, B2=resource("Logs::LogGroup", {})),
        SAFE,
    ),
    _beside(
        "a bucket that wants an ACL of everybody",
        _open_bucket("s3:PutObject", {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}),
        DANGEROUS,
        True,
    ),
    _beside(
        "a bucket for requests that say from where",
        _open_bucket("s3:GetObject", {"StringLike": {"aws:Referer": "https://a.example/*"}}),
        DANGEROUS,
        True,
    ),
    _beside(
        "a bucket for a network",
        _open_bucket("s3:GetObject", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        LOOK,
        True,
    ),
    _beside(
        "a new way to S3 with all rights",
        {
            "E": resource(
                "EC2::VPCEndpoint",
                {
                    **_ENDPOINT,
                    "PolicyDocument": {
                        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
                    },
                },
            )
        },
        LOOK,
    ),
    _beside(
        "files as the CDK protects them",
        {"F": resource("EFS::FileSystem", {"Encrypted": True, "FileSystemPolicy": {"Statement": [_EFS]}})},
        LOOK,
        True,
    ),
    Case(
        "lines of services of AWS",
        template(**_RES, L=resource("Logs::ResourcePolicy", {"PolicyName": "p", "PolicyDocument": "{}"})),
        template(**_RES),
        LOOK,
    ),
    Case(
        "a task definition made anew",
        template(
            T=resource("ECS::TaskDefinition", TASK),
            S=resource("ECS::Service", {**SERVICE, "TaskDefinition": {"Ref": "T"}}),
        ),
        template(
            T=resource("ECS::TaskDefinition", {**TASK, "Memory": "2048"}),
            S=resource("ECS::Service", {**SERVICE, "TaskDefinition": {"Ref": "T"}}),
        ),
        SAFE,
    ),
    Case(
        "another task definition of the template",
        template(
            T=resource("ECS::TaskDefinition", TASK),
            U=resource("ECS::TaskDefinition", {**TASK, "Family": "u"}),
            S=resource("ECS::Service", {**SERVICE, "TaskDefinition": {"Ref": "T"}}),
        ),
        template(
            T=resource("ECS::TaskDefinition", TASK),
            U=resource("ECS::TaskDefinition", {**TASK, "Family": "u"}),
            S=resource("ECS::Service", {**SERVICE, "TaskDefinition": {"Ref": "U"}}),
        ),
        LOOK,
    ),
    Case(
        "a service with its scaler",
        template(**_RES),
        template(
            **_RES,
            S=resource("ECS::Service", {**SERVICE}),
            T=resource(
                "ApplicationAutoScaling::ScalableTarget",
                {
                    "MinCapacity": 1,
                    "MaxCapacity": 2,
                    "ResourceId": {"Fn::Join": ["", ["service/c/", {"Fn::GetAtt": ["S", "Name"]}]]},
                },
            ),
        ),
        LOOK,
        False,
        "ECS::Service S is added",
    ),
]
