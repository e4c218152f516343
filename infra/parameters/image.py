"""Define the image: built during the deployment, or an existing one by its digest."""

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
    """An image that `cdk deploy` builds from service/Dockerfile and pushes, if its files have changed."""

    target: str | None = Field(default=None, description="stage of the Dockerfile; by default its last")
    build_args: dict[str, str] = Field(
        default_factory=dict, description="build arguments of the Dockerfile, such as BASE"
    )
    github_cache: bool = Field(default=False, description="keep layers in the cache of GitHub Actions")


class ImageByDigest(Parameters):
    """An image that CI has built and tested once, the same bytes for every environment.

    `cdk deploy -c image=REPOSITORY@DIGEST` sets it for all environments at once.
    """

    repository: Repository = Field(description="registry and name, without a tag")
    digest: Digest = Field(description="sha256 digest of the image")
    credentials_secret_arn: SecretArn | None = Field(
        default=None, description="secret with username and password as JSON, for a registry other than ECR"
    )

    @classmethod
    def parse(cls, reference: str) -> "ImageByDigest":
        """Return the image of REPOSITORY@DIGEST; raises ValidationError for any other text."""
        repository, _, digest = reference.partition("@")
        return cls(repository=repository, digest=digest)


Image = BuildImage | ImageByDigest
