"""List the rules with what each refuses, and the page that says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from infra.policy.refused import alarms, attributes, balancers, containers, enums, names, scaling, tasks
from infra.policy.refused.read import Problem
from infra.policy.template import Finding, Properties

_DOCS = "https://docs.aws.amazon.com/"
_ELB = f"{_DOCS}elasticloadbalancing/latest/"
_ELB_LIMITS = f"{_ELB}application/load-balancer-limits.html"
_ECS_API = f"{_DOCS}AmazonECS/latest/APIReference/"
_IAM_LIMITS = f"{_DOCS}IAM/latest/UserGuide/reference_iam-quotas.html"


class Refusal(NamedTuple):
    """A rule: its id, what it refuses in words, the source, and what finds it in a template."""

    rule: str
    refuses: str
    source: str
    find: Callable[[Properties], Iterator[Problem]]


REFUSALS: Sequence[Refusal] = (
    Refusal(
        "alarm-threshold",
        "alarms without a threshold",
        f"{_DOCS}AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        alarms.thresholds,
    ),
    Refusal(
        "alarm-period",
        "alarms with a period, or a number of periods, that is not evaluated",
        f"{_DOCS}AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        alarms.periods,
    ),
    Refusal(
        "dashboard-body",
        "dashboards whose body is no JSON with widgets, or has more than 500",
        f"{_DOCS}AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
        alarms.dashboards,
    ),
    Refusal(
        "event-pattern",
        "event patterns above 2,048 characters",
        f"{_DOCS}eventbridge/latest/userguide/eb-quota.html",
        alarms.patterns,
    ),
    Refusal(
        "listener-port",
        "two listeners of a load balancer on one port",
        f"{_ELB}APIReference/API_CreateListener.html",
        balancers.listener_ports,
    ),
    Refusal(
        "rule-priority",
        "two rules of a listener with one priority, or one outside 1 to 50,000",
        f"{_ELB}APIReference/API_CreateRule.html",
        balancers.priorities,
    ),
    Refusal(
        "rule-conditions",
        "rules with more than five values, or more than six wildcards",
        _ELB_LIMITS,
        balancers.conditions,
    ),
    Refusal(
        "rule-forward",
        "actions that forward to more than five target groups, or with a weight above 999",
        _ELB_LIMITS,
        balancers.forwards,
    ),
    Refusal(
        "certificates",
        "TLS listeners without certificate, and load balancers with more than 25",
        _ELB_LIMITS,
        balancers.certificates,
    ),
    Refusal(
        "health-check",
        "health checks with a timeout not below the interval, or with numbers, codes or paths not taken",
        f"{_ELB}APIReference/API_CreateTargetGroup.html",
        balancers.health_checks,
    ),
    Refusal(
        "balancer-attributes",
        "attributes of load balancers and target groups that are given twice or out of their range",
        f"{_ELB}APIReference/API_TargetGroupAttribute.html",
        attributes.ranges,
    ),
    Refusal(
        "balancer-zones",
        "application load balancers without subnets in two zones",
        f"{_ELB}application/application-load-balancers.html",
        balancers.zones,
    ),
    Refusal(
        "managed-rules",
        "rule groups that AWS does not have, and two rules of a web ACL with one priority",
        f"{_DOCS}waf/latest/developerguide/aws-managed-rule-groups-list.html",
        balancers.managed_rules,
    ),
    Refusal(
        "group-rules",
        "security groups whose rules count more than 60 in a direction; CloudFront's prefix list counts 55",
        f"{_DOCS}vpc/latest/userguide/working-with-aws-managed-prefix-lists.html",
        balancers.group_weights,
    ),
    Refusal(
        "names",
        "names that are too long for their service, or with other characters than it takes",
        f"{_DOCS}AWSCloudFormation/latest/TemplateReference/aws-properties-name.md",
        names.names,
    ),
    Refusal(
        "name-clash",
        "two resources of a type with one name, such as two log groups",
        f"{_DOCS}AWSCloudFormation/latest/TemplateReference/aws-properties-name.md",
        names.clashes,
    ),
    Refusal(
        "tags",
        "more than 50 tags, tags given twice, too long, or beginning with aws:",
        f"{_DOCS}tag-editor/latest/userguide/best-practices-and-strats.html",
        names.tags,
    ),
    Refusal(
        "policy-size",
        "managed policies above 6,144 characters, and inline policies of a role above 10,240 together",
        _IAM_LIMITS,
        names.policy_sizes,
    ),
    Refusal(
        "schedule",
        "schedules that are no rate, cron or at expression",
        f"{_DOCS}eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
        scaling.schedules,
    ),
    Refusal(
        "scaling-bounds",
        "a smallest capacity above the largest",
        f"{_DOCS}autoscaling/application/APIReference/API_RegisterScalableTarget.html",
        scaling.bounds,
    ),
    Refusal(
        "scaling-amount",
        "more than 50 policies or 200 scheduled actions of a target, or 20 steps of a policy",
        f"{_DOCS}autoscaling/application/userguide/application-auto-scaling-quotas.html",
        scaling.amounts,
    ),
    Refusal(
        "tracked-metric",
        "target tracking on a metric that nothing publishes for the target",
        f"{_DOCS}autoscaling/application/APIReference/API_PredefinedMetricSpecification.html",
        scaling.tracked_metrics,
    ),
    Refusal(
        "task-size",
        "Fargate tasks of a size that is not offered",
        f"{_DOCS}AmazonECS/latest/developerguide/fargate-tasks-services.html",
        tasks.sizes,
    ),
    Refusal(
        "task-definition",
        "task definitions above 64 KiB, with ports or names given twice, or a stop timeout above Fargate's",
        f"{_DOCS}general/latest/gr/ecs-service.html",
        tasks.definitions,
    ),
    Refusal(
        "container-secrets",
        "containers with one name for a secret and a variable, or for two secrets",
        f"{_ECS_API}API_ContainerDefinition.html",
        containers.secrets,
    ),
    Refusal(
        "container-order",
        "containers that wait for one that is not there, has no health check or never ends, or for each "
        "other; tasks without an essential container",
        f"{_ECS_API}API_ContainerDependency.html",
        containers.order,
    ),
    Refusal(
        "container-check",
        "health checks of containers with numbers that ECS does not take",
        f"{_ECS_API}API_HealthCheck.html",
        containers.checks,
    ),
    Refusal(
        "service",
        "services with too many groups or subnets, two bases, a grace period without load balancer, or no "
        "room for a deployment",
        f"{_ECS_API}API_CreateService.html",
        tasks.services,
    ),
    Refusal(
        "function",
        "functions with more time, memory or variables than Lambda gives",
        f"{_DOCS}lambda/latest/dg/gettingstarted-limits.html",
        tasks.functions,
    ),
    Refusal(
        "enum",
        "values that are not in the list of their property, in types that environments and recipes use",
        f"{_DOCS}AWSCloudFormation/latest/UserGuide/resource-type-schemas.html",
        enums.values,
    ),
)


def refusals(template: Properties) -> Iterator[Finding]:
    """Yield what AWS would refuse in a template, each with the page that says so."""
    for refusal in REFUSALS:
        for logical_id, sentence in refusal.find(template):
            yield Finding(refusal.rule, logical_id, f"{sentence} ({refusal.source})")
