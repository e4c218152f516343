"""Let a browser send one file to the bucket for uploads by itself: not a byte of it goes through the app."""

import importlib
import os
from typing import Any, NamedTuple


class Post(NamedTuple):
    """Tell where a form sends its file, and the fields that it has before the file."""

    url: str
    fields: dict[str, str]


def presigned_post(key: str, *, content_type: str, seconds: int = 300) -> Post:
    """Return a form for one file of this key and type, of no more bytes than the environment allows.

    S3 refuses any other, and the same one after so many seconds. Raises ValueError for a type that the
    environment does not allow, RuntimeError where there is no bucket.
    """
    try:
        bucket, most, types = (
            os.environ[f"UPLOADS_{each}"] for each in ("BUCKET", "MAX_BYTES", "CONTENT_TYPES")
        )
    except KeyError as error:
        raise RuntimeError(
            f"{error.args[0]} is not set: give the environment uploads=Uploads() (docs/uploads.md)"
        ) from None
    allowed = types.split(",")
    if content_type not in allowed:
        raise ValueError(f"content_type is {content_type!r}: allowed are {', '.join(allowed)}")
    conditions = [["content-length-range", 1, int(most)], {"Content-Type": content_type}]
    made = _client().generate_presigned_post(
        Bucket=bucket,
        Key=key,
        Fields={"Content-Type": content_type},
        Conditions=conditions,
        ExpiresIn=seconds,
    )
    return Post(made["url"], made["fields"])


def _client() -> Any:
    """Return a client of S3 that signs for the bucket's own region, from where S3 redirects no form."""
    try:
        boto3 = importlib.import_module("boto3")
        config = importlib.import_module("botocore.config").Config
    except ModuleNotFoundError:
        raise RuntimeError("there is no boto3: add it to service/requirements.in, then make lock") from None
    region = os.environ.get("AWS_REGION", "")
    if os.environ.get("AWS_ENDPOINT_URL"):  # the local cloud
        return boto3.client("s3", region_name=region, config=config(signature_version="s3v4"))
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=f"https://s3.{region}.amazonaws.com",
        config=config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
