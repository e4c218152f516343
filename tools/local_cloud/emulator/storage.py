"""Empty a bucket before CloudFormation deletes it, in place of the CDK's custom resource."""

from ministack.services import s3

from tools.local_cloud.emulator.resources import Props, register


def _empty_bucket(_physical_id: str, props: Props) -> None:
    s3._buckets.get(props["BucketName"], {}).get("objects", {}).clear()


def install() -> None:
    """Register the type without its Lambda function, whose SDK this machine does not have."""
    register(
        "Custom::S3AutoDeleteObjects",
        create=lambda logical_id, _props, _stack: (logical_id, {}),
        delete=_empty_bucket,
        update=lambda physical_id, _old, _new, _stack: (physical_id, {}),
    )
