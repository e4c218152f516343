"""Define the uploads: a bucket for files that the app's users send."""

from typing import Annotated

from pydantic import Field

from infra.parameters.model import Parameters, matching

# What the service reads of its uploads: service/kit/uploads.py.
UPLOADS_VARIABLES = ("UPLOADS_BUCKET", "UPLOADS_MAX_BYTES", "UPLOADS_CONTENT_TYPES")
ContentType = Annotated[str, matching(r"[a-z]+/[a-z0-9.+-]+", "a type such as image/png, without parameters")]


class Uploads(Parameters):
    """A private bucket of S3 in `Data-<environment>`, to which browsers send files; docs/uploads.md."""

    max_mib: int = Field(
        default=10, ge=1, le=5120, description="largest file; S3 takes no more than 5 GiB in one request"
    )
    content_types: tuple[ContentType, ...] = Field(
        default=("image/jpeg", "image/png", "image/webp", "application/pdf"),
        min_length=1,
        description="types that a browser may name; what is in the file, S3 does not look at",
    )
    expire_days: int | None = Field(
        default=None, ge=1, le=3650, description="days after which files are deleted; by default never"
    )
    deleted_days: int = Field(
        default=30, ge=1, le=365, description="days that deleted and overwritten files can be brought back"
    )
