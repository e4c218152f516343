"""Ask CloudFormation what a stack holds, and what of it outlives the stack."""

from typing import Any


def held(cloudformation: Any, stack: str) -> dict[str, tuple[str, str]]:
    """Return logical id: type and physical id of what a stack holds."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        item["LogicalResourceId"]: (item["ResourceType"], item.get("PhysicalResourceId", ""))
        for page in pages
        for item in page["StackResourceSummaries"]
        if item["ResourceStatus"] != "DELETE_COMPLETE"
    }


def retained(cloudformation: Any, stack: str) -> set[str]:
    """Return the logical ids that CloudFormation keeps when it deletes the stack."""
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    return {
        logical_id
        for logical_id, resource in body["Resources"].items()
        if resource.get("DeletionPolicy", "").startswith("Retain")
    }
