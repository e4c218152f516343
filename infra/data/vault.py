"""Create the vault that keeps a copy of each day, and the plan by which AWS Backup makes it."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import LEAST_KEEP_DAYS, Vault

# The fewest that AWS Backup takes; until then the lock can be taken away.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
UNLOCKED_DAYS = 3
# What AWS Backup may do for RDS, Aurora and S3; AWS keeps both in step with what it calls.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
_POLICIES = (
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForS3Backup",
)


class BackupVault(Construct):
    """A vault that outlives its stack, and a copy of `resources`, which are ARNs, in it each day."""

    def __init__(
        self, scope: Construct, id: str, *, choice: Vault, environment_name: str, resources: Sequence[str]
    ) -> None:
        super().__init__(scope, id)
        # The stack's id is in the name: a vault of before, which stays, must not stop a new one.
        stack_id = cdk.Fn.select(2, cdk.Fn.split("/", cdk.Stack.of(self).stack_id))
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=f"{environment_name}-{cdk.Fn.select(0, cdk.Fn.split('-', stack_id))}",
            # Nobody may, not even an administrator; the lock makes that final.
            block_recovery_point_deletion=True,
            lock_configuration=backup.LockConfiguration(
                min_retention=cdk.Duration.days(LEAST_KEEP_DAYS),
                changeable_for=cdk.Duration.days(UNLOCKED_DAYS),
            )
            if choice.locked
            else None,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        self.name = vault.backup_vault_name
        plan = backup.BackupPlan(
            self,
            "Plan",
            backup_vault=vault,
            backup_plan_rules=[
                backup.BackupPlanRule(
                    rule_name="daily",
                    schedule_expression=events.Schedule.cron(hour="5", minute="0"),
                    delete_after=cdk.Duration.days(choice.keep_days),
                )
            ],
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("backup.amazonaws.com"))
        for policy in _POLICIES:
            role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(policy))
            acknowledge(
                role,
                rule=f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{policy}]",
                reason="AWS Backup's own policy, which AWS keeps in step with the calls it makes.",
            )
        plan.add_selection(
            "Data",
            role=role,
            disable_default_backup_policy=True,
            resources=[backup.BackupResource.from_arn(arn) for arn in resources],
        )
