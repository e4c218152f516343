"""Give, for each rule about what AWS refuses, resources that break it and the same ones as they should be."""

import json
from typing import Any

from infra.parameters import CLOUDFRONT_PREFIX_LIST_IDS

Resources = dict[str, Any]
_ELB = "AWS::ElasticLoadBalancingV2::"
_METRIC = {
    "MetricName": "m",
    "Namespace": "n",
    "ComparisonOperator": "GreaterThanThreshold",
    "Statistic": "Sum",
}


def one(kind: str, **properties: Any) -> Resources:
    return {"It": {"Type": kind, "Properties": properties}}


def alarm(**properties: Any) -> Resources:
    values = {**_METRIC, "Threshold": 1, "EvaluationPeriods": 3, "Period": 60, **properties}
    return one("AWS::CloudWatch::Alarm", **{key: value for key, value in values.items() if value is not None})


def two(kind: str, first: dict[str, Any], second: dict[str, Any]) -> Resources:
    return {
        "Other": {"Type": kind, "Properties": first},
        "It": {"Type": kind, "Properties": second},
    }


def listener(port: int) -> dict[str, Any]:
    return {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": port, "Protocol": "HTTP", "DefaultActions": []}


def rule(priority: int, values: int = 1, groups: int = 1, weight: int = 1) -> dict[str, Any]:
    target_groups = [{"TargetGroupArn": {"Ref": f"Group{n}"}, "Weight": weight} for n in range(groups)]
    return {
        "ListenerArn": {"Ref": "Listener"},
        "Priority": priority,
        "Conditions": [
            {"Field": "host-header", "HostHeaderConfig": {"Values": [f"{n}.test.dev" for n in range(values)]}}
        ],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": target_groups}}],
    }


def checked(**properties: Any) -> Resources:
    usual = {"Protocol": "HTTP", "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 5}
    return one(f"{_ELB}TargetGroup", **{**usual, **properties})


def balancer(*zones: str) -> Resources:
    subnets = {
        f"Subnet{number}": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": zone}}
        for number, zone in enumerate(zones)
    }
    properties = {"Type": "application", "Subnets": [{"Ref": name} for name in subnets]}
    return {**subnets, **one(f"{_ELB}LoadBalancer", **properties)}


def managed(name: str, *priorities: int) -> Resources:
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}
    rules = [
        {"Name": f"rule-{number}", "Priority": priority, "Statement": group}
        for number, priority in enumerate(priorities)
    ]
    return one("AWS::WAFv2::WebACL", Scope="REGIONAL", Rules=rules)


def group(*rules: dict[str, Any]) -> Resources:
    return one("AWS::EC2::SecurityGroup", GroupDescription="x", SecurityGroupIngress=list(rules))


def from_cloudfront(port: int) -> dict[str, Any]:
    prefix_list = CLOUDFRONT_PREFIX_LIST_IDS["eu-west-1"]
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "SourcePrefixListId": prefix_list}


def networks(count: int, *ports: int) -> list[dict[str, Any]]:
    return [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": f"203.0.{number}.0/24"}
        for port in ports
        for number in range(count)
    ]


def policy(statements: int) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}}
    return {"Version": "2012-10-17", "Statement": [statement] * statements}


def role(statements: int) -> Resources:
    attached = {"PolicyName": "p", "Roles": [{"Ref": "It"}], "PolicyDocument": policy(statements)}
    return {
        **one("AWS::IAM::Role", AssumeRolePolicyDocument={}),
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": attached},
    }


def target(**properties: Any) -> Resources:
    values = {"ServiceNamespace": "ecs", "MinCapacity": 1, "MaxCapacity": 2, **properties}
    return one("AWS::ApplicationAutoScaling::ScalableTarget", **values)


def tracking(space: str = "ecs", **configuration: Any) -> Resources:
    policy_of = {
        "ScalingTargetId": {"Ref": "Target"},
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    return {
        "Target": target(ServiceNamespace=space)["It"],
        **one("AWS::ApplicationAutoScaling::ScalingPolicy", **policy_of),
    }


def task(*containers: dict[str, Any], **properties: Any) -> Resources:
    usual = {"NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"], "Cpu": "256", "Memory": "512"}
    return one(
        "AWS::ECS::TaskDefinition", **{**usual, "ContainerDefinitions": list(containers), **properties}
    )


def container(name: str = "web", **properties: Any) -> dict[str, Any]:
    return {"Name": name, "Image": "x", **properties}


def after(name: str, condition: str = "START") -> dict[str, Any]:
    return {"DependsOn": [{"ContainerName": name, "Condition": condition}]}


def attributes(kind: str, *pairs: tuple[str, str]) -> Resources:
    given = [{"Key": key, "Value": value} for key, value in pairs]
    return one(f"{_ELB}{kind}", **{f"{kind}Attributes": given})


def hosts(*values: str) -> Resources:
    condition = {"Field": "host-header", "HostHeaderConfig": {"Values": list(values)}}
    return one(f"{_ELB}ListenerRule", **{**rule(1), "Conditions": [condition]})


def tracked_by(policies: int) -> Resources:
    policy = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {"ScalingTargetId": {"Ref": "It"}},
    }
    return {**target(), **{f"Policy{number}": policy for number in range(policies)}}


def stepping(steps: int) -> Resources:
    return one(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        StepScalingPolicyConfiguration={"StepAdjustments": [{}] * steps},
    )


def service(**properties: Any) -> Resources:
    return one("AWS::ECS::Service", **properties)


_ECR = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
_BODY = json.dumps({"widgets": []})

# Rule: (what it refuses, what it accepts) as often as there are ways to break it; `It` is the resource found.
PAIRS: dict[str, list[tuple[Resources, Resources]]] = {
    "alarm-threshold": [(alarm(Threshold=None), alarm(Threshold=0))],
    "alarm-period": [
        (alarm(Period=45), alarm(Period=30)),
        (alarm(Period=90), alarm(Period=120)),
        (alarm(DatapointsToAlarm=4), alarm(DatapointsToAlarm=3)),
        (alarm(Period=300, EvaluationPeriods=289), alarm(Period=300, EvaluationPeriods=288)),
        (alarm(Period=3600, EvaluationPeriods=169), alarm(Period=3600, EvaluationPeriods=168)),
    ],
    "dashboard-body": [
        (
            one("AWS::CloudWatch::Dashboard", DashboardBody="widgets: []"),
            one("AWS::CloudWatch::Dashboard", DashboardBody=_BODY),
        ),
        (
            one("AWS::CloudWatch::Dashboard", DashboardBody="[]"),
            one("AWS::CloudWatch::Dashboard", DashboardBody=_BODY),
        ),
        (
            one("AWS::CloudWatch::Dashboard", DashboardBody=json.dumps({"widgets": [{}] * 501})),
            one("AWS::CloudWatch::Dashboard", DashboardBody=json.dumps({"widgets": [{}] * 500})),
        ),
    ],
    "event-pattern": [
        (
            one("AWS::Events::Rule", EventPattern={"source": ["x" * 2040]}),
            one("AWS::Events::Rule", EventPattern={"source": ["x" * 2000]}),
        )
    ],
    "listener-port": [
        (
            two(f"{_ELB}Listener", listener(80), listener(80)),
            two(f"{_ELB}Listener", listener(80), listener(443)),
        )
    ],
    "rule-priority": [
        (two(f"{_ELB}ListenerRule", rule(1), rule(1)), two(f"{_ELB}ListenerRule", rule(1), rule(2))),
        (one(f"{_ELB}ListenerRule", **rule(0)), one(f"{_ELB}ListenerRule", **rule(1))),
        (one(f"{_ELB}ListenerRule", **rule(50_001)), one(f"{_ELB}ListenerRule", **rule(50_000))),
    ],
    "rule-conditions": [
        (one(f"{_ELB}ListenerRule", **rule(1, 6)), one(f"{_ELB}ListenerRule", **rule(1, 5))),
        (hosts("*.*.*.a.dev", "*.*.*.*.b.dev"), hosts("*.*.*.a.dev", "*.*.*.b.dev")),
    ],
    "rule-forward": [
        (one(f"{_ELB}ListenerRule", **rule(1, 1, 6)), one(f"{_ELB}ListenerRule", **rule(1, 1, 5))),
        (one(f"{_ELB}ListenerRule", **rule(1, 1, 2, 1000)), one(f"{_ELB}ListenerRule", **rule(1, 1, 2, 999))),
    ],
    "certificates": [
        (
            one(f"{_ELB}Listener", **{**listener(443), "Protocol": "HTTPS"}),
            one(
                f"{_ELB}Listener",
                **{**listener(443), "Protocol": "HTTPS", "Certificates": [{"CertificateArn": "x"}]},
            ),
        ),
        (
            one(f"{_ELB}ListenerCertificate", ListenerArn="x", Certificates=[{}] * 26),
            one(f"{_ELB}ListenerCertificate", ListenerArn="x", Certificates=[{}] * 25),
        ),
    ],
    "health-check": [
        (checked(HealthCheckTimeoutSeconds=10), checked(HealthCheckTimeoutSeconds=9)),
        (checked(HealthCheckIntervalSeconds=301), checked(HealthCheckIntervalSeconds=300)),
        (checked(UnhealthyThresholdCount=11), checked(UnhealthyThresholdCount=10)),
        (checked(HealthyThresholdCount=1), checked(HealthyThresholdCount=2)),
        (checked(Matcher={"HttpCode": "500"}), checked(Matcher={"HttpCode": "200,301-302"})),
        (checked(Matcher={"HttpCode": "ok"}), checked(Matcher={"HttpCode": "200-499"})),
        (checked(HealthCheckPath="healthz"), checked(HealthCheckPath="/healthz?deep=1")),
    ],
    "balancer-attributes": [
        (
            attributes("TargetGroup", ("slow_start.duration_seconds", "20")),
            attributes("TargetGroup", ("slow_start.duration_seconds", "0")),
        ),
        (
            attributes("TargetGroup", ("deregistration_delay.timeout_seconds", "3601")),
            attributes("TargetGroup", ("deregistration_delay.timeout_seconds", "3600")),
        ),
        (
            attributes("LoadBalancer", ("idle_timeout.timeout_seconds", "4001")),
            attributes("LoadBalancer", ("idle_timeout.timeout_seconds", "4000")),
        ),
        (
            attributes("LoadBalancer", ("a", "1"), ("a", "2")),
            attributes("LoadBalancer", ("a", "1"), ("b", "2")),
        ),
    ],
    "balancer-zones": [
        (balancer("eu-west-1a"), balancer("eu-west-1a", "eu-west-1b")),
        (balancer("eu-west-1a", "eu-west-1a"), balancer("eu-west-1a", "eu-west-1b", "eu-west-1c")),
    ],
    "managed-rules": [
        (managed("AWSManagedRulesCoreRuleSet", 1), managed("AWSManagedRulesCommonRuleSet", 1)),
        (managed("AWSManagedRulesCommonRuleSet", 1, 1), managed("AWSManagedRulesCommonRuleSet", 1, 2)),
    ],
    "group-rules": [
        (group(from_cloudfront(443), from_cloudfront(8443)), group(from_cloudfront(443), *networks(5, 80))),
        (group(*networks(40, 80, 443)), group(*networks(30, 80, 443))),
    ],
    "names": [
        (one(f"{_ELB}TargetGroup", Name="x" * 33), one(f"{_ELB}TargetGroup", Name="x" * 32)),
        (one(f"{_ELB}LoadBalancer", Name="internal-web"), one(f"{_ELB}LoadBalancer", Name="web-internal")),
        (one("AWS::IAM::Role", RoleName="x" * 65), one("AWS::IAM::Role", RoleName="x" * 64)),
        (one("AWS::S3::Bucket", BucketName="My_Bucket"), one("AWS::S3::Bucket", BucketName="my-bucket")),
        (one("AWS::Logs::LogGroup", LogGroupName="a b"), one("AWS::Logs::LogGroup", LogGroupName="/a/b")),
        (one("AWS::SQS::Queue", QueueName="x" * 81), one("AWS::SQS::Queue", QueueName="jobs.fifo")),
        (one("AWS::Lambda::Function", FunctionName="a.b"), one("AWS::Lambda::Function", FunctionName="a-b")),
    ],
    "name-clash": [
        (
            two("AWS::Logs::LogGroup", {"LogGroupName": "/web"}, {"LogGroupName": "/web"}),
            two("AWS::Logs::LogGroup", {"LogGroupName": "/web"}, {"LogGroupName": "/job"}),
        )
    ],
    "tags": [
        (
            one("AWS::SNS::Topic", Tags=[{"Key": "aws:x", "Value": "y"}]),
            one("AWS::SNS::Topic", Tags=[{"Key": "x", "Value": "y"}]),
        ),
        (
            one("AWS::SNS::Topic", Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)]),
            one("AWS::SNS::Topic", Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)]),
        ),
        (
            one("AWS::SNS::Topic", Tags=[{"Key": "x", "Value": "y" * 257}]),
            one("AWS::SNS::Topic", Tags=[{"Key": "x", "Value": "y" * 256}]),
        ),
        (
            one("AWS::SNS::Topic", Tags=[{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]),
            one("AWS::SNS::Topic", Tags=[{"Key": "x", "Value": "1"}, {"Key": "X", "Value": "2"}]),
        ),
    ],
    "policy-size": [
        (
            one("AWS::IAM::ManagedPolicy", PolicyDocument=policy(55)),
            one("AWS::IAM::ManagedPolicy", PolicyDocument=policy(40)),
        ),
        (role(90), role(60)),
    ],
    "schedule": [
        (
            one("AWS::Events::Rule", ScheduleExpression="0 8 * * *"),
            one("AWS::Events::Rule", ScheduleExpression="cron(0 8 * * ? *)"),
        ),
        (
            one("AWS::Events::Rule", ScheduleExpression="rate(1 hours)"),
            one("AWS::Events::Rule", ScheduleExpression="rate(1 hour)"),
        ),
        (
            one("AWS::Events::Rule", ScheduleExpression="rate(5 minute)"),
            one("AWS::Events::Rule", ScheduleExpression="rate(5 minutes)"),
        ),
        (
            target(ScheduledActions=[{"Schedule": "cron(0 20 * * MON-FRI *)"}]),
            target(ScheduledActions=[{"Schedule": "cron(0 20 ? * MON-FRI *)"}]),
        ),
        *(
            (
                one("AWS::Events::Rule", ScheduleExpression=f"cron({wrong})"),
                one("AWS::Events::Rule", ScheduleExpression=f"cron({right})"),
            )
            for wrong, right in (
                ("60 8 * * ? *", "59/5,0-30 8 * * ? *"),
                ("0 24 * * ? *", "0 */6 * * ? *"),
                ("0 8 32 * ? *", "0 8 L * ? *"),
                ("0 8 3W, * ? *", "0 8 3W * ? *"),
                ("0 8 * MRZ ? *", "0 8 * mar,9 ? 2026-2030"),
                ("0 8 ? * 0 *", "0 8 ? * 6#3 *"),
                ("0 8 ? * DI *", "0 8 ? * FRIL *"),
                ("0 8 * * ? 26", "0 8 * * ? 2026"),
            )
        ),
    ],
    "scaling-bounds": [
        (target(MinCapacity=3), target(MinCapacity=2)),
        (
            target(ScheduledActions=[{"ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 1}}]),
            target(ScheduledActions=[{"ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1}}]),
        ),
    ],
    "scaling-amount": [
        (target(ScheduledActions=[{}] * 201), target(ScheduledActions=[{}] * 200)),
        (tracked_by(51), tracked_by(50)),
        (stepping(21), stepping(20)),
    ],
    "tracked-metric": [
        (tracking("dynamodb", **_ECR), tracking("ecs", **_ECR)),
        (
            tracking(PredefinedMetricSpecification={"PredefinedMetricType": "ALBRequestCountPerTarget"}),
            tracking(
                PredefinedMetricSpecification={
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": "app/a/1/targetgroup/b/2",
                }
            ),
        ),
        (
            tracking(CustomizedMetricSpecification={"Namespace": "AWS/SQS", "MetricName": "x"}),
            tracking(CustomizedMetricSpecification={"Namespace": "Mine", "MetricName": "x"}),
        ),
    ],
    "task-size": [(task(Cpu="300"), task(Cpu="256")), (task(Memory="4096"), task(Memory="2048"))],
    "task-definition": [
        (
            task(container(Environment=[{"Name": "A", "Value": "x" * 66_000}])),
            task(container(Environment=[{"Name": "A", "Value": "x" * 60_000}])),
        ),
        (task(container(), container()), task(container(), container("nginx"))),
        (
            task(
                container(PortMappings=[{"ContainerPort": 80}]),
                container("b", PortMappings=[{"ContainerPort": 80}]),
            ),
            task(
                container(PortMappings=[{"ContainerPort": 80}]),
                container("b", PortMappings=[{"ContainerPort": 81}]),
            ),
        ),
        (task(container(StopTimeout=121)), task(container(StopTimeout=120))),
        (task(*(container(f"c{n}") for n in range(11))), task(*(container(f"c{n}") for n in range(10)))),
    ],
    "container-secrets": [
        (
            task(
                container(
                    Environment=[{"Name": "A", "Value": "x"}], Secrets=[{"Name": "A", "ValueFrom": "y"}]
                )
            ),
            task(
                container(
                    Environment=[{"Name": "A", "Value": "x"}], Secrets=[{"Name": "B", "ValueFrom": "y"}]
                )
            ),
        ),
        (
            task(container(Secrets=[{"Name": "A", "ValueFrom": "x"}, {"Name": "A", "ValueFrom": "y"}])),
            task(container(Secrets=[{"Name": "A", "ValueFrom": "x"}, {"Name": "B", "ValueFrom": "x"}])),
        ),
    ],
    "container-order": [
        (task(container(**after("b"))), task(container(**after("b")), container("b"))),
        (
            task(container(**after("b", "HEALTHY")), container("b")),
            task(container(**after("b", "HEALTHY")), container("b", HealthCheck={"Command": ["CMD", "x"]})),
        ),
        (
            task(container(**after("b", "COMPLETE")), container("b")),
            task(container(**after("b", "COMPLETE")), container("b", Essential=False)),
        ),
        (
            task(container(**after("b")), container("b", **after("web"))),
            task(container(**after("b")), container("b", **after("c")), container("c")),
        ),
        (
            task(container(**after("web"))),
            task(container()),
        ),
        (
            task(container(Essential=False), container("b", Essential=False)),
            task(container(Essential=False), container("b")),
        ),
    ],
    "container-check": [
        (task(container(HealthCheck={"Interval": 4})), task(container(HealthCheck={"Interval": 5}))),
        (task(container(HealthCheck={"Timeout": 61})), task(container(HealthCheck={"Timeout": 60}))),
        (task(container(HealthCheck={"Retries": 11})), task(container(HealthCheck={"Retries": 10}))),
        (
            task(container(HealthCheck={"StartPeriod": 301})),
            task(container(HealthCheck={"StartPeriod": 300})),
        ),
    ],
    "service": [
        (
            service(
                NetworkConfiguration={
                    "AwsvpcConfiguration": {"SecurityGroups": [f"sg-{n}" for n in range(6)]}
                }
            ),
            service(
                NetworkConfiguration={
                    "AwsvpcConfiguration": {"SecurityGroups": [f"sg-{n}" for n in range(5)]}
                }
            ),
        ),
        (
            service(CapacityProviderStrategy=[{"Base": 1}, {"Base": 1}]),
            service(CapacityProviderStrategy=[{"Base": 1}, {"Base": 0}]),
        ),
        (
            service(HealthCheckGracePeriodSeconds=60),
            service(HealthCheckGracePeriodSeconds=60, LoadBalancers=[{}]),
        ),
        (
            service(DeploymentConfiguration={"MinimumHealthyPercent": 100, "MaximumPercent": 100}),
            service(DeploymentConfiguration={"MinimumHealthyPercent": 100, "MaximumPercent": 110}),
        ),
    ],
    "function": [
        (one("AWS::Lambda::Function", Timeout=901), one("AWS::Lambda::Function", Timeout=900)),
        (one("AWS::Lambda::Function", MemorySize=64), one("AWS::Lambda::Function", MemorySize=128)),
        (
            one("AWS::Lambda::Function", Environment={"Variables": {"A": "x" * 5000}}),
            one("AWS::Lambda::Function", Environment={"Variables": {"A": "x" * 4000}}),
        ),
    ],
    "enum": [
        (alarm(ComparisonOperator="Above"), alarm(ComparisonOperator="LessThanThreshold")),
        (one("AWS::Logs::LogGroup", RetentionInDays=8), one("AWS::Logs::LogGroup", RetentionInDays="7")),
        (
            task(container(DependsOn=[{"ContainerName": "b", "Condition": "READY"}])),
            task(container(DependsOn=[{"ContainerName": "b", "Condition": "HEALTHY"}])),
        ),
    ],
}
