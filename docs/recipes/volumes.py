"""Volumes: mount a file system that all tasks share (EFS), or a disk of its own in each task (EBS).

For uploads that several tasks read, and for scratch space that is larger than the 200 GiB of
`tasks.ephemeral_storage_gib`, or faster. EFS costs $0.30 per GB and month, an EBS disk of 100 GiB about $8
per task and month. https://aws.amazon.com/efs/pricing/ https://aws.amazon.com/ebs/pricing/ Not for a
database. Not for files that could be in S3, which needs no mount.

    if stack.parameters.name == "prod":
        share_files(stack, path="/data")
        add_disk(stack, path="/scratch", gib=100)

The files belong to the service's user. EFS encrypts them on disk and in transit, and only the task's role
may mount the file system. It is backed up daily, and stays after `cdk destroy` where `removal` is "retain".
An EBS disk is empty when its task starts, and is deleted with it.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
"""

from aws_cdk import RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam

from infra.acknowledge import acknowledge
from infra.stack import WebStack
from infra.task import USER_ID

# https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
_LARGEST_DISK_GIB = 16384


def share_files(stack: WebStack, *, path: str, read_only: bool = False) -> efs.FileSystem:
    """Mount one file system at `path` in every task; raises ValueError for a path that cannot be mounted."""
    _check(path)
    keep = stack.parameters.removal == "retain"
    group = ec2.SecurityGroup(
        stack,
        "FilesGroup",
        vpc=stack.network.vpc,
        allow_all_outbound=False,
        description="The files: reached by the tasks alone",
    )
    files = efs.FileSystem(
        stack,
        "Files",
        vpc=stack.network.vpc,
        vpc_subnets=stack.network.task_subnets,
        security_group=group,
        encrypted=True,
        enable_automatic_backups=True,
        throughput_mode=efs.ThroughputMode.ELASTIC,
        # Leaves the policy as given; otherwise the CDK lets everybody write who may mount.
        allow_anonymous_access=True,
        file_system_policy=_policy(stack.task.definition.task_role, read_only=read_only),
        removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
    )
    owner = str(USER_ID)
    way_in = efs.AccessPoint(
        stack,
        "FilesAccess",
        file_system=files,
        path="/service",
        posix_user=efs.PosixUser(uid=owner, gid=owner),
        create_acl=efs.Acl(owner_uid=owner, owner_gid=owner, permissions="750"),
    )
    stack.task.definition.add_volume(
        name="files",
        efs_volume_configuration=ecs.EfsVolumeConfiguration(
            file_system_id=files.file_system_id,
            transit_encryption="ENABLED",
            authorization_config=ecs.AuthorizationConfig(
                access_point_id=way_in.access_point_id, iam="ENABLED"
            ),
        ),
    )
    stack.task.web.add_mount_points(
        ecs.MountPoint(container_path=path, source_volume="files", read_only=read_only)
    )
    files.connections.allow_default_port_from(stack.web.service, "Tasks to files")
    # Otherwise the first tasks would find nothing to mount.
    stack.web.service.node.add_dependency(files.mount_targets_available)
    return files


def add_disk(stack: WebStack, *, path: str, gib: int) -> ecs.ServiceManagedVolume:
    """Give each task a disk of its own at `path`; raises ValueError for a wrong size or path."""
    _check(path)
    if not 1 <= gib <= _LARGEST_DISK_GIB:
        raise ValueError(f"gib is {gib}: EBS has disks of 1 to {_LARGEST_DISK_GIB}")
    disk = ecs.ServiceManagedVolume(
        stack,
        "Disk",
        name="disk",
        managed_ebs_volume=ecs.ServiceManagedEBSVolumeConfiguration(
            size=Size.gibibytes(gib),
            encrypted=True,
            volume_type=ec2.EbsDeviceVolumeType.GP3,
            file_system_type=ecs.FileSystemType.XFS,
            tag_specifications=[ecs.EBSTagSpecification(propagate_tags=ecs.EbsPropagatedTagSource.SERVICE)],
        ),
    )
    stack.task.definition.add_volume(name=disk.name, configured_at_launch=True)
    disk.mount_in(stack.task.web, container_path=path, read_only=False)
    stack.web.service.add_volume(disk)
    acknowledge(
        disk,
        rule=(
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
            "service-role/AmazonECSInfrastructureRolePolicyForVolumes]"
        ),
        reason="The policy that AWS keeps for ECS to make and attach disks.",
    )
    return disk


def _policy(role: iam.IRole, *, read_only: bool) -> iam.PolicyDocument:
    actions = ["ClientMount"] if read_only else ["ClientMount", "ClientWrite"]
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                principals=[role],
                actions=[f"elasticfilesystem:{action}" for action in actions],
                conditions={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            ),
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["*"],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
        ]
    )


def _check(path: str) -> None:
    if not path.startswith("/") or path in ("/", "/tmp"):  # noqa: S108 (a path in the task)
        raise ValueError(f"path is '{path}': give a folder from the root on, other than /tmp, such as /data")
