"""List the resource types that no bill has a line for of their own, and those paid by use alone."""

# These are free, or are counted with the resource that they belong to.
FREE = frozenset(
    [
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::CDK::Metadata",
        "AWS::CertificateManager::Certificate",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::EgressOnlyInternetGateway",
        "AWS::EC2::Route",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCCidrBlock",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::EC2::VPCPeeringConnection",
        "AWS::ECS::Cluster",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::Events::Rule",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::QueryDefinition",
        "AWS::Logs::ResourcePolicy",
        "AWS::RDS::DBClusterParameterGroup",
        "AWS::RDS::DBParameterGroup",
        "AWS::RDS::DBSubnetGroup",
        "AWS::Route53::RecordSet",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SecretsManager::RotationSchedule",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    ]
)
# These are paid by use alone, which a template does not know.
BY_USE = frozenset(
    [
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::Function",
        "AWS::CloudFront::VpcOrigin",
        "AWS::DynamoDB::Table",
        "AWS::EC2::FlowLog",
        "AWS::EFS::FileSystem",
        "AWS::Kinesis::Stream",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::Scheduler::Schedule",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    ]
)
# These properties are billed beside the resource that has them, by a price that is not in the table.
BILLED_BESIDE = {
    "AWS::CloudFront::Distribution": ("DistributionConfig.ViewerCertificate.SslSupportMethod",),
    "AWS::CloudWatch::Alarm": ("ThresholdMetricId",),
    "AWS::DynamoDB::Table": ("ProvisionedThroughput", "PointInTimeRecoverySpecification"),
    "AWS::ECS::Cluster": ("ClusterSettings",),
    "AWS::ECS::Service": ("VolumeConfigurations",),
    "AWS::ECS::TaskDefinition": ("EphemeralStorage",),
    "AWS::EFS::FileSystem": ("ProvisionedThroughputInMibps",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("MinimumLoadBalancerCapacity",),
    "AWS::Kinesis::Stream": ("ShardCount",),
    "AWS::Lambda::Alias": ("ProvisionedConcurrencyConfig",),
    "AWS::Lambda::Function": ("SnapStart", "EphemeralStorage"),
    "AWS::Lambda::Version": ("ProvisionedConcurrencyConfig",),
    "AWS::S3::Bucket": ("ReplicationConfiguration", "InventoryConfigurations"),
    "AWS::SecretsManager::Secret": ("ReplicaRegions",),
    "AWS::WAFv2::RuleGroup": ("Capacity",),
}
# The value with which such a property costs nothing more.
FREE_VALUES = ("sni-only", "disabled", "None")
