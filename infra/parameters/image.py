"""Image: built by the deployment, or one that is there already."""

from typing import Annotated

from pydantic import Field

from infra.parameters.formats import SecretArn
from infra.parameters.model import Parameters, matching

Digest = Annotated[str, matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits")]
Repository = Annotated[
    str,
    matching(
        r"[a-z0-9.-]+\.[a-z]+(:\d+)?/[a-z0-9._/-]+",
        "a registry and a name such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web",
    ),
]


class BuildImage(Parameters):
    """`cdk deploy` builds service/Dockerfile and pushes it; nothing changes, nothing is built."""

    target: str | None = Field(default=None, description="stage of the Dockerfile; by default the last")
    build_args: dict[str, str] = Field(default_factory=dict, description="of the Dockerfile, such as BASE")
    github_cache: bool = Field(default=False, description="layers are kept in the cache of GitHub Actions")


class ImageByDigest(Parameters):
    """An image that CI has built and tested once: the same bytes in every environment.

    `cdk deploy -c image=REPOSITORY@DIGEST` sets it for all environments at once.
    """

    repository: Repository = Field(description="without a tag")
    digest: Digest = Field(description="what the registry calls these bytes")
    credentials_secret_arn: SecretArn | None = Field(
        default=None, description="of a registry other than ECR: username and password as JSON"
    )

    @classmethod
    def parse(cls, reference: str) -> "ImageByDigest":
        """From REPOSITORY@DIGEST; raises ValidationError when it is not one."""
        repository, _, digest = reference.partition("@")
        return cls(repository=repository, digest=digest)


Image = BuildImage | ImageByDigest
