"""List the AWS calls that CloudFormation makes for a preview, by how IAM can limit them.

Which calls these are, the handlers of the resource schemas say (`handlers.*.permissions`); which limit a call
takes, the service authorization reference says:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from infra.parameters import PREVIEW_STACKS

# The tag of every resource that is a preview's: each environment's stack has its name as `environment`.
PREVIEW_NAMES = "pr-*"
# The CDK derives the name of a task definition from the stack's name, without the hyphens. A number follows,
# so that `Webprod` is none of these.
FAMILIES = tuple(f"task-definition/Webpr{digit}*" for digit in range(1, 10))
_SERVICES = f"service/{PREVIEW_STACKS}"

# Service: names of resources that begin with the stack's name, and the actions on them.
NAMED = {
    "cloudwatch": (
        # Application Auto Scaling names the alarms of a target after the cluster and the service.
        (
            *(f"alarm:{PREVIEW_STACKS}", f"alarm:TargetTracking-{_SERVICES}"),
            f"dashboard/{PREVIEW_STACKS}",
        ),
        (
            *("DeleteAlarms", "DeleteDashboards", "PutDashboard", "PutMetricAlarm", "TagResource"),
            "UntagResource",
        ),
    ),
    "ecs": (
        (f"cluster/{PREVIEW_STACKS}", _SERVICES, f"service-deployment/{PREVIEW_STACKS}", *FAMILIES),
        (
            *("CreateCluster", "CreateService", "DeleteCluster", "DeleteService", "ListServiceDeployments"),
            *("PutClusterCapacityProviders", "RegisterTaskDefinition", "StopServiceDeployment"),
            *("TagResource", "UntagResource", "UpdateCluster", "UpdateClusterSettings", "UpdateService"),
        ),
    ),
    "events": (
        (f"rule/{PREVIEW_STACKS}",),
        ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
    ),
    "logs": (
        (f"log-group:{PREVIEW_STACKS}",),
        (
            *("CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy", "PutRetentionPolicy"),
            *("TagResource", "UntagResource"),
        ),
    ),
    "sns": (
        (PREVIEW_STACKS,),
        ("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource", "UntagResource"),
    ),
    "sqs": (
        (PREVIEW_STACKS,),
        ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"),
    ),
}

# Resources whose names AWS makes or cuts short: the tag `environment` says whose they are.
SECURITY_GROUP_RULES = (
    *("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"),
    *("RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
    *("UpdateSecurityGroupRuleDescriptionsEgress", "UpdateSecurityGroupRuleDescriptionsIngress"),
)
SECURITY_GROUPS = ("CreateTags", "DeleteSecurityGroup", "DeleteTags")
LISTENER_RULES = ("DeleteRule", "ModifyRule", "SetRulePriorities")
TARGET_GROUPS = (
    *("DeleteTargetGroup", "DeregisterTargets", "ModifyTargetGroup", "ModifyTargetGroupAttributes"),
    "RegisterTargets",
)
SCALING = (
    *("DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget", "PutScalingPolicy"),
    *("PutScheduledAction", "RegisterScalableTarget"),
)

# Actions that know neither names nor tags of what they change; docs/pipeline.md says what that leaves open.
UNLIMITED = {
    "ecs": ("DeregisterTaskDefinition",),
    "logs": ("DeleteQueryDefinition", "PutQueryDefinition"),
    "sns": ("Unsubscribe",),
}
READ = (
    *("application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource"),
    *("cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:GetMetricData"),
    *("cloudwatch:ListDashboards", "cloudwatch:ListTagsForResource", "ec2:Describe*", "ecs:Describe*"),
    *("ecs:ListTagsForResource", "elasticloadbalancing:Describe*", "events:DescribeRule"),
    *("events:ListTagsForResource", "events:ListTargetsByRule", "logs:Describe*"),
    *("logs:GetDataProtectionPolicy", "logs:ListTagsForResource", "sns:GetDataProtectionPolicy"),
    *("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
)
ROLES = (
    *("DeleteRole", "DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies"),
    *("ListRolePolicies", "TagRole", "UntagRole", "UpdateRole", "UpdateAssumeRolePolicy"),
    "UpdateRoleDescription",
)
ROLES_UNDER_THE_BOUNDARY = ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary")
SERVICES_WITH_ROLES = ["ecs-tasks.amazonaws.com", "events.amazonaws.com"]
# Roles that AWS keeps for ECS and its scaling, one for each account; whoever is first creates them.
# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
LINKED_SERVICES = ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com"]
