"""Build the service's image from its source, or pull it by its digest."""

import re
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.parameters import BuildImage, ImageByDigest, TaskFields

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<name>.+)"
)
_VERSION_LENGTH = 12
_TRACING_LOCK = "requirements-tracing.txt"
PLATFORMS = {"ARM64": ecr_assets.Platform.LINUX_ARM64, "X86_64": ecr_assets.Platform.LINUX_AMD64}


class ServiceImage(Construct):
    """The service's image; `version` changes exactly when the content of `image` changes."""

    def __init__(self, scope: Construct, id: str, *, parameters: TaskFields, source: Path) -> None:
        super().__init__(scope, id)
        choice = parameters.image
        if isinstance(choice, BuildImage):
            asset = self._build(choice, source, parameters)
            self.image: ecs.ContainerImage = ecs.ContainerImage.from_docker_image_asset(asset)
            self.version = asset.asset_hash[:_VERSION_LENGTH]
        else:
            self.image = self._take(choice)
            self.version = choice.digest.removeprefix("sha256:")[:_VERSION_LENGTH]

    def _build(self, choice: BuildImage, source: Path, parameters: TaskFields) -> ecr_assets.DockerImageAsset:
        # OpenTelemetry's packages are installed only where requests are traced.
        tracing = {"REQUIREMENTS": _TRACING_LOCK} if parameters.trace_percent else {}
        if tracing and not (source / _TRACING_LOCK).is_file():
            raise ValueError(
                f"trace_percent={parameters.trace_percent:g} needs service/{_TRACING_LOCK}, which is missing:"
                " run `make lock`, which makes it or says which packages of the app stand against it, or set"
                " trace_percent=0"
            )
        cache = (
            ecr_assets.DockerCacheOption(type="gha", params={"mode": "max"}) if choice.github_cache else None
        )
        return ecr_assets.DockerImageAsset(
            self,
            "Asset",
            directory=str(source),
            platform=PLATFORMS[parameters.tasks.architecture],
            target=choice.target,
            build_args={**tracing, **choice.build_args} or None,
            cache_from=[ecr_assets.DockerCacheOption(type="gha")] if cache else None,
            cache_to=cache,
        )

    def _take(self, choice: ImageByDigest) -> ecs.ContainerImage:
        in_ecr = _ECR.fullmatch(choice.repository)
        if not in_ecr:
            secret = choice.credentials_secret_arn
            return ecs.ContainerImage.from_registry(
                f"{choice.repository}@{choice.digest}",
                credentials=secretsmanager.Secret.from_secret_complete_arn(self, "Credentials", secret)
                if secret
                else None,
            )
        repository = ecr.Repository.from_repository_attributes(
            self,
            "Repository",
            repository_name=in_ecr["name"],
            repository_arn=Stack.of(self).format_arn(
                service="ecr",
                region=in_ecr["region"],
                account=in_ecr["account"],
                resource="repository",
                resource_name=in_ecr["name"],
            ),
        )
        return ecs.ContainerImage.from_ecr_repository(repository, choice.digest)
