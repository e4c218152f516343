"""List the AWS calls that CloudFormation makes for a preview, by how IAM can limit them."""

from infra.parameters import PREVIEW_STACKS

# Service: names of resources that begin with the stack's name, and the actions on them. The CDK derives the
# name of a task definition from the stack's name, without the hyphens.
NAMED = {
    "cloudwatch": (
        (f"alarm:{PREVIEW_STACKS}",),
        ("DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource"),
    ),
    "ecs": (
        (f"cluster/{PREVIEW_STACKS}", f"service/{PREVIEW_STACKS}", "task-definition/Webpr*"),
        (
            *("CreateService", "DeleteCluster", "DeleteService", "PutClusterCapacityProviders"),
            *("RegisterTaskDefinition", "TagResource", "UntagResource", "UpdateCluster", "UpdateService"),
        ),
    ),
    "events": (
        (f"rule/{PREVIEW_STACKS}",),
        ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
    ),
    "logs": (
        (f"log-group:{PREVIEW_STACKS}",),
        ("CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource", "UntagResource"),
    ),
    "sns": (
        (PREVIEW_STACKS,),
        (
            *("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource"),
            *("Unsubscribe", "UntagResource"),
        ),
    ),
}
# Actions whose resources AWS names by itself or with a shortened name, or that take no resource.
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
