"""List for each control a resource that satisfies it and one that breaks it, as small as possible."""

from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]


def resource(kind: str, **properties: Any) -> Properties:
    return {"Type": kind, "Properties": properties}


@dataclass(frozen=True)
class Pair:
    """Two resources of one type, one good and one bad, and the resources that must stand beside them."""

    kind: str
    good: Properties
    bad: Properties
    beside: dict[str, Any] = field(default_factory=dict)

    def resources(self) -> dict[str, Any]:
        """Return the resources of a template that holds both, named Good and Bad."""
        return {
            "Good": {"Type": self.kind, "Properties": self.good},
            "Bad": {"Type": self.kind, "Properties": self.bad},
            **self.beside,
        }


def task(good: Properties, bad: Properties) -> Pair:
    return Pair(
        "AWS::ECS::TaskDefinition",
        {"ContainerDefinitions": [{"Name": "web", **good}]},
        {"ContainerDefinitions": [{"Name": "web", **good}, {"Name": "sidecar", **bad}]},
    )


def tasks_in_awsvpc(kind: str) -> Pair:
    def network(ip: str) -> Properties:
        return {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": ip}}}

    return Pair(kind, network("DISABLED"), network("ENABLED"))


REPOSITORY = "AWS::ECR::Repository"


def balancer(key: str, good: str, bad: str) -> Pair:
    def with_value(value: str) -> Properties:
        return {"Type": "application", "LoadBalancerAttributes": [{"Key": key, "Value": value}]}

    return Pair(BALANCER, with_value(good), with_value(bad))


def instance(good: Properties, bad: Properties) -> Pair:
    return Pair("AWS::RDS::DBInstance", good, bad)


def cluster(good: Properties, bad: Properties, beside: Properties | None = None) -> Pair:
    return Pair("AWS::RDS::DBCluster", good, bad, beside or {})


def queue_policy(account: str) -> Properties:
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sqs:SendMessage"}
    return {"PolicyDocument": {"Statement": [statement]}}


def vpc(beside: dict[str, Any]) -> Pair:
    return Pair("AWS::EC2::VPC", {}, {}, beside)


def group(good: Properties, bad: Properties) -> Pair:
    return Pair(
        "AWS::EC2::SecurityGroup",
        {"SecurityGroupIngress": [{"IpProtocol": "tcp", "CidrIp": "0.0.0.0/0", **good}]},
        {"SecurityGroupIngress": [{"IpProtocol": "tcp", "CidrIpv6": "::/0", **bad}]},
    )


def policy(kind: str, good: Properties, bad: Properties) -> Pair:
    def document(statement: Properties) -> Properties:
        return {"PolicyDocument": {"Statement": [{"Effect": "Allow", **statement}]}}

    return Pair(kind, document(good), document(bad))


def bucket(good: Properties, bad: Properties, beside: dict[str, Any] | None = None) -> Pair:
    return Pair("AWS::S3::Bucket", good, bad, beside or {})


def bucket_policy(name: str, **statement: Any) -> Properties:
    document = {"Statement": {"Resource": "*", **statement}}
    return resource("AWS::S3::BucketPolicy", Bucket={"Ref": name}, PolicyDocument=document)


def distribution(good: Properties, bad: Properties) -> Pair:
    plain: Properties = {"DefaultCacheBehavior": {"ViewerProtocolPolicy": "https-only"}}
    return Pair(
        "AWS::CloudFront::Distribution",
        {"DistributionConfig": plain | good},
        {"DistributionConfig": plain | bad},
    )


BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS"}}
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}
BLOCKED = {
    "PublicAccessBlockConfiguration": dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
}
METRICS = {"VisibilityConfig": {"CloudWatchMetricsEnabled": True}}

PAIRS = {
    "CloudFront.1": distribution({"DefaultRootObject": "index.html"}, {}),
    "CloudFront.3": distribution({}, {"CacheBehaviors": [{"ViewerProtocolPolicy": "allow-all"}]}),
    "CloudFront.5": distribution({"Logging": {"Bucket": "logs"}}, {}),
    "CloudFront.6": distribution({"WebACLId": "arn"}, {}),
    "CloudFront.7": distribution(
        {"ViewerCertificate": {"AcmCertificateArn": "arn"}},
        {"ViewerCertificate": {"CloudFrontDefaultCertificate": True}},
    ),
    "CloudFront.8": distribution({}, {"ViewerCertificate": {"SslSupportMethod": "vip"}}),
    "CloudFront.9": distribution(
        {"Origins": [{"CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}]},
        {"Origins": [{"CustomOriginConfig": {"OriginProtocolPolicy": "match-viewer"}}]},
    ),
    "CloudFront.10": distribution(
        {"Origins": [{"CustomOriginConfig": {"OriginSSLProtocols": ["TLSv1.2"]}}]},
        {"Origins": [{"CustomOriginConfig": {"OriginSSLProtocols": ["SSLv3"]}}]},
    ),
    "CloudFront.13": distribution(
        {"Origins": [{"Id": "files", "S3OriginConfig": {}, "OriginAccessControlId": "id"}]},
        {"Origins": [{"Id": "files", "S3OriginConfig": {}}]},
    ),
    "CloudFront.15": distribution(
        {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.2_2021"}},
        {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.1_2016"}},
    ),
    "EC2.2": vpc(
        {
            "Closed": resource(
                "Custom::VpcRestrictDefaultSG",
                DefaultSecurityGroupId={"Fn::GetAtt": ["Good", "DefaultSecurityGroup"]},
            )
        }
    ),
    "EC2.6": vpc(
        {
            "Log": resource("AWS::EC2::FlowLog", ResourceId={"Ref": "Good"}, TrafficType="REJECT"),
            "Useless": resource("AWS::EC2::FlowLog", ResourceId={"Ref": "Bad"}, TrafficType="ACCEPT"),
        }
    ),
    "EC2.15": Pair("AWS::EC2::Subnet", {}, {"MapPublicIpOnLaunch": True}),
    "EC2.18": group({"FromPort": 443, "ToPort": 443}, {"FromPort": 8000, "ToPort": 8000}),
    "EC2.19": group({"FromPort": 443, "ToPort": 443}, {"FromPort": 5000, "ToPort": 6000}),
    "EC2.55": vpc(
        {"Api": resource("AWS::EC2::VPCEndpoint", VpcId={"Ref": "Good"}, ServiceName="com.x.ecr.api")}
    ),
    "EC2.56": vpc(
        {"Docker": resource("AWS::EC2::VPCEndpoint", VpcId={"Ref": "Good"}, ServiceName="com.x.ecr.dkr")}
    ),
    "ECS.2": tasks_in_awsvpc("AWS::ECS::Service"),
    "ECS.3": Pair("AWS::ECS::TaskDefinition", {"PidMode": "task"}, {"PidMode": "host"}),
    "ECS.4": task({}, {"Privileged": True}),
    "ECS.5": task({"ReadonlyRootFilesystem": True}, {}),
    "ECS.8": task(
        {"Environment": [{"Name": "PORT", "Value": "8000"}]},
        {"Environment": [{"Name": "AWS_SECRET_ACCESS_KEY", "Value": "x"}]},
    ),
    "ECS.9": task({"LogConfiguration": {"LogDriver": "awslogs"}}, {}),
    "ECS.10": Pair("AWS::ECS::Service", {}, {"PlatformVersion": "1.3.0"}),
    "ECS.12": Pair(
        "AWS::ECS::Cluster", {"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]}, {}
    ),
    "ECS.16": tasks_in_awsvpc("AWS::ECS::TaskSet"),
    "ECS.18": Pair(
        "AWS::ECS::TaskDefinition",
        {"Volumes": [{"Name": "files", "EFSVolumeConfiguration": {"TransitEncryption": "ENABLED"}}]},
        {"Volumes": [{"Name": "files", "EFSVolumeConfiguration": {}}]},
    ),
    "ECS.20": task({"User": "10001"}, {"User": "0:0"}),
    "ELB.1": Pair(
        LISTENER,
        {"Protocol": "HTTP", "DefaultActions": [REDIRECT]},
        {"Protocol": "HTTP", "DefaultActions": [FORWARD]},
    ),
    "ELB.4": balancer("routing.http.drop_invalid_header_fields.enabled", "true", "false"),
    "ELB.5": balancer("access_logs.s3.enabled", "true", "false"),
    "ELB.6": balancer("deletion_protection.enabled", "true", "false"),
    "ELB.12": balancer("routing.http.desync_mitigation_mode", "strictest", "monitor"),
    "ELB.13": Pair(
        BALANCER,
        {"Subnets": [{"Ref": "A"}, {"Ref": "B"}]},
        {"Subnets": [{"Ref": "A"}, {"Ref": "AlsoA"}]},
        {
            "A": resource("AWS::EC2::Subnet", AvailabilityZone="eu-west-1a"),
            "AlsoA": resource("AWS::EC2::Subnet", AvailabilityZone="eu-west-1a"),
            "B": resource("AWS::EC2::Subnet", AvailabilityZone="eu-west-1b"),
        },
    ),
    "ELB.16": Pair(
        BALANCER, {}, {}, {"Waf": resource("AWS::WAFv2::WebACLAssociation", ResourceArn={"Ref": "Good"})}
    ),
    "ELB.17": Pair(
        LISTENER,
        {"Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"},
        {"Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-2016-08"},
    ),
    "ELB.18": Pair(LISTENER, {"Protocol": "HTTPS"}, {"Protocol": "HTTP", "DefaultActions": [REDIRECT]}),
    "ELB.21": Pair(TARGETS, {"HealthCheckProtocol": "HTTPS"}, {"Protocol": "HTTPS"}),
    "ELB.22": Pair(TARGETS, {"Protocol": "HTTPS"}, {"Protocol": "HTTP"}),
    "ACM.2": Pair("AWS::CertificateManager::Certificate", {}, {"KeyAlgorithm": "RSA_1024"}),
    "Route53.2": Pair("AWS::Route53::HostedZone", {"QueryLoggingConfig": {"Arn": "arn"}}, {}),
    "WAF.10": Pair("AWS::WAFv2::WebACL", {"Rules": [{"Name": "core"}]}, {"Rules": []}),
    "WAF.12": Pair(
        "AWS::WAFv2::WebACL",
        {"Rules": [{"Name": "core", **METRICS}]},
        {"Rules": [{"Name": "core", **METRICS}, {"Name": "rate"}]},
    ),
    "IAM.1": policy(
        "AWS::IAM::ManagedPolicy",
        {"Action": "s3:GetObject", "Resource": "*"},
        {"Action": "*", "Resource": ["*"]},
    ),
    "IAM.21": policy(
        "AWS::IAM::Policy",
        {"Action": ["s3:Get*"], "Resource": "arn"},
        {"Action": ["s3:*"], "Resource": "arn"},
    ),
    "KMS.1": policy(
        "AWS::IAM::ManagedPolicy",
        {"Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}},
        {"Action": "kms:Decrypt", "Resource": "*"},
    ),
    "KMS.2": Pair(
        "AWS::IAM::Role",
        {"Policies": [{"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "kms:Sign"}}}]},
        {
            "Policies": [
                {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}}
            ]
        },
    ),
    "SNS.4": policy(
        "AWS::SNS::TopicPolicy",
        {
            "Principal": "*",
            "Action": "sns:Publish",
            "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
        },
        {"Principal": {"AWS": "*"}, "Action": "sns:Publish"},
    ),
    "Lambda.1": Pair(
        "AWS::Lambda::Permission", {"Principal": "*", "SourceAccount": "123456789012"}, {"Principal": "*"}
    ),
    "SecretsManager.1": Pair(
        "AWS::SecretsManager::Secret",
        {},
        {},
        {"Monthly": resource("AWS::SecretsManager::RotationSchedule", SecretId={"Ref": "Good"})},
    ),
    "RDS.2": instance({"PubliclyAccessible": False}, {}),
    "RDS.3": instance({"StorageEncrypted": True}, {}),
    "RDS.5": instance({"MultiAZ": True}, {"MultiAZ": False}),
    "RDS.6": instance({"MonitoringInterval": 60}, {"MonitoringInterval": 0}),
    "RDS.8": instance({"DeletionProtection": True}, {}),
    "RDS.9": instance({"EnableCloudwatchLogsExports": ["upgrade"]}, {"EnableCloudwatchLogsExports": []}),
    "RDS.10": instance({"EnableIAMDatabaseAuthentication": True}, {}),
    "RDS.11": instance({"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 6}),
    "RDS.13": instance({"AutoMinorVersionUpgrade": True}, {"AutoMinorVersionUpgrade": False}),
    "RDS.17": instance({"CopyTagsToSnapshot": True}, {}),
    "RDS.23": instance({"Port": "5433"}, {"Port": "5432"}),
    "RDS.25": instance({"MasterUsername": "administrator"}, {"MasterUsername": "postgres"}),
    "RDS.36": instance(
        {"Engine": "postgres", "EnableCloudwatchLogsExports": ["postgresql"]},
        {"Engine": "postgres", "EnableCloudwatchLogsExports": ["upgrade"]},
    ),
    "RDS.7": cluster({"DeletionProtection": True}, {}),
    "RDS.12": cluster({"EnableIAMDatabaseAuthentication": True}, {}),
    "RDS.15": cluster(
        {},
        {},
        {
            name: resource("AWS::RDS::DBInstance", DBClusterIdentifier={"Ref": of})
            for name, of in (("One", "Good"), ("Two", "Good"), ("Three", "Bad"))
        },
    ),
    "RDS.16": cluster({"CopyTagsToSnapshot": True}, {}),
    "RDS.24": cluster({"MasterUsername": "administrator"}, {"MasterUsername": "postgres"}),
    "RDS.27": cluster({"StorageEncrypted": True}, {}),
    "RDS.35": cluster({"AutoMinorVersionUpgrade": True}, {}),
    "RDS.37": cluster({"EnableCloudwatchLogsExports": ["postgresql"]}, {}),
    "RDS.50": cluster({"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 6}),
    "SQS.1": Pair("AWS::SQS::Queue", {"SqsManagedSseEnabled": True}, {"SqsManagedSseEnabled": False}),
    "SQS.3": Pair("AWS::SQS::QueuePolicy", queue_policy("123456789012"), queue_policy("*")),
    "S3.2": bucket(
        BLOCKED,
        {},
        {"Read": bucket_policy("Bad", Effect="Allow", Principal="*", Action="s3:GetObject")},
    ),
    "S3.3": bucket(
        {"AccessControl": "PublicRead"},
        {},
        {"Write": bucket_policy("Bad", Effect="Allow", Principal="*", Action=["s3:PutObject"])},
    ),
    "S3.5": bucket(
        {},
        {},
        {
            "Tls": bucket_policy(
                "Good",
                Effect="Deny",
                Principal="*",
                Action="s3:*",
                Condition={"Bool": {"aws:SecureTransport": "false"}},
            )
        },
    ),
    "S3.6": bucket(
        {},
        {},
        {
            "Own": bucket_policy(
                "Good",
                Effect="Allow",
                Principal={"AWS": {"Fn::GetAtt": ["Role", "Arn"]}},
                Action="s3:PutBucketPolicy",
            ),
            "Others": bucket_policy(
                "Bad",
                Effect="Allow",
                Principal={"AWS": "arn:aws:iam::123456789012:root"},
                Action="s3:PutBucketPolicy",
            ),
        },
    ),
    "S3.8": bucket(BLOCKED, {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
    "S3.9": bucket({"LoggingConfiguration": {"DestinationBucketName": "logs"}}, {}),
    "S3.12": bucket({}, {"AccessControl": "AuthenticatedRead"}),
    "S3.13": bucket(
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled"}]}},
        {"LifecycleConfiguration": {"Rules": [{"Status": "Disabled"}]}},
    ),
    "ECR.1": Pair(REPOSITORY, {"ImageScanningConfiguration": {"ScanOnPush": True}}, {}),
    "ECR.2": Pair(REPOSITORY, {"ImageTagMutability": "IMMUTABLE"}, {"ImageTagMutability": "MUTABLE"}),
    "ECR.3": Pair(REPOSITORY, {"LifecyclePolicy": {"LifecyclePolicyText": "{}"}}, {}),
}

# Some controls read what the CLI knows of a stack: a good and a bad setting, without a template.
ARTIFACTS: dict[str, tuple[Properties, Properties]] = {
    "CloudFormation.3": ({"terminationProtection": True}, {}),
    "CloudFormation.4": ({"cloudFormationExecutionRoleArn": "arn"}, {}),
}
