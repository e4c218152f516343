"""Check the controls of Amazon RDS, for clusters such as Aurora's."""

from tools.assembly import Properties
from tools.security.control import Finding, Findings, control
from tools.security.rds import BACKUP_DAYS, DEFAULT_NAMES
from tools.security.stack import Stack

_NO_CLUSTER = "no cluster of databases"


def _clusters(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::RDS::DBCluster")


def _on(stack: Stack, key: str, problem: str) -> Findings:
    for cluster, properties in _clusters(stack).items():
        yield Finding.of(cluster, properties.get(key) is True, problem)


@control("RDS.7", absent=_NO_CLUSTER)
def clusters_are_protected_from_deletion(stack: Stack) -> Findings:
    """Require that clusters are protected from deletion."""
    yield from _on(stack, "DeletionProtection", "one call deletes it")


@control("RDS.12", absent=_NO_CLUSTER)
def clusters_take_iam_logins(stack: Stack) -> Findings:
    """Require that clusters let people log in through IAM."""
    yield from _on(stack, "EnableIAMDatabaseAuthentication", "people need a password of their own")


@control("RDS.15", absent=_NO_CLUSTER)
def clusters_survive_a_zone(stack: Stack) -> Findings:
    """Require that clusters have instances in more zones than one."""
    members = [
        str(each["DBClusterIdentifier"])
        for each in stack.of_type("AWS::RDS::DBInstance").values()
        if "DBClusterIdentifier" in each
    ]
    for cluster in _clusters(stack):
        own = [each for each in members if f"'{cluster}'" in each]
        yield Finding.of(cluster, len(own) > 1, "it fails with its zone")


@control("RDS.16", absent=_NO_CLUSTER)
def snapshots_of_clusters_have_tags(stack: Stack) -> Findings:
    """Require that clusters copy their tags to snapshots."""
    yield from _on(stack, "CopyTagsToSnapshot", "its snapshots have no tags")


@control("RDS.24", absent=_NO_CLUSTER)
def administrators_of_clusters_have_another_name(stack: Stack) -> Findings:
    """Require that the administrators of clusters do not have the engine's default name."""
    for cluster, properties in _clusters(stack).items():
        name = str(properties.get("MasterUsername", "postgres"))
        yield Finding.of(cluster, name not in DEFAULT_NAMES, f"its administrator is {name}")


@control("RDS.27", absent=_NO_CLUSTER)
def clusters_are_encrypted(stack: Stack) -> Findings:
    """Require that clusters are encrypted at rest."""
    yield from _on(stack, "StorageEncrypted", "its storage is not encrypted")


@control("RDS.35", absent=_NO_CLUSTER)
def clusters_upgrade_minor_versions(stack: Stack) -> Findings:
    """Require that clusters take minor versions by themselves."""
    yield from _on(stack, "AutoMinorVersionUpgrade", "it waits for somebody to patch it")


@control("RDS.37", absent=_NO_CLUSTER)
def aurora_sends_its_log(stack: Stack) -> Findings:
    """Require that Aurora sends PostgreSQL's log to CloudWatch."""
    for cluster, properties in _clusters(stack).items():
        sent = properties.get("EnableCloudwatchLogsExports", [])
        yield Finding.of(cluster, "postgresql" in sent, "its log is on its own disk alone")


@control("RDS.50", absent=_NO_CLUSTER)
def clusters_have_backups(stack: Stack) -> Findings:
    """Require that clusters keep backups for seven days or more."""
    for cluster, properties in _clusters(stack).items():
        days = int(properties.get("BackupRetentionPeriod", 1))
        yield Finding.of(cluster, days >= BACKUP_DAYS, f"backups are kept for {days} days")
