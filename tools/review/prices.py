"""What AWS asks for what stands in a template whether it is used or not, in USD, without taxes and discounts.

Fargate's rates are in tools/rehearsal/prices.py. Each row says where its figure is from, and of when: AWS's
price list or a bill where there was one to read, else a page that repeats AWS's. A region that is not in a
row is counted as the first of it, and the report says so.
"""

from typing import Literal, NamedTuple

HOURS_PER_MONTH = 730
# When all of them were looked up.
READ = "2026-11-22"


class Rate(NamedTuple):
    """The price of one by region; a row of one region is of a price that AWS has the same everywhere."""

    usd: dict[str, float]
    per: Literal["hour", "month"]
    source: str
    of: str

    def monthly(self, region: str) -> float:
        """USD per month in a region, or in the first of the row."""
        price = self.usd.get(region, next(iter(self.usd.values())))
        return price * (HOURS_PER_MONTH if self.per == "hour" else 1)


# A bill has $15.00 for 595 hours in eu-west-1. LCUs, $0.008 an hour each, depend on use.
LOAD_BALANCER = Rate(
    {"eu-west-1": 0.0252, "us-east-1": 0.0225},
    "hour",
    "https://cal53.calculator.city/aws-alb-cost-calculator/ and a bill",
    "2026-07",
)
# In each zone; regional gateways cost the same in each they are in.
NAT_GATEWAY = Rate(
    {"eu-west-1": 0.048, "us-east-1": 0.045},
    "hour",
    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/20260925174521/eu-west-1/index.json "
    "and https://cloudburn.io/blog/aws-nat-gateway-pricing",
    "2026-09-25",
)
# The same bill has $8.91 for 1,783 hours.
PUBLIC_ADDRESS = Rate(
    {"eu-west-1": 0.005, "us-east-1": 0.005},
    "hour",
    "https://cloudburn.io/blog/aws-nat-gateway-pricing and a bill",
    "2026-07",
)
# In each zone. The least certain row: reckoned from a bill in euros by what its NAT gateways cost.
INTERFACE_ENDPOINT = Rate(
    {"eu-west-1": 0.011, "us-east-1": 0.01},
    "hour",
    "https://cloudcostkit.com/calculators/aws-vpc-interface-endpoint-cost-calculator and a bill",
    "2026-01-29",
)
WEB_ACL = Rate({"eu-west-1": 5.0}, "month", "https://c3x.dev/blog/aws-waf-cost-explained/", "2026")
WEB_ACL_RULE = Rate({"eu-west-1": 1.0}, "month", "https://c3x.dev/blog/aws-waf-cost-explained/", "2026")
ALARM_METRIC = Rate(
    {"us-east-1": 0.10}, "month", "https://github.com/vreutova/infracost-idem-support/pull/2", "2026-05"
)
# The first three of an account are free; they are counted, since nobody here knows which these are.
DASHBOARD = Rate(
    {"us-east-1": 3.0}, "month", "https://github.com/nishinoshake/aws-rough/issues/37", "2022-04-29"
)
KEY = Rate({"eu-west-1": 1.0}, "month", "https://cloudburn.io/blog/aws-kms-pricing", "2026-03-14")
SECRET = Rate(
    {"eu-west-1": 0.40},
    "month",
    "https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms",
    "2026",
)

# These cost nothing themselves, or are counted with what they belong to.
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
        "AWS::Route53::RecordSet",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    ]
)
# These cost by use alone, which no template tells.
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
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    ]
)
