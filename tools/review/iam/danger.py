"""Decide how dangerous a statement is that was not there before.

The actions with which a role can become another one are those of
https://cloudsplaining.readthedocs.io/en/latest/glossary/privilege-escalation/ (its version 0.9.1) and
https://pathfinding.cloud; those that open a resource to others are of the access level "Permissions
management" in https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

import re

from tools.review.iam.conditions import limits, limits_who
from tools.review.iam.statements import Statement
from tools.review.iam.text import overlaps
from tools.review.reasons import Verdict

# With one of these on every resource, a role can become any other.
ESCALATES = (
    "bedrock-agentcore:InvokeCodeInterpreter",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack",
    "codebuild:StartBuild",
    "ec2-instance-connect:SendSSHPublicKey",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyLaunchTemplate",
    "ec2:CreateLaunchTemplateVersion",
    "ecs:ExecuteCommand",
    "glue:UpdateDevEndpoint",
    "glue:UpdateJob",
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateOpenIDConnectProvider",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateSAMLProvider",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:ResetServiceSpecificCredential",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:UpdateSAMLProvider",
    "lambda:AddLayerVersionPermission",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "sagemaker:CreatePresignedDomainUrl",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:UpdateNotebookInstance",
    "ssm:SendCommand",
    "ssm:StartSession",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetFederationToken",
)
# With one of these on every resource, a role can open data to others, or read all secrets.
OPENS = (
    "backup:PutBackupVaultAccessPolicy",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "ecr:SetRepositoryPolicy",
    "elasticfilesystem:PutFileSystemPolicy",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "lambda:AddPermission",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunctionUrlConfig",
    "organizations:LeaveOrganization",
    "ram:CreateResourceShare",
    "rds:ModifyDBSnapshotAttribute",
    "ec2:ModifySnapshotAttribute",
    "ec2:ModifyImageAttribute",
    "s3:PutAccountPublicAccessBlock",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutObjectAcl",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutResourcePolicy",
    "sns:AddPermission",
    "sqs:AddPermission",
    "ssm:ModifyDocumentPermission",
)
# AWS's own policies of every new function or task: to write its log, and to have an address in the network.
EXPECTED = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonECSTaskExecutionRolePolicy",
)
# AWS's own policies that let a role do anything, or become anybody.
FULL = (
    "AdministratorAccess",
    "PowerUserAccess",
    "IAMFullAccess",
    "AWSOrganizationsFullAccess",
    "AWSLambda_FullAccess",
    "AmazonEC2FullAccess",
    "AWSCloudFormationFullAccess",
    "AmazonSSMFullAccess",
    "SecretsManagerReadWrite",
    "AmazonECS_FullAccess",
)
_UNLIMITED = re.compile(r"\*|[\w-]+:\*+|\*:\*")
# What a resource's name may be made of to be any resource of its kind: arn:aws:iam::1:role/*, *:*, role/*.
_ACCOUNT = r"([0-9]{12}|\$\{AWS::AccountId\}|\*)?"
_REGION = r"([^:]*|\$\{AWS::Region\})"
_EVERYWHERE = re.compile(
    rf"\**|\*:\*|(arn:[^:]*:)?[\w*-]*:{_REGION}:{_ACCOUNT}:([\w-]+[/:])*[*?]+(/\*)?|([\w-]+/)?\*|:\*"
)
_OTHERS = re.compile(r"AWS:(arn:aws[\w-]*:(iam|sts)::(?P<account>[0-9]{12}|\*)|\*)")
_OWN = "${AWS::AccountId}"


def danger(statement: Statement, *, account: str) -> Verdict | None:
    """Return the verdict on a new allowance; None for what every resource of its kind has."""
    match statement.kind:
        case "identity":
            return _of_identity(statement)
        case "trust":
            return _of_trust(statement, account)
        case "resource":
            return _of_resource(statement, account)
        case "way":
            return "look"


def everywhere(statement: Statement) -> bool:
    """Return whether it is about every resource of a kind."""
    return statement.resources.all_but or any(
        _EVERYWHERE.fullmatch(each) for each in statement.resources.values
    )


def matched(actions: tuple[str, ...], listed: tuple[str, ...]) -> list[str]:
    """Return the listed actions that one of these patterns allows."""
    return [name for name in listed if any(overlaps(pattern, name) for pattern in actions)]


def is_own_root(principal: str, account: str) -> bool:
    """Return whether a principal is the stack's own account, which leaves it to the account's roles."""
    return principal in (f"AWS:arn:aws:iam::{_OWN}:root", f"AWS:arn:aws:iam::{account}:root")


def _of_identity(statement: Statement) -> Verdict:
    if statement.actions.all_but or any(_UNLIMITED.fullmatch(each) for each in statement.actions.values):
        return "dangerous"
    if everywhere(statement) and matched(statement.actions.values, (*ESCALATES, *OPENS)):
        # A condition such as iam:PassedToService leaves less, but not nothing.
        return "look" if limits(statement.conditions) else "dangerous"
    return "look"


def _of_trust(statement: Statement, account: str) -> Verdict | None:
    if statement.principals.all_but:
        return "dangerous"
    worst: Verdict | None = None
    for each in statement.principals.values:
        found = _of_one(each, statement, account)
        if found == "dangerous":
            return found
        worst = worst or found
    return worst


def _of_one(principal: str, statement: Statement, account: str) -> Verdict | None:
    limited = limits_who(statement.conditions)
    if principal in ("*", "AWS:*"):
        return "look" if limited else "dangerous"
    if principal.startswith("Federated:"):
        return "look" if _one_subject(statement) else "dangerous"
    if principal.startswith("Service:"):
        return "look"
    other = _OTHERS.match(principal)
    if other and other["account"] != account:
        return "look" if limited else "dangerous"
    return "look"


def _one_subject(statement: Statement) -> bool:
    """Return whether a condition names whom the provider must have let in, up to its repository or user."""
    named = [
        values
        for (operator, key), values in statement.conditions.items()
        if key.endswith((":sub", ":repository")) and "not" not in operator
    ]
    saml = [values for (_, key), values in statement.conditions.items() if key.startswith("saml:")]
    if saml and not named:
        return True
    return bool(named) and all(
        "*" not in ":".join(each.split(":")[:2]) for values in named for each in values
    )


def _of_resource(statement: Statement, account: str) -> Verdict | None:
    principals = statement.principals
    if principals.all_but:
        return "dangerous"
    limited = limits_who(statement.conditions)
    if any(each in ("*", "AWS:*") for each in principals.values):
        return "look" if limited else "dangerous"
    if all(is_own_root(each, account) for each in principals.values):
        return None
    services = all(each.startswith("Service:") for each in principals.values)
    return None if services and limited else "look"
