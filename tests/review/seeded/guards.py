"""Changes of alarms, logs, data and what guards them, and of parts of a template beside its resources."""

from tests.review.seeded.case import DANGEROUS, LOOK, SAFE, Case, added, of, removed, resource, template

ALARM = {
    "Threshold": 5,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 3,
    "AlarmActions": ["arn:topic"],
    "TreatMissingData": "breaching",
    "AlarmDescription": "errors",
    "MetricName": "5xx",
}
LOG = {"RetentionInDays": 90, "KmsKeyId": "arn:key", "DataProtectionPolicy": {"Name": "hide"}}
DATABASE = {
    "Engine": "postgres",
    "DBInstanceClass": "db.t4g.micro",
    "StorageEncrypted": True,
    "BackupRetentionPeriod": 7,
    "DeletionProtection": True,
    "MultiAZ": True,
    "PubliclyAccessible": False,
    "AllocatedStorage": "20",
}
BUCKET = {
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "VersioningConfiguration": {"Status": "Enabled"},
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    },
}
_BLOCK = "PublicAccessBlockConfiguration"
TOPIC = resource("SNS::Topic", {})
_KEPT = resource("S3::Bucket", {}, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")


def _part(what: str, old: dict, new: dict, verdict: str, wider: bool = False, says: str = "") -> Case:  # type: ignore[type-arg]
    return Case(
        what, {**template(Topic=TOPIC), **old}, {**template(Topic=TOPIC), **new}, verdict, wider, says
    )


def _mapped(size: str) -> dict:  # type: ignore[type-arg]
    looked_up = {"Fn::FindInMap": ["Sizes", "prod", "min"]}
    target = resource("ApplicationAutoScaling::ScalableTarget", {"MinCapacity": looked_up})
    return {"Mappings": {"Sizes": {"prod": {"min": size}}}, **template(Target=target)}


def _decided(value: str) -> dict:  # type: ignore[type-arg]
    service = resource("ECS::Service", {"EnableExecuteCommand": {"Fn::If": ["Shell", True, False]}})
    return {"Conditions": {"Shell": {"Fn::Equals": [value, "yes"]}}, **template(Service=service)}


_EXPORT = {"Outputs": {"Arn": {"Value": "a", "Export": {"Name": "x"}}}}

CASES = [
    *of(
        "CloudWatch::Alarm",
        ALARM,
        [
            ("threshold by ten", {"Threshold": 50}, LOOK, False, "earlier or later"),
            ("muted", {"ActionsEnabled": False}, DANGEROUS, False, "nobody is told"),
            ("nobody told", {"AlarmActions": []}, DANGEROUS, False, "nobody is told"),
            ("others told", {"AlarmActions/0": "arn:other"}, LOOK),
            ("more told", {"AlarmActions/+": "arn:other"}, SAFE),
            ("rings later", {"EvaluationPeriods": 30}, LOOK, False, "later"),
            ("rings earlier", {"EvaluationPeriods": 1}, SAFE),
            ("silent without data", {"TreatMissingData": "notBreaching"}, LOOK, False, "silent"),
            ("another metric", {"MetricName": "4xx"}, LOOK),
            ("description", {"AlarmDescription": "all errors"}, SAFE),
        ],
    ),
    removed("an alarm", "CloudWatch::Alarm", ALARM, LOOK, False, "nobody is told"),
    added("an alarm", "CloudWatch::Alarm", ALARM, SAFE),
    removed(
        "a subscription",
        "SNS::Subscription",
        {"Endpoint": "ops@example.com", "Protocol": "email", "TopicArn": "t"},
        DANGEROUS,
    ),
    *of(
        "SNS::Topic",
        {"KmsMasterKeyId": "alias/a", "Subscription": [{"Endpoint": "a@example.com", "Protocol": "email"}]},
        [
            ("unsubscribed", {"Subscription": []}, DANGEROUS, False, "no longer told"),
            ("no key", {"KmsMasterKeyId": None}, LOOK, True, "encrypted"),
            ("name in mails", {"DisplayName": "alarms"}, SAFE),
        ],
    ),
    *of(
        "Events::Rule",
        {
            "State": "ENABLED",
            "EventPattern": {"source": ["aws.ecs"]},
            "Targets": [{"Id": "a", "Arn": "arn:topic"}],
        },
        [
            ("disabled", {"State": "DISABLED"}, DANGEROUS, False, "no longer happens"),
            ("another pattern", {"EventPattern/source/0": "aws.ec2"}, LOOK),
            ("another target", {"Targets/0/Arn": "arn:other"}, LOOK),
        ],
    ),
    removed("a rule", "Events::Rule", {"ScheduleExpression": "rate(1 day)"}, LOOK),
    *of(
        "CloudWatch::Dashboard",
        {"DashboardBody": "{}"},
        [("other pictures", {"DashboardBody": '{"a": 1}'}, SAFE)],
    ),
    removed("a page", "CloudWatch::Dashboard", {"DashboardBody": "{}"}, SAFE),
    *of(
        "Logs::LogGroup",
        LOG,
        [
            ("7 days instead of 90", {"RetentionInDays": 7}, LOOK, False, "deleted earlier"),
            ("a year", {"RetentionInDays": 365}, SAFE),
            ("for ever", {"RetentionInDays": None}, SAFE),
            ("encryption off", {"KmsKeyId": None}, LOOK, True, "encrypted"),
            ("redaction off", {"DataProtectionPolicy": None}, DANGEROUS, True, "can be read"),
            ("another name", {"LogGroupName": "b"}, DANGEROUS, False, "replaced"),
        ],
    ),
    removed("a log", "Logs::LogGroup", LOG, DANGEROUS, False, "lost"),
    added("a log", "Logs::LogGroup", LOG, SAFE),
    *of(
        "RDS::DBInstance",
        DATABASE,
        [
            ("public", {"PubliclyAccessible": True}, DANGEROUS, True, "internet"),
            ("no backups", {"BackupRetentionPeriod": 0}, DANGEROUS, False, "no backups"),
            ("fewer backups", {"BackupRetentionPeriod": 1}, LOOK),
            ("more backups", {"BackupRetentionPeriod": 14}, SAFE),
            ("deletion protection off", {"DeletionProtection": False}, DANGEROUS, False, "deleted at once"),
            ("one zone", {"MultiAZ": False}, DANGEROUS, False, "fails with its zone"),
            ("another size", {"DBInstanceClass": "db.t4g.small"}, DANGEROUS),
            ("more space", {"AllocatedStorage": "40"}, SAFE),
            ("engine", {"Engine": "mysql"}, DANGEROUS, False, "replacement"),
            ("encryption off", {"StorageEncrypted": False}, DANGEROUS, True, "replaced"),
        ],
    ),
    removed("the database", "RDS::DBInstance", DATABASE, DANGEROUS),
    added("a public database", "RDS::DBInstance", {**DATABASE, "PubliclyAccessible": True}, DANGEROUS, True),
    *of(
        "RDS::DBParameterGroup",
        {"Family": "postgres16", "Parameters": {"rds.force_ssl": "1"}},
        [
            ("no TLS", {"Parameters/rds.force_ssl": "0"}, DANGEROUS, True, "without encryption"),
        ],
    ),
    *of(
        "S3::Bucket",
        BUCKET,
        [
            ("may be public", {f"{_BLOCK}/BlockPublicPolicy": False}, DANGEROUS, True, "made public"),
            ("no block at all", {_BLOCK: None}, DANGEROUS, True, "made public"),
            ("public read", {"AccessControl": "PublicRead"}, DANGEROUS, True, "strangers"),
            ("versions off", {"VersioningConfiguration/Status": "Suspended"}, DANGEROUS, False, "is lost"),
            ("encryption off", {"BucketEncryption": None}, LOOK, True, "encrypted"),
            ("name", {"BucketName": "b"}, DANGEROUS, False, "replaced"),
        ],
    ),
    removed("the bucket", "S3::Bucket", BUCKET, DANGEROUS),
    Case(
        "no longer kept",
        template(It=_KEPT),
        template(It={**_KEPT, "DeletionPolicy": "Delete"}),
        LOOK,
        False,
        "no longer kept",
    ),
    Case("kept", template(It={**_KEPT, "DeletionPolicy": "Delete"}), template(It=_KEPT), SAFE),
    *of(
        "EFS::AccessPoint",
        {"FileSystemId": "fs-1", "RootDirectory": {"Path": "/a"}},
        [
            ("moved", {"RootDirectory/Path": "/b"}, DANGEROUS, False, "replaced"),
        ],
    ),
    *of(
        "EFS::FileSystem",
        {"Encrypted": True, "BackupPolicy": {"Status": "ENABLED"}},
        [
            ("backup off", {"BackupPolicy/Status": "DISABLED"}, DANGEROUS, False, "no backups"),
        ],
    ),
    *of(
        "DynamoDB::Table",
        {
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        },
        [
            ("no backups", {"PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled": False}, DANGEROUS),
            ("another key", {"KeySchema/0/AttributeName": "b"}, DANGEROUS, False, "replaced"),
        ],
    ),
    removed(
        "a repository", "ECR::Repository", {"RepositoryName": "web"}, DANGEROUS, False, "no longer be fetched"
    ),
    removed("a cache", "ElastiCache::ReplicationGroup", {"ReplicationGroupDescription": "a"}, DANGEROUS),
    removed(
        "a parameter", "SSM::Parameter", {"Type": "String", "Value": "a"}, DANGEROUS, False, "finds nothing"
    ),
    removed("a queue", "SQS::Queue", {}, DANGEROUS),
    removed("a key", "KMS::Key", {}, DANGEROUS),
    removed("a secret", "SecretsManager::Secret", {}, DANGEROUS),
    removed("what no rule knows", "Brand::New", {"A": 1}, DANGEROUS),
    added("what no rule knows", "Brand::New", {"A": 1}, LOOK),
    *of("SSM::Parameter", {"Type": "String", "Value": "a"}, [("another value", {"Value": "b"}, LOOK)]),
    *of(
        "SQS::Queue",
        {"MessageRetentionPeriod": 1209600},
        [
            ("messages lost earlier", {"MessageRetentionPeriod": 60}, LOOK),
            ("not encrypted", {"SqsManagedSseEnabled": False}, DANGEROUS, True),
        ],
    ),
    *of(
        "KMS::Key",
        {"EnableKeyRotation": True, "Enabled": True},
        [
            ("off", {"Enabled": False}, DANGEROUS),
            ("never renewed", {"EnableKeyRotation": False}, LOOK),
        ],
    ),
    *of(
        "SecretsManager::Secret",
        {"Description": "a", "GenerateSecretString": {"PasswordLength": 32}},
        [
            ("another value", {"GenerateSecretString/PasswordLength": 64}, DANGEROUS, False, "new value"),
            ("description", {"Description": "b"}, SAFE),
        ],
    ),
    *of(
        "ElastiCache::ReplicationGroup",
        {
            "ReplicationGroupDescription": "a",
            "TransitEncryptionEnabled": True,
            "AutomaticFailoverEnabled": True,
        },
        [
            ("no failover", {"AutomaticFailoverEnabled": False}, DANGEROUS),
        ],
    ),
    removed(
        "backups",
        "Backup::BackupPlan",
        {"BackupPlan": {"BackupPlanName": "a"}},
        DANGEROUS,
        False,
        "no backups",
    ),
    removed("a zone of names", "Route53::HostedZone", {"Name": "example.com"}, DANGEROUS),
    # Parts of a template beside its resources.
    _part("a mapping that decides a number", _mapped("2"), _mapped("0"), DANGEROUS, False, "no task"),
    _part("a condition that is decided", _decided("no"), _decided("yes"), LOOK, True, "shell"),
    _part("a macro", {}, {"Transform": "Stranger"}, DANGEROUS, False, "macro"),
    _part("a rule of the template", {"Rules": {"A": {}}}, {}, LOOK, False, "Rules"),
    _part(
        "a looked-up parameter",
        {},
        {"Parameters": {"A": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}}},
        LOOK,
    ),
    _part("an export gone", _EXPORT, {}, DANGEROUS, False, "other stacks"),
    _part(
        "an export of another value",
        _EXPORT,
        {"Outputs": {"Arn": {"Value": "b", "Export": {"Name": "x"}}}},
        LOOK,
    ),
    _part("an output", {}, {"Outputs": {"A": {"Value": "a"}}}, SAFE),
    _part("a description", {}, {"Description": "web"}, SAFE),
    *of(
        "CloudFormation::Stack",
        {"TemplateURL": "https://a"},
        [("a nested stack from elsewhere", {"TemplateURL": "https://b"}, LOOK, True, "not here to be read")],
    ),
    removed("a nested stack", "CloudFormation::Stack", {"TemplateURL": "https://a"}, DANGEROUS),
]
