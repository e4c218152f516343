"""Changes that happened to others, as they reported them: nobody of this repository thought of them."""

from typing import Any

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, edited, resource, template
from tests.review.seeded.guards import BUCKET, DATABASE
from tests.review.seeded.requests import BALANCER, CDN, RECORD, TARGETS
from tests.review.seeded.rights import OTHER, PROVIDER, allow, policy
from tests.review.seeded.tasks import FUNCTION, SERVICE

_CDK = "https://github.com/aws/aws-cdk"
_ELB = "ElasticLoadBalancingV2"
_ROADMAP = "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap"


def _edit(
    source: str,
    what: str,
    type_name: str,
    base: dict[str, Any],
    edits: dict[str, Any],
    verdict: str,
    wider: bool = False,
    says: str = "",
) -> Case:
    old, new = (template(It=resource(type_name, each)) for each in (base, edited(base, edits)))
    return Case(what, old, new, verdict, wider, says, source)


def _moved(
    source: str,
    what: str,
    type_name: str,
    properties: dict[str, Any],
    verdict: str,
    wider: bool = False,
    says: str = "under another id",
) -> Case:
    it = resource(type_name, properties)
    return Case(what, template(Old11111111=it), template(New22222222=it), verdict, wider, says, source)


def _gone(
    source: str,
    what: str,
    type_name: str,
    properties: dict[str, Any],
    verdict: str,
    wider: bool = False,
    says: str = "",
) -> Case:
    rest = resource("SNS::Topic", {})
    return Case(
        what,
        template(It=resource(type_name, properties), Rest=rest),
        template(Rest=rest),
        verdict,
        wider,
        says,
        source,
    )


def _come(
    source: str,
    what: str,
    type_name: str,
    properties: dict[str, Any],
    verdict: str,
    wider: bool = False,
    says: str = "",
) -> Case:
    rest = resource("SNS::Topic", {})
    return Case(
        what,
        template(Rest=rest),
        template(It=resource(type_name, properties), Rest=rest),
        verdict,
        wider,
        says,
        source,
    )


def _trusts(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **each} for each in statements]}
    return template(Role=resource("IAM::Role", {"AssumeRolePolicyDocument": document}))


def _github(sub: dict[str, Any]) -> dict[str, Any]:
    return _trusts(
        {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": PROVIDER}, "Condition": sub}
    )


_LAMBDA_ROLE = {"Principal": {"AWS": {"Fn::GetAtt": ["Handler", "Arn"]}}}
_SUB = "token.actions.githubusercontent.com:sub"
_MAIN = {"StringEquals": {_SUB: "repo:acme/web:ref:refs/heads/main"}}
_CLUSTER = {"Engine": "aurora-postgresql", "DBClusterIdentifier": "Prod-Aurora"}
_FILES = {"PerformanceMode": "generalPurpose"}
_OPEN = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
_TABLE = {
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
}
_GROUP: dict[str, Any] = {"GroupDescription": "lb", "SecurityGroupEgress": [_OPEN]}
_TO_TASKS = {
    "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
    "IpProtocol": "tcp",
    "FromPort": 80,
    "ToPort": 80,
    "DestinationSecurityGroupId": "sg-1",
}
_IN_USE = resource(
    f"{_ELB}::LoadBalancer", {"Scheme": "internal", "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
)
_DATABASE_GROUP = resource(
    "EC2::SecurityGroup",
    {
        "GroupDescription": "db",
        "SecurityGroupEgress": [{"CidrIp": "255.255.255.255/32", "IpProtocol": "icmp"}],
    },
)
_INGRESS = {
    "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
    "IpProtocol": "tcp",
    "FromPort": 5432,
    "ToPort": 5432,
    "SourceSecurityGroupId": "sg-app",
}
_CARRIER = resource(
    "RDS::DBInstance", {**DATABASE, "VPCSecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
)
_POLICY_OF_BUCKET = {
    "Bucket": "b",
    "PolicyDocument": {
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::b/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    },
}
_SERVED = {
    "Outputs": {"ExportsOutputRefPool": {"Value": "pool", "Export": {"Name": "One:ExportsOutputRefPool"}}},
    **template(T=resource("SNS::Topic", {})),
}

CASES = [
    # Load balancers and target groups.
    _edit(
        f"{_CDK}/issues/15233",
        "a load balancer gets a name",
        f"{_ELB}::LoadBalancer",
        BALANCER,
        {"Name": "web"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _moved(
        f"{_CDK}/issues/36149",
        "an upgrade renames a target group",
        f"{_ELB}::TargetGroup",
        TARGETS,
        DANGEROUS,
    ),
    _edit(
        f"{_CDK}/issues/24219",
        "an application load balancer becomes one of the network",
        f"{_ELB}::LoadBalancer",
        BALANCER,
        {"Type": "network"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        f"{_CDK}/issues/13833",
        "a target group is for a function instead of its alias",
        f"{_ELB}::TargetGroup",
        {"TargetType": "lambda", "Targets": [{"Id": "arn:f"}]},
        {"Targets/0/Id": "arn:f:alias"},
        LOOK,
    ),
    _edit(
        f"{_CDK}/issues/24642",
        "an upgrade replaces the target group of the network",
        f"{_ELB}::TargetGroup",
        {**TARGETS, "Protocol": "TCP"},
        {"Port": 8000},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        f"{_CDK}/issues/33253",
        "a public service becomes private",
        f"{_ELB}::LoadBalancer",
        BALANCER,
        {"Scheme": "internal", "Subnets": ["subnet-x"]},
        DANGEROUS,
        False,
        "replaced",
    ),
    _moved(
        f"{_CDK}/issues/36239",
        "an upgrade gives the id of a target group back",
        f"{_ELB}::TargetGroup",
        {**TARGETS, "TargetType": "ip"},
        DANGEROUS,
    ),
    _edit(
        f"{_ROADMAP}/issues/780",
        "the exposition of a load balancer changes",
        f"{_ELB}::LoadBalancer",
        {**BALANCER, "Scheme": "internal"},
        {"Scheme": "internet-facing"},
        DANGEROUS,
        True,
        "public addresses",
    ),
    _edit(
        "https://github.com/hotosm/tasking-manager/issues/2556",
        "a health check of a page that moved",
        f"{_ELB}::TargetGroup",
        {**TARGETS, "HealthCheckPath": "/"},
        {"HealthCheckPath": "/api/v2/system/heartbeat/"},
        LOOK,
    ),
    _edit(
        "https://github.com/mage-ai/mage-ai-terraform-templates/pull/41",
        "another health endpoint",
        f"{_ELB}::TargetGroup",
        {**TARGETS, "HealthCheckPath": "/api/kernels"},
        {"HealthCheckPath": "/api/status"},
        LOOK,
    ),
    _edit(
        "https://github.com/GuardBench/guardbench-iac/pull/27",
        "a health check without a database, same codes",
        f"{_ELB}::TargetGroup",
        {**TARGETS, "HealthCheckPath": "/api/v1/test-suites"},
        {"HealthCheckPath": "/health"},
        LOOK,
    ),
    _edit(
        "https://github.com/QuantumNous/new-api/pull/7476",
        "cross-zone balancing off",
        f"{_ELB}::LoadBalancer",
        {
            **BALANCER,
            "LoadBalancerAttributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}],
        },
        {"LoadBalancerAttributes/0/Value": "false"},
        LOOK,
    ),
    # Services.
    Case(
        "a default desired count of 1 comes back",
        template(It=resource("ECS::Service", {**SERVICE})),
        template(It=resource("ECS::Service", {**SERVICE, "DesiredCount": 1})),
        LOOK,
        False,
        "whatever the load is",
        f"{_CDK}/issues/3919",
    ),
    _edit(
        f"{_CDK}/issues/11299",
        "a baseline count below the load",
        "ECS::Service",
        {**SERVICE, "DesiredCount": 10},
        {"DesiredCount": 2},
        LOOK,
        False,
        "fewer tasks",
    ),
    _edit(
        "https://github.com/mapbox/ecs-watchbot/pull/353",
        "the count is left to the autoscaler",
        "ECS::Service",
        {**SERVICE, "DesiredCount": 5},
        {"DesiredCount": None},
        SAFE,
    ),
    _edit(
        "https://github.com/mapbox/ecs-watchbot/issues/349",
        "more tasks at most",
        "ApplicationAutoScaling::ScalableTarget",
        {"MinCapacity": 1, "MaxCapacity": 5},
        {"MaxCapacity": 10},
        SAFE,
    ),
    _gone(
        "https://github.com/aws/copilot-cli/issues/1619",
        "autoscaling is taken away",
        "ApplicationAutoScaling::ScalableTarget",
        {"MinCapacity": 1, "MaxCapacity": 10},
        LOOK,
        False,
        "no longer follows",
    ),
    _edit(
        f"{_CDK}/pull/5507",
        "a group of machines is reset at each deployment",
        "AutoScaling::AutoScalingGroup",
        {"MinSize": "1", "MaxSize": "9"},
        {"DesiredCapacity": "9"},
        LOOK,
    ),
    _edit(
        f"{_CDK}/issues/31705",
        "half of the tasks may be gone",
        "ECS::Service",
        SERVICE,
        {"DeploymentConfiguration/MinimumHealthyPercent": 50},
        LOOK,
        False,
        "before new ones serve",
    ),
    _edit(
        "https://github.com/caltechads/deployfish/issues/4",
        "all tasks may be gone",
        "ECS::Service",
        SERVICE,
        {"DeploymentConfiguration/MinimumHealthyPercent": 0},
        DANGEROUS,
        False,
        "stop every task",
    ),
    _edit(
        f"{_CDK}/issues/38243",
        "25 % of the tasks may fail",
        "ECS::Service",
        SERVICE,
        {
            "DeploymentConfiguration/DeploymentCircuitBreaker/ThresholdConfiguration": {
                "Type": "BOUNDED_PERCENT",
                "Value": 25,
            }
        },
        DANGEROUS,
        False,
        "many tasks",
    ),
    _edit(
        "https://github.com/aws/containers-roadmap/issues/1573",
        "the circuit breaker is switched on",
        "ECS::Service",
        {
            **SERVICE,
            "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": False, "Rollback": False}},
        },
        {"DeploymentConfiguration/DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
        SAFE,
    ),
    _edit(
        "https://github.com/reown-com/blockchain-api/pull/1182",
        "a grace for the start",
        "ECS::Service",
        {**SERVICE, "HealthCheckGracePeriodSeconds": 0},
        {"HealthCheckGracePeriodSeconds": 60},
        SAFE,
    ),
    # Data.
    _edit(
        f"{_CDK}/issues/20634",
        "a cluster's name in small letters",
        "RDS::DBCluster",
        _CLUSTER,
        {"DBClusterIdentifier": "prod-aurora"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        "https://github.com/guardian/cdk/pull/1111",
        "another parameter group of a database",
        "RDS::DBInstance",
        {**DATABASE, "DBParameterGroupName": "a"},
        {"DBParameterGroupName": "b"},
        DANGEROUS,
    ),
    _moved(
        f"{_CDK}/issues/10800",
        "an upgrade gives the database another secret",
        "SecretsManager::Secret",
        {"GenerateSecretString": {"PasswordLength": 30}},
        DANGEROUS,
    ),
    _edit(
        f"{_CDK}/issues/19985",
        "the address beside a generated password",
        "SecretsManager::Secret",
        {"GenerateSecretString": {"SecretStringTemplate": '{"address": "a"}'}},
        {"GenerateSecretString/SecretStringTemplate": '{"address": "b"}'},
        DANGEROUS,
        False,
        "new value",
    ),
    _edit(
        f"{_CDK}/issues/20025",
        "files become encrypted",
        "EFS::FileSystem",
        _FILES,
        {"Encrypted": True},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        f"{_CDK}/pull/11524",
        "files get the key's ARN instead of its id",
        "EFS::FileSystem",
        {**_FILES, "Encrypted": True, "KmsKeyId": "1234"},
        {"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1234"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        f"{_CDK}/issues/6315",
        "an empty lifecycle of files",
        "EFS::FileSystem",
        _FILES,
        {"Encrypted": False, "LifecyclePolicies": []},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        "https://github.com/hashicorp/terraform-provider-aws/issues/28321",
        "a search domain becomes encrypted",
        "OpenSearchService::Domain",
        {"DomainName": "a"},
        {"EncryptionAtRestOptions": {"Enabled": True}},
        LOOK,
    ),
    Case(
        "a table is no longer kept",
        template(It=resource("DynamoDB::Table", _TABLE, DeletionPolicy="Retain")),
        template(It=resource("DynamoDB::Table", _TABLE, DeletionPolicy="Delete")),
        LOOK,
        False,
        "no longer kept",
        "https://github.com/aws-samples/aws-cdk-examples/pull/100",
    ),
    Case(
        "a key is deleted with its stack",
        template(It=resource("KMS::Key", {}, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")),
        template(It=resource("KMS::Key", {}, DeletionPolicy="Delete", UpdateReplacePolicy="Delete")),
        LOOK,
        False,
        "no longer kept",
        "https://github.com/nearform/mira/pull/106",
    ),
    _gone(
        "https://github.com/anomalyco/sst/issues/4600",
        "an older version forgets the table",
        "DynamoDB::Table",
        _TABLE,
        DANGEROUS,
        False,
        "lost",
    ),
    Case(
        "a bucket is emptied with its stack",
        template(It=resource("S3::Bucket", BUCKET, DeletionPolicy="Retain")),
        template(It=resource("S3::Bucket", BUCKET, DeletionPolicy="Delete")),
        LOOK,
        False,
        "no longer kept",
        "https://github.com/awsdocs/aws-cdk-guide/issues/285",
    ),
    Case(
        "a cluster is kept from now on",
        template(It=resource("RDS::DBCluster", _CLUSTER, DeletionPolicy="Delete")),
        template(It=resource("RDS::DBCluster", _CLUSTER, DeletionPolicy="Retain")),
        SAFE,
        False,
        "",
        f"{_CDK}/pull/2063",
    ),
    # Buckets.
    _edit(
        f"{_CDK}/pull/33668",
        "one setting of the public block switches the others off",
        "S3::Bucket",
        BUCKET,
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": False,
                "IgnorePublicAcls": False,
                "RestrictPublicBuckets": False,
            }
        },
        DANGEROUS,
        True,
        "made public",
    ),
    _edit(
        f"{_CDK}/issues/14606",
        "a bucket loses its public block",
        "S3::Bucket",
        BUCKET,
        {"PublicAccessBlockConfiguration": None},
        DANGEROUS,
        True,
    ),
    _edit(
        "https://github.com/reapit/foundations/issues/8950",
        "access lists are blocked, the owner stays",
        "S3::Bucket",
        {"AccessControl": "PublicRead"},
        {"AccessControl": "BucketOwnerFullControl"},
        LOOK,
        True,
    ),
    _come(
        f"{_CDK}/pull/18770",
        "TLS is forced on the log of the network",
        "S3::BucketPolicy",
        _POLICY_OF_BUCKET,
        LOOK,
        False,
        "now forbidden",
    ),
    Case(
        "TLS is forced on the bucket, too",
        template(B=resource("S3::Bucket", {}), It=resource("S3::BucketPolicy", _POLICY_OF_BUCKET)),
        template(
            B=resource("S3::Bucket", {}),
            It=resource(
                "S3::BucketPolicy",
                edited(
                    _POLICY_OF_BUCKET,
                    {"PolicyDocument/Statement/0/Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
                ),
            ),
        ),
        LOOK,
        False,
        "now forbidden",
        f"{_CDK}/pull/13961",
    ),
    # CloudFront.
    _edit(
        f"{_CDK}/issues/6547",
        "a default of TLS 1.0",
        "CloudFront::Distribution",
        CDN,
        {"DistributionConfig/ViewerCertificate/MinimumProtocolVersion": "TLSv1"},
        DANGEROUS,
        True,
        "weak",
    ),
    _edit(
        f"{_CDK}/issues/38600",
        "TLS policy of 2025",
        "CloudFront::Distribution",
        CDN,
        {"DistributionConfig/ViewerCertificate/MinimumProtocolVersion": "TLSv1.2_2025"},
        LOOK,
    ),
    _edit(
        "https://github.com/aws-samples/document-translation/issues/195",
        "CloudFront's own certificate",
        "CloudFront::Distribution",
        CDN,
        {"DistributionConfig/ViewerCertificate": {"CloudFrontDefaultCertificate": True}},
        LOOK,
        False,
        "another certificate",
    ),
    _edit(
        f"{_CDK}/pull/11997",
        "TLS to the origin",
        "CloudFront::Distribution",
        CDN,
        {"DistributionConfig/Origins/0/CustomOriginConfig/OriginSSLProtocols": ["SSLv3"]},
        LOOK,
    ),
    _moved(
        f"{_CDK}/issues/21397",
        "another construct of the distribution",
        "CloudFront::Distribution",
        CDN,
        DANGEROUS,
    ),
    # Names.
    _moved(f"{_CDK}/issues/12564", "a record under another id", "Route53::RecordSet", RECORD, DANGEROUS),
    _edit(
        "https://github.com/alchemy-run/alchemy/issues/1672",
        "a name and its redirect are swapped",
        "Route53::RecordSet",
        RECORD,
        {"Name": "example.com."},
        DANGEROUS,
        False,
        "replaced",
    ),
    _moved(
        "https://github.com/aws-samples/aws-cdk-intro-workshop/pull/26",
        "a record is created by other code",
        "Route53::RecordSet",
        {**RECORD, "Type": "CNAME"},
        DANGEROUS,
    ),
    _edit(
        f"{_CDK}/issues/26754",
        "simple routing becomes weighted",
        "Route53::RecordSet",
        {k: v for k, v in RECORD.items() if k not in ("Weight", "SetIdentifier")},
        {"Weight": 100, "SetIdentifier": "a"},
        DANGEROUS,
    ),
    _come(
        f"{_CDK}/issues/23661",
        "an existing record is deleted first",
        "CDK::DeleteExistingRecordSet",
        {"RecordName": "www"},
        LOOK,
    ),
    # The network.
    Case(
        "a rule to one group takes the way to all others",
        template(Group=resource("EC2::SecurityGroup", {"GroupDescription": "lb"}), Balancer=_IN_USE),
        template(
            Group=resource("EC2::SecurityGroup", {"GroupDescription": "lb"}),
            Balancer=_IN_USE,
            Out=resource("EC2::SecurityGroupEgress", _TO_TASKS),
        ),
        DANGEROUS,
        False,
        "can no longer reach",
        "https://github.com/aws-cloudformation/cfn-language-discussion/issues/157",
    ),
    Case(
        "all ways out become one",
        template(Group=resource("EC2::SecurityGroup", _GROUP), Balancer=_IN_USE),
        template(
            Group=resource(
                "EC2::SecurityGroup",
                {
                    "GroupDescription": "lb",
                    "SecurityGroupEgress": [
                        {
                            "DestinationSecurityGroupId": "sg-9",
                            "IpProtocol": "tcp",
                            "FromPort": 80,
                            "ToPort": 80,
                        }
                    ],
                },
            ),
            Balancer=_IN_USE,
        ),
        DANGEROUS,
        False,
        "can no longer reach",
        f"{_CDK}/issues/14657",
    ),
    Case(
        "the database loses its rule with the proxy",
        template(Group=_DATABASE_GROUP, It=_CARRIER, In=resource("EC2::SecurityGroupIngress", _INGRESS)),
        template(Group=_DATABASE_GROUP, It=_CARRIER),
        LOOK,
        False,
        "can no longer reach",
        f"{_CDK}/issues/24305",
    ),
    Case(
        "a group is replaced, and its rules come later",
        template(Group=resource("EC2::SecurityGroup", _GROUP)),
        template(Group=resource("EC2::SecurityGroup", {**_GROUP, "GroupName": "new"})),
        LOOK,
        False,
        "replaced",
        "https://github.com/alantech/iasql/issues/203",
    ),
    _edit(
        f"{_CDK}/issues/6683",
        "one zone more renumbers the subnets",
        "EC2::Subnet",
        {"VpcId": "v", "CidrBlock": "10.0.64.0/18"},
        {"CidrBlock": "10.0.32.0/19"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        f"{_CDK}/issues/16869",
        "another range of the network",
        "EC2::VPC",
        {"CidrBlock": "10.10.0.0/16"},
        {"CidrBlock": "10.20.0.0/16"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _moved(
        f"{_CDK}/pull/34094",
        "the gateway gets another id",
        "EC2::NatGateway",
        {"SubnetId": "a", "AllocationId": "b"},
        DANGEROUS,
    ),
    _edit(
        "https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/106",
        "a gateway moves to another subnet",
        "EC2::NatGateway",
        {"SubnetId": "a", "AllocationId": "b"},
        {"SubnetId": "c"},
        DANGEROUS,
        False,
        "replaced",
    ),
    _edit(
        "https://github.com/NASA-IMPACT/veda-backend/pull/213",
        "a gateway instead of a machine",
        "EC2::Route",
        {"RouteTableId": "r", "DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-1"},
        {"InstanceId": None, "NatGatewayId": "n-1"},
        DANGEROUS,
        False,
        "another way",
    ),
    # Rights.
    Case(
        "every identity of the account may act as a role",
        _trusts(_LAMBDA_ROLE),
        _trusts({"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}}),
        LOOK,
        True,
        "may now act as",
        f"{_CDK}/pull/25580",
    ),
    Case(
        "a pipeline's role trusts another account",
        _trusts(_LAMBDA_ROLE),
        _trusts(_LAMBDA_ROLE, {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}),
        DANGEROUS,
        True,
        "may now act as",
        f"{_CDK}/issues/27659",
    ),
    Case(
        "a service may act without saying for whom",
        _trusts(
            {
                "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            }
        ),
        _trusts({"Principal": {"Service": "bedrock-agentcore.amazonaws.com"}}),
        LOOK,
        True,
        "may now act as",
        f"{_CDK}/issues/38780",
    ),
    Case(
        "a function may act as every role",
        policy(allow("logs:PutLogEvents")),
        policy(allow("logs:PutLogEvents"), allow("sts:AssumeRole", "*")),
        DANGEROUS,
        True,
        "sts:AssumeRole",
        "https://github.com/awslabs/aws-config-rdk/issues/504",
    ),
    Case(
        "all role actions on the CDK's roles",
        policy(
            allow(
                "iam:CreatePolicyVersion",
                {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/*"},
            )
        ),
        policy(
            allow(
                ["sts:AssumeRole", "iam:*Role*"],
                {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-*"},
            )
        ),
        LOOK,
        True,
        "iam:*Role*",
        "https://github.com/data-dot-all/dataall/pull/763",
    ),
    Case(
        "every key may be used",
        policy(allow("s3:GetObject")),
        policy(allow("s3:GetObject"), allow(["kms:Decrypt", "kms:ReEncrypt*"], "*")),
        LOOK,
        True,
        "kms:Decrypt",
        f"{_CDK}/issues/21526",
    ),
    Case(
        "some repositories of an owner",
        _github(_MAIN),
        _github({"StringLike": {_SUB: "repo:liamfit/demo-*:*"}}),
        DANGEROUS,
        True,
        "may now act as",
        "https://github.com/unfunco/terraform-aws-oidc-github/pull/20",
    ),
    Case(
        "all repositories of an owner",
        _github(_MAIN),
        _github({"StringLike": {_SUB: "repo:myorg/*"}}),
        DANGEROUS,
        True,
        "may now act as",
        "https://github.com/unfunco/terraform-aws-oidc-github/issues/5",
    ),
    Case(
        "a subject becomes one branch",
        _github({"StringLike": {_SUB: "repo:acme/web:*"}}),
        _github(_MAIN),
        LOOK,
        False,
        "may no longer",
        "https://github.com/aprin-labs/archimedes/issues/421",
    ),
    Case(
        "a subject with a wildcard in the owner",
        _github(_MAIN),
        _github({"StringLike": {_SUB: "repo:acme*/web*"}}),
        DANGEROUS,
        True,
        "may now act as",
        "https://github.com/aws-actions/configure-aws-credentials/pull/1939",
    ),
    Case(
        "a subject under ForAllValues",
        _github(_MAIN),
        _github({"ForAllValues:StringLike": {_SUB: "repo:acme/web:*"}}),
        DANGEROUS,
        True,
        "may now act as",
        "https://github.com/github/docs/pull/12137",
    ),
    Case(
        "everybody with a condition on the caller",
        _trusts(_LAMBDA_ROLE),
        _trusts(
            _LAMBDA_ROLE,
            {
                "Principal": {"AWS": "*"},
                "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/web"}},
            },
        ),
        LOOK,
        True,
        "may now act as",
        "https://github.com/aws-ia/terraform-aws-eks-blueprints-addon/issues/25",
    ),
    Case(
        "another account's root, found by a reviewer",
        _trusts({"Principal": {"Service": "ecs-tasks.amazonaws.com"}}),
        _trusts(
            {"Principal": {"Service": "ecs-tasks.amazonaws.com"}},
            {"Principal": {"AWS": "arn:aws:iam::569036502058:root"}},
        ),
        DANGEROUS,
        True,
        "may now act as",
        "https://github.com/macro-inc/macro/pull/3415",
    ),
    # Between stacks.
    Case(
        "an export that another stack still reads",
        _SERVED,
        {k: v for k, v in _SERVED.items() if k != "Outputs"},
        DANGEROUS,
        False,
        "other stacks",
        f"{_CDK}/issues/4777",
    ),
    Case(
        "an export gets another value",
        _SERVED,
        {
            **_SERVED,
            "Outputs": {
                "ExportsOutputRefPool": {"Value": "other", "Export": {"Name": "One:ExportsOutputRefPool"}}
            },
        },
        LOOK,
        False,
        "another value",
        f"{_CDK}/issues/5819",
    ),
    Case(
        "an export gets another name",
        _SERVED,
        {**_SERVED, "Outputs": {"ExportsOutputRefPool": {"Value": "pool", "Export": {"Name": "other"}}}},
        DANGEROUS,
        False,
        "other stacks",
        f"{_CDK}/issues/7602",
    ),
    # Functions and events.
    _edit(
        f"{_CDK}/pull/10927",
        "a queue is no longer worked on",
        "Lambda::EventSourceMapping",
        {"FunctionName": "f", "Enabled": True},
        {"Enabled": False},
        DANGEROUS,
        False,
        "no longer worked on",
    ),
    _edit(
        f"{_CDK}/pull/1560",
        "a limit of calls at once",
        "Lambda::Function",
        {k: v for k, v in FUNCTION.items() if k != "ReservedConcurrentExecutions"},
        {"ReservedConcurrentExecutions": 5},
        LOOK,
        False,
        "fewer calls",
    ),
    _moved(
        f"{_CDK}/issues/26739",
        "an upgrade renames the version of a function",
        "Lambda::Version",
        {"FunctionName": "f"},
        LOOK,
    ),
    _moved(
        f"{_CDK}/issues/28520",
        "an upgrade renames the policy of a bus",
        "Events::EventBusPolicy",
        {"StatementId": "a"},
        DANGEROUS,
    ),
    _edit(
        "https://github.com/eddmann/serverless-fargate/issues/56",
        "a scaled service is set to 1",
        "ECS::Service",
        SERVICE,
        {"DesiredCount": 1},
        LOOK,
        False,
        "sets the number",
    ),
    _edit(
        "https://github.com/dimagi/commcare-cloud/pull/3846",
        "codes of the health check",
        f"{_ELB}::TargetGroup",
        TARGETS,
        {"Matcher/HttpCode": "200-399"},
        LOOK,
    ),
    _edit(
        "https://github.com/cds-snc/forms-terraform/pull/604",
        "an alarm on unhealthy hosts instead of errors",
        "CloudWatch::Alarm",
        {"MetricName": "HTTPCode_ELB_5XX_Count", "Threshold": 1},
        {"MetricName": "UnHealthyHostCount"},
        LOOK,
    ),
    _come(
        "https://github.com/awslabs/cdk-eks-blueprints/issues/1009",
        "an add-on under another id",
        "EKS::Addon",
        {"AddonName": "amazon-cloudwatch-observability"},
        LOOK,
    ),
    _edit(
        f"{_CDK}/issues/12698",
        "a key of a usage plan",
        "ApiGateway::UsagePlanKey",
        {"KeyId": "a", "KeyType": "API_KEY", "UsagePlanId": "u"},
        {"KeyId": "b"},
        DANGEROUS,
        False,
        "replaced",
    ),
]
