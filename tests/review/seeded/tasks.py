"""Changes of what runs: services, tasks, images, the number of tasks, functions."""

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, added, of, removed

_BUILT = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/cdk-hnb659fds-container-assets-111122223333-eu-west-1:"
_DEPLOY = "DeploymentConfiguration"
_BREAKER = f"{_DEPLOY}/DeploymentCircuitBreaker"
_NET = "NetworkConfiguration/AwsvpcConfiguration"
SERVICE = {
    "TaskDefinition": "web:1",
    "DeploymentConfiguration": {
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "Alarms": {"AlarmNames": ["errors", "slow"], "Enable": True, "Rollback": True},
    },
    "CapacityProviderStrategy": [
        {"CapacityProvider": "FARGATE", "Base": 2, "Weight": 1},
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 1},
    ],
    "EnableExecuteCommand": False,
    "HealthCheckGracePeriodSeconds": 60,
    "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 8000, "TargetGroupArn": "arn:tg"}],
    "NetworkConfiguration": {
        "AwsvpcConfiguration": {
            "AssignPublicIp": "DISABLED",
            "Subnets": ["subnet-a", "subnet-b"],
            "SecurityGroups": ["sg-a"],
        }
    },
}
TASK = {
    "Cpu": "512",
    "Memory": "1024",
    "ExecutionRoleArn": "arn:execution",
    "TaskRoleArn": "arn:task",
    "RuntimePlatform": {"CpuArchitecture": "ARM64"},
    "ContainerDefinitions": [
        {
            "Name": "web",
            "Image": f"{_BUILT}{'a' * 64}",
            "Essential": True,
            "User": "10001",
            "ReadonlyRootFilesystem": True,
            "StopTimeout": 38,
            "LogConfiguration": {
                "LogDriver": "awslogs",
                "Options": {"awslogs-group": "log", "mode": "non-blocking"},
            },
            "HealthCheck": {"Command": ["CMD", "true"]},
            "PortMappings": [{"ContainerPort": 8000}],
            "LinuxParameters": {"Capabilities": {"Drop": ["ALL"]}},
            "Environment": [
                {"Name": "WORKERS", "Value": "2"},
                {"Name": "PROXY_HOPS", "Value": "1"},
                {"Name": "GUNICORN_TIMEOUT_S", "Value": "40"},
                {"Name": "GREETING", "Value": "hello"},
            ],
            "Secrets": [{"Name": "SECRET_KEY", "ValueFrom": "arn:secret"}],
        },
        {"Name": "proxy", "Image": "public.ecr.aws/nginx/nginx@sha256:" + "b" * 64, "Environment": []},
    ],
}
_WEB = "ContainerDefinitions/0"
TARGET = {
    "MinCapacity": 2,
    "MaxCapacity": 10,
    "ScheduledActions": [
        {
            "ScheduledActionName": "day",
            "Schedule": "cron(0 6 * * ? *)",
            "ScalableTargetAction": {"MinCapacity": 4},
        }
    ],
}
_NIGHT = {
    "ScheduledActionName": "night",
    "Schedule": "cron(0 20 * * ? *)",
    "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 0},
}
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
POLICY = {
    "PolicyType": "TargetTrackingScaling",
    _TRACKING: {"TargetValue": 60, "ScaleInCooldown": 300, "ScaleOutCooldown": 60},
}
FUNCTION = {
    "Code": {"S3Bucket": "assets", "S3Key": "a.zip"},
    "Timeout": 10,
    "MemorySize": 256,
    "ReservedConcurrentExecutions": 10,
    "Role": "arn:r",
}

CASES = [
    *of(
        "ECS::Service",
        SERVICE,
        [
            ("another revision", {"TaskDefinition": "web:2"}, LOOK, False, "does not stand here"),
            ("other tasks", {"TaskDefinition": "stranger:1"}, LOOK, False, "other tasks run"),
            ("a grace of an hour", {"HealthCheckGracePeriodSeconds": 3600}, LOOK, False, "borne"),
            (
                "nothing left during a deployment",
                {f"{_DEPLOY}/MinimumHealthyPercent": 0},
                DANGEROUS,
                False,
                "stop every task",
            ),
            (
                "half is left during a deployment",
                {f"{_DEPLOY}/MinimumHealthyPercent": 50},
                LOOK,
                False,
                "before new ones serve",
            ),
            ("less room for new tasks", {f"{_DEPLOY}/MaximumPercent": 150}, LOOK),
            ("circuit breaker off", {f"{_BREAKER}/Enable": False}, DANGEROUS, False, "rolled back"),
            (
                "circuit breaker without rollback",
                {f"{_BREAKER}/Rollback": False},
                DANGEROUS,
                False,
                "rolled back",
            ),
            ("circuit breaker gone", {_BREAKER: None}, DANGEROUS, False, "rolled back"),
            (
                "200 failures allowed",
                {f"{_BREAKER}/ThresholdConfiguration": {"Type": "COUNT", "Value": 200}},
                DANGEROUS,
                False,
                "many tasks",
            ),
            ("alarms roll nothing back", {f"{_DEPLOY}/Alarms/Rollback": False}, DANGEROUS, False, "no alarm"),
            ("alarms gone", {f"{_DEPLOY}/Alarms": None}, DANGEROUS, False, "no alarm"),
            ("one alarm less", {f"{_DEPLOY}/Alarms/AlarmNames/1": None}, LOOK, False, "other alarms"),
            ("no task", {"DesiredCount": 0}, DANGEROUS, False, "no task runs"),
            ("desired count set", {"DesiredCount": 2}, LOOK, False, "sets the number of tasks back"),
            ("a shell", {"EnableExecuteCommand": True}, LOOK, True, "shell"),
            ("Spot alone", {"CapacityProviderStrategy/0": None}, DANGEROUS, False, "take away"),
            ("fewer tasks on demand", {"CapacityProviderStrategy/0/Base": 1}, LOOK, False, "Spot"),
            ("more tasks on demand", {"CapacityProviderStrategy/0/Base": 3}, SAFE),
            ("no Spot", {"CapacityProviderStrategy/1": None}, SAFE),
            ("target group detached", {"LoadBalancers": None}, DANGEROUS, False, "no load balancer"),
            ("public addresses", {f"{_NET}/AssignPublicIp": "ENABLED"}, LOOK, True, "public addresses"),
            ("a subnet less", {f"{_NET}/Subnets/1": None}, LOOK, False, "fewer zones"),
            ("a subnet more", {f"{_NET}/Subnets/+": "subnet-c"}, SAFE),
            ("no security group", {f"{_NET}/SecurityGroups": []}, LOOK),
            ("shorter grace", {"HealthCheckGracePeriodSeconds": 0}, LOOK, False, "slow start"),
            ("longer grace", {"HealthCheckGracePeriodSeconds": 120}, SAFE),
            ("another cluster", {"Cluster": "other"}, DANGEROUS, False, "replaced"),
            ("tags", {"PropagateTags": "SERVICE"}, SAFE),
        ],
    ),
    removed("the service", "ECS::Service", SERVICE, DANGEROUS),
    removed("the cluster", "ECS::Cluster", {}, DANGEROUS),
    added("a worker", "ECS::Service", SERVICE, LOOK),
    *of(
        "ECS::TaskDefinition",
        TASK,
        [
            ("another build", {f"{_WEB}/Image": f"{_BUILT}{'c' * 64}"}, SAFE),
            (
                "another digest of the proxy",
                {"ContainerDefinitions/1/Image": "public.ecr.aws/nginx/nginx@sha256:" + "d" * 64},
                SAFE,
            ),
            (
                "an image of a stranger",
                {"ContainerDefinitions/1/Image": "docker.io/stranger/nginx@sha256:" + "d" * 64},
                DANGEROUS,
                False,
                "another repository",
            ),
            (
                "the app's image from elsewhere",
                {f"{_WEB}/Image": "docker.io/stranger/web:1"},
                DANGEROUS,
                False,
                "another repository",
            ),
            (
                "an image without digest",
                {"ContainerDefinitions/1/Image": "public.ecr.aws/nginx/nginx:latest"},
                LOOK,
                False,
                "without a deployment",
            ),
            ("user 0", {f"{_WEB}/User": "0"}, DANGEROUS, True, "root"),
            ("user root", {f"{_WEB}/User": "root:root"}, DANGEROUS, True, "root"),
            ("no user", {f"{_WEB}/User": None}, LOOK, True, "its image names"),
            ("writable root", {f"{_WEB}/ReadonlyRootFilesystem": False}, LOOK, True, "write to its files"),
            (
                "SYS_PTRACE",
                {f"{_WEB}/LinuxParameters/Capabilities/Add": ["SYS_PTRACE"]},
                DANGEROUS,
                True,
                "capability",
            ),
            ("capabilities kept", {f"{_WEB}/LinuxParameters": None}, LOOK, True, "keeps capabilities"),
            ("privileged", {f"{_WEB}/Privileged": True}, DANGEROUS, True),
            ("logging removed", {f"{_WEB}/LogConfiguration": None}, DANGEROUS, False, "nobody sees"),
            (
                "log mode blocking",
                {f"{_WEB}/LogConfiguration/Options/mode": "blocking"},
                LOOK,
                False,
                "waits for its log",
            ),
            ("log elsewhere", {f"{_WEB}/LogConfiguration/Options/awslogs-group": "other"}, LOOK),
            (
                "added container",
                {"ContainerDefinitions/+": {"Name": "sidecar", "Image": "docker.io/a/b:1"}},
                LOOK,
                False,
                "a container is added",
            ),
            (
                "added container as root with capabilities",
                {"ContainerDefinitions/+": {"Name": "sidecar", "Image": "a", "Privileged": True}},
                DANGEROUS,
                True,
            ),
            ("removed container", {"ContainerDefinitions/1": None}, LOOK, False, "a container is removed"),
            ("secret removed", {f"{_WEB}/Secrets": []}, DANGEROUS, False, "misses a secret"),
            ("another secret", {f"{_WEB}/Secrets/0/ValueFrom": "arn:other"}, LOOK),
            ("PROXY_HOPS=9", {f"{_WEB}/Environment/1/Value": "9"}, DANGEROUS, True, "claim any address"),
            (
                "debugger",
                {f"{_WEB}/Environment/+": {"Name": "FLASK_DEBUG", "Value": "1"}},
                DANGEROUS,
                True,
                "debugger",
            ),
            ("fewer workers", {f"{_WEB}/Environment/0/Value": "1"}, LOOK, False, "fewer requests"),
            ("more workers", {f"{_WEB}/Environment/0/Value": "4"}, SAFE),
            ("a timeout", {f"{_WEB}/Environment/2/Value": "5"}, LOOK, False, "timeouts"),
            ("a variable", {f"{_WEB}/Environment/3/Value": "bye"}, LOOK, False, "another value"),
            ("a variable gone", {f"{_WEB}/Environment/3": None}, LOOK, False, "misses a variable"),
            ("stop timeout", {f"{_WEB}/StopTimeout": 2}, LOOK, False, "timeouts"),
            (
                "another port",
                {f"{_WEB}/PortMappings/0/ContainerPort": 9000},
                DANGEROUS,
                False,
                "another port",
            ),
            ("health check of the container gone", {f"{_WEB}/HealthCheck": None}, LOOK),
            ("another command", {f"{_WEB}/Command": ["sleep", "infinity"]}, LOOK, False, "another command"),
            ("another CPU", {"RuntimePlatform/CpuArchitecture": "X86_64"}, LOOK, False, "another CPU"),
            ("more memory", {"Memory": "2048"}, SAFE),
            ("less memory", {"Memory": "512"}, LOOK, False, "less memory"),
            ("more CPU", {"Cpu": "1024"}, SAFE),
            ("no execution role", {"ExecutionRoleArn": None}, DANGEROUS, False, "neither fetch"),
            ("another role for the app", {"TaskRoleArn": "arn:other"}, LOOK, True, "another role"),
            ("no role for the app", {"TaskRoleArn": None}, DANGEROUS),
        ],
    ),
    *of(
        "ApplicationAutoScaling::ScalableTarget",
        TARGET,
        [
            ("night to zero", {"ScheduledActions/+": _NIGHT}, DANGEROUS, False, "no task is left"),
            (
                "a schedule",
                {"ScheduledActions/+": {**_NIGHT, "ScalableTargetAction": {"MinCapacity": 1}}},
                LOOK,
            ),
            ("a schedule gone", {"ScheduledActions/0": None}, LOOK),
            ("no task at least", {"MinCapacity": 0}, DANGEROUS),
            ("fewer tasks at least", {"MinCapacity": 1}, LOOK, False, "fewer tasks"),
            ("more tasks at least", {"MinCapacity": 3}, SAFE),
            ("fewer tasks at most", {"MaxCapacity": 4}, LOOK),
            ("more tasks at most", {"MaxCapacity": 20}, SAFE),
            (
                "suspended",
                {"SuspendedState": {"DynamicScalingOutSuspended": True}},
                DANGEROUS,
                False,
                "no longer follows",
            ),
        ],
    ),
    *of(
        "ApplicationAutoScaling::ScalingPolicy",
        POLICY,
        [
            ("target 95 %", {f"{_TRACKING}/TargetValue": 95}, DANGEROUS, False, "full"),
            ("target 70 %", {f"{_TRACKING}/TargetValue": 70}, LOOK, False, "later"),
            ("target 50 %", {f"{_TRACKING}/TargetValue": 50}, SAFE),
            ("slower out", {f"{_TRACKING}/ScaleOutCooldown": 600}, LOOK),
            ("slower in", {f"{_TRACKING}/ScaleInCooldown": 600}, SAFE),
        ],
    ),
    removed("the policy", "ApplicationAutoScaling::ScalingPolicy", POLICY, LOOK),
    *of(
        "Lambda::Function",
        FUNCTION,
        [
            ("other code", {"Code/S3Key": "b.zip"}, LOOK, False, "other code"),
            ("no call any more", {"ReservedConcurrentExecutions": 0}, DANGEROUS, False, "no longer runs"),
            ("shorter", {"Timeout": 3}, LOOK),
            ("longer", {"Timeout": 30}, SAFE),
            ("more memory", {"MemorySize": 512}, SAFE),
            ("description", {"Description": "a"}, SAFE),
        ],
    ),
    added(
        "for everybody",
        "Lambda::Url",
        {"AuthType": "NONE", "TargetFunctionArn": "a"},
        DANGEROUS,
        True,
        "everybody",
    ),
    added("for roles", "Lambda::Url", {"AuthType": "AWS_IAM", "TargetFunctionArn": "a"}, LOOK, True),
    added(
        "for another account",
        "Lambda::Permission",
        {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "999988887777"},
        LOOK,
        True,
        "may now do lambda:InvokeFunction",
    ),
    *of(
        "Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": "f",
            "Principal": "events.amazonaws.com",
            "SourceArn": "arn:rule",
        },
        [
            ("everybody may call it", {"Principal": "*"}, DANGEROUS, True),
        ],
    ),
    *of(
        "Lambda::EventSourceMapping",
        {"FunctionName": "f", "EventSourceArn": "q", "Enabled": True},
        [
            ("disabled", {"Enabled": False}, DANGEROUS, False, "no longer worked on"),
        ],
    ),
]
