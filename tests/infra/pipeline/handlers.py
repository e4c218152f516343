"""Read the calls that CloudFormation makes for a type of resource, from the schemas that cfn-lint ships."""

from collections.abc import Iterator
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

KINDS = ("create", "read", "update", "delete")
# Calls that a handler lists for properties that no environment of ours has.
UNUSED = {
    "cognito-idp:": "a login by Cognito on the listener; the recipe says what it needs",
    "ecs:PutAccountSetting": "the account's own default, which no template of ours sets",
    "firehose:": "a log group that delivers to Firehose",
    "iam:AttachRolePolicy": "policies that AWS manages, which previews' roles may not have",
    "iam:DeleteGroupPolicy": "policies of groups",
    "iam:DeleteRolePermissionsBoundary": "a preview's role keeps its boundary",
    "iam:DeleteUserPolicy": "policies of users",
    "iam:DetachRolePolicy": "policies that AWS manages, which previews' roles may not have",
    "iam:GetGroupPolicy": "policies of groups",
    "iam:GetUserPolicy": "policies of users",
    "iam:PutGroupPolicy": "policies of groups",
    "iam:PutUserPolicy": "policies of users",
    "kms:": "keys of one's own",
    "lambda:DeleteProvisioned": "scaling of Lambda",
    "lambda:GetProvisioned": "scaling of Lambda",
    "lambda:PutProvisioned": "scaling of Lambda",
    "logs:AssociateKmsKey": "keys of one's own",
    "logs:CreateLogDelivery": "logs of other services",
    "logs:DeleteDataProtectionPolicy": "masking of a log group",
    "logs:DeleteIndexPolicy": "field indexes of a log group",
    "logs:DeleteResourcePolicy": "log groups with a policy",
    "logs:DisassociateKmsKey": "keys of one's own",
    "logs:PutBearerTokenAuthentication": "log groups that take lines over HTTP",
    "logs:PutDataProtectionPolicy": "masking of a log group",
    "logs:PutIndexPolicy": "field indexes of a log group",
    "logs:PutLogGroupDeletionProtection": "log groups with protection",
    "logs:PutResourcePolicy": "log groups with a policy",
    "s3:REST.PUT.OBJECT": "no action of IAM",
    "sns:PutDataProtectionPolicy": "masking of a topic",
}
# Calls to read a resource that the nightly look goes without.
UNREAD = {
    "amplify:": "a web ACL that is on something else than a load balancer",
    "apprunner:": "the same",
    "appsync:": "the same",
    "bedrock-agentcore:": "the same",
    "ec2:GetVerifiedAccess": "the same",
    "secretsmanager:GetSecretValue": "the value of a secret, which no template of ours sets",
    "vpc-lattice:": "endpoints of a service network",
}


def types(template: dict[str, Any]) -> set[str]:
    """Return the types of a template's resources that have a schema."""
    found = {each["Type"] for each in template["Resources"].values()}
    return {each for each in found if each.startswith("AWS::") and each != "AWS::CDK::Metadata"}


def calls(kind_of_resource: str, *kinds: str) -> Iterator[str]:
    """Yield the actions that the handlers of these kinds call."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind_of_resource).schema
    for kind in kinds:
        for action in schema.get("handlers", {}).get(kind, {}).get("permissions", []):
            if not action.startswith(tuple(UNUSED)):
                yield action
