"""Read what a synth wrote to cdk.out: templates, the services in them, and who can reach whom."""

from tools.assembly.files import CDK_OUT, artifacts, templates
from tools.assembly.reachability import LOAD_BALANCER, TASKS, Reach, labels, reach
from tools.assembly.resources import (
    Properties,
    Template,
    as_list,
    attributes,
    of_type,
    protected_by_the_stack,
    references,
    without_hash,
)
from tools.assembly.security_groups import ANOTHER_STACK, ANYONE, THE_VPC, Group, Rule, groups
from tools.assembly.services import Service, services, variables, web_container, web_service

__all__ = [
    "ANOTHER_STACK",
    "ANYONE",
    "CDK_OUT",
    "LOAD_BALANCER",
    "TASKS",
    "THE_VPC",
    "Group",
    "Properties",
    "Reach",
    "Rule",
    "Service",
    "Template",
    "artifacts",
    "as_list",
    "attributes",
    "groups",
    "labels",
    "of_type",
    "protected_by_the_stack",
    "reach",
    "references",
    "services",
    "templates",
    "variables",
    "web_container",
    "web_service",
    "without_hash",
]
