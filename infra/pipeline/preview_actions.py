"""Preview actions: the calls that CloudFormation makes for a preview, by how far they can be limited."""

# CloudFormation begins these names with the stack's; a task definition's, the CDK makes of it.
NAMED = {
    "cloudwatch": (
        ("alarm:Web-pr-*",),
        ("DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource"),
    ),
    "ecs": (
        ("cluster/Web-pr-*", "service/Web-pr-*", "task-definition/Webpr*"),
        (
            *("CreateService", "DeleteCluster", "DeleteService", "PutClusterCapacityProviders"),
            *("RegisterTaskDefinition", "TagResource", "UntagResource", "UpdateCluster", "UpdateService"),
        ),
    ),
    "events": (
        ("rule/Web-pr-*",),
        ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
    ),
    "logs": (
        ("log-group:Web-pr-*",),
        ("CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource", "UntagResource"),
    ),
    "sns": (
        ("Web-pr-*",),
        (
            *("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource"),
            *("Unsubscribe", "UntagResource"),
        ),
    ),
}
# AWS names these itself, cuts their names short, or knows no resources for the call.
UNNAMED = {
    "application-autoscaling": (
        *("DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget", "PutScalingPolicy"),
        *("PutScheduledAction", "RegisterScalableTarget", "TagResource", "UntagResource"),
    ),
    "cloudwatch": ("DeleteDashboards", "PutDashboard"),
    "ec2": (
        *("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup"),
        *("CreateTags", "DeleteSecurityGroup", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
    ),
    "ecs": ("CreateCluster", "DeregisterTaskDefinition"),
    "elasticloadbalancing": (
        *("AddTags", "CreateRule", "CreateTargetGroup", "DeleteRule", "DeleteTargetGroup", "ModifyRule"),
        *("ModifyTargetGroup", "ModifyTargetGroupAttributes", "RemoveTags", "SetRulePriorities"),
    ),
    "logs": ("DeleteQueryDefinition", "PutQueryDefinition"),
}
READ = (
    *("application-autoscaling:Describe*", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard"),
    *("ec2:Describe*", "ecs:Describe*", "elasticloadbalancing:Describe*", "events:DescribeRule"),
    *("events:ListTargetsByRule", "logs:Describe*", "sns:GetTopicAttributes", "sns:ListTagsForResource"),
    *("cloudwatch:ListTagsForResource", "logs:ListTagsForResource", "ecs:ListTagsForResource"),
    "application-autoscaling:ListTagsForResource",
)
ROLES = (
    *("DeleteRole", "DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies"),
    *("ListRolePolicies", "TagRole", "UntagRole", "UpdateRole", "UpdateAssumeRolePolicy"),
)
ROLES_UNDER_THE_BOUNDARY = ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary")
SERVICES_WITH_ROLES = ["ecs-tasks.amazonaws.com", "events.amazonaws.com"]
