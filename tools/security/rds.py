"""Check the controls of Amazon RDS, for instances."""

from tools.assembly import Properties
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_DATABASE = "no database"
# The defaults of engines, which scans try first, and the names that every guess begins with.
# https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-23
_DEFAULT_PORTS = {"1433", "1521", "3306", "5432"}
DEFAULT_NAMES = {"admin", "postgres"}
BACKUP_DAYS = 7


def _every_instance(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::RDS::DBInstance")


def _instances(stack: Stack) -> dict[str, Properties]:
    # What an instance of a cluster has not, the cluster has: rds_clusters.py.
    return {name: each for name, each in _every_instance(stack).items() if "DBClusterIdentifier" not in each}


def _on(stack: Stack, key: str, problem: str) -> Findings:
    for instance, properties in _instances(stack).items():
        yield Finding.of(instance, properties.get(key) is True, problem)


@control("RDS.2", absent=_NO_DATABASE)
def databases_have_no_public_address(stack: Stack) -> Findings:
    """Require that databases have no public address."""
    for instance, properties in _every_instance(stack).items():
        yield Finding.of(
            instance, properties.get("PubliclyAccessible") is False, "it may have a public address"
        )


@control("RDS.3", absent=_NO_DATABASE)
def databases_are_encrypted(stack: Stack) -> Findings:
    """Require that databases are encrypted at rest."""
    yield from _on(stack, "StorageEncrypted", "its storage is not encrypted")


@control("RDS.5", absent=_NO_DATABASE)
def databases_survive_a_zone(stack: Stack) -> Findings:
    """Require that databases have an instance in another zone."""
    yield from _on(stack, "MultiAZ", "it fails with its zone")


@control("RDS.6", absent=_NO_DATABASE)
def databases_have_enhanced_monitoring(stack: Stack) -> Findings:
    """Require that databases have enhanced monitoring."""
    for instance, properties in _every_instance(stack).items():
        yield Finding.of(instance, properties.get("MonitoringInterval"), "its system is not measured")


@control("RDS.8", absent=_NO_DATABASE)
def databases_are_protected_from_deletion(stack: Stack) -> Findings:
    """Require that databases are protected from deletion."""
    yield from _on(stack, "DeletionProtection", "one call deletes it")


@control("RDS.9", absent=_NO_DATABASE)
def databases_send_their_logs(stack: Stack) -> Findings:
    """Require that databases send their logs to CloudWatch."""
    for instance, properties in _instances(stack).items():
        sent = {*properties.get("EnableCloudwatchLogsExports", [])}
        yield Finding.of(instance, sent, "its log is on its own disk alone")


@control("RDS.10", absent=_NO_DATABASE)
def databases_take_iam_logins(stack: Stack) -> Findings:
    """Require that databases let people log in through IAM."""
    yield from _on(stack, "EnableIAMDatabaseAuthentication", "people need a password of their own")


@control("RDS.11", absent=_NO_DATABASE)
def databases_have_backups(stack: Stack) -> Findings:
    """Require that databases keep backups for seven days or more."""
    for instance, properties in _instances(stack).items():
        days = int(properties.get("BackupRetentionPeriod", 1))
        yield Finding.of(instance, days >= BACKUP_DAYS, f"backups are kept for {days} days")


@control("RDS.13", absent=_NO_DATABASE)
def databases_upgrade_minor_versions(stack: Stack) -> Findings:
    """Require that databases take minor versions by themselves."""
    yield from _on(stack, "AutoMinorVersionUpgrade", "it waits for somebody to patch it")


@control("RDS.17", absent=_NO_DATABASE)
def snapshots_have_tags(stack: Stack) -> Findings:
    """Require that databases copy their tags to snapshots."""
    yield from _on(stack, "CopyTagsToSnapshot", "its snapshots have no tags")


@control("RDS.23", absent=_NO_DATABASE)
def databases_use_another_port(stack: Stack) -> Findings:
    """Require that databases do not use their engine's default port."""
    for instance, properties in _instances(stack).items():
        port = str(properties.get("Port", "5432"))
        yield Finding.of(instance, port not in _DEFAULT_PORTS, f"its port is {port}")


@control("RDS.25", absent=_NO_DATABASE)
def administrators_have_another_name(stack: Stack) -> Findings:
    """Require that the administrators of databases do not have the engine's default name."""
    for instance, properties in _instances(stack).items():
        name = str(properties.get("MasterUsername", "postgres"))
        yield Finding.of(instance, name not in DEFAULT_NAMES, f"its administrator is {name}")


@control("RDS.36", absent=_NO_DATABASE)
def postgres_sends_its_log(stack: Stack) -> Findings:
    """Require that PostgreSQL sends its own log to CloudWatch."""
    for instance, properties in _instances(stack).items():
        if properties.get("Engine") == "postgres":
            sent = properties.get("EnableCloudwatchLogsExports", [])
            yield Finding.of(instance, "postgresql" in sent, "its log is on its own disk alone")
