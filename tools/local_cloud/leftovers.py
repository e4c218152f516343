"""Find what a destroyed stack has left behind, by asking each service's API and not CloudFormation."""

from typing import Any

from tools.local_cloud.cloud import Cloud

# Resource type: service, operation, the list in its answer, and the field with the physical id.
_LISTS = {
    "AWS::CertificateManager::Certificate": (
        "acm",
        "list_certificates",
        "CertificateSummaryList",
        "CertificateArn",
    ),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch", "describe_alarms", "CompositeAlarms", "AlarmName"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "AWS::EC2::EIP": ("ec2", "describe_addresses", "Addresses", "PublicIp"),
    "AWS::EC2::FlowLog": ("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    "AWS::EC2::InternetGateway": (
        "ec2",
        "describe_internet_gateways",
        "InternetGateways",
        "InternetGatewayId",
    ),
    "AWS::EC2::NatGateway": ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "AWS::EC2::RouteTable": ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "AWS::EC2::SecurityGroup": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "AWS::EC2::Subnet": ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "AWS::EC2::VPC": ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers",
        "LoadBalancerArn",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "elbv2",
        "describe_target_groups",
        "TargetGroups",
        "TargetGroupArn",
    ),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles", "RoleName"),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "AWS::S3::Bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls", ""),
    "AWS::SNS::Topic": ("sns", "list_topics", "Topics", "TopicArn"),
}


def still_there(cloud: Cloud, held: dict[str, tuple[str, str]]) -> list[str]:
    """Return which of these resources their services still know."""
    found = []
    for kind in sorted({kind for kind, _ in held.values()} & _LISTS.keys()):
        service, operation, items, key = _LISTS[kind]
        # SQS alone lists plain addresses.
        listed = {item[key] if key else item for item in _all(cloud.client(service), operation, items)}
        found += [f"{kind} {physical}" for of, physical in held.values() if of == kind and physical in listed]
    services = [physical for kind, physical in held.values() if kind == "AWS::ECS::Service"]
    return found + _tasks_of(cloud, services)


def _all(client: Any, operation: str, items: str) -> list[Any]:
    if not client.can_paginate(operation):
        return list(getattr(client, operation)()[items])
    return [item for page in client.get_paginator(operation).paginate() for item in page.get(items, [])]


def _tasks_of(cloud: Cloud, services: list[str]) -> list[str]:
    ecs, found = cloud.client("ecs"), []
    for cluster in ecs.list_clusters()["clusterArns"]:
        found += [arn for arn in ecs.list_services(cluster=cluster)["serviceArns"] if arn in services]
        found += ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    return [f"AWS::ECS {arn}" for arn in found]
