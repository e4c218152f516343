"""Create the roles of the pipeline in one account, with who may assume each, and the images."""

from collections.abc import Iterable, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import PREVIEW_STACKS, Environment, Pipeline
from infra.pipeline import looking, rights
from infra.pipeline.bootstrapped import Bootstrapped
from infra.pipeline.images import Images
from infra.pipeline.previews import Previews
from infra.pipeline.wildcards import accept_wildcards

_NAMED_AFTER = "Names that CloudFormation makes end in what nobody knows before; they begin with the stack's."
_WILDCARDS = {
    "prepare": "The bucket's files are named after what is in them; a stack's ARN ends in an id.",
    "deploy": f"{_NAMED_AFTER} ecs:DescribeTaskDefinition knows no resources.",
    "drift": "It reads how resources are set up, not what is in them; most of these calls know no resources.",
    "preview": f"{_NAMED_AFTER} cloudformation:ListStacks knows no resources.",
    "operator": f"{_NAMED_AFTER} It only reads; the calls on all resources know none, or none by name.",
}


class PipelineStack(cdk.Stack):
    """Roles for the environments of one account and, in the account of the images, their ECR repository.

    The output `Settings` is JSON with the names that the workflows need.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pipeline: Pipeline,
        account: str | None,
        region: str,
        environments: Sequence[Environment],
        preview: Environment | None,
        readers: Sequence[str],
        holds_images: bool,
    ) -> None:
        """Create the roles; `preview` is an example of a preview, if this account has them.

        `readers` are other accounts, whose tasks pull the images.
        """
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=account, region=region),
            termination_protection=True,
            description="Roles and images of the pipeline of flask-fargate",
            permissions_boundary=(
                cdk.PermissionsBoundary.from_name(pipeline.permissions_boundary)
                if pipeline.permissions_boundary
                else None
            ),
        )
        self._source = pipeline.source
        self._provider_arn = self._provider(exists=pipeline.provider_exists)
        settings: dict[str, object] = {}
        if environments:
            settings["environments"] = self._environments(environments)
        if holds_images:
            settings["images"] = self._images(pipeline, readers)
        on_pull_request = self._source.on_pull_request
        if preview and on_pull_request:
            settings["previews"] = self._previews(preview, on_pull_request)
        cdk.CfnOutput(self, "Settings", value=self.to_json_string(settings))

    def _provider(self, *, exists: bool) -> str:
        if exists:
            return self.format_arn(
                service="iam", region="", resource="oidc-provider", resource_name=self._source.host
            )
        # No thumbprint: AWS trusts the certificate authorities of GitHub and GitLab by itself.
        return iam.OidcProviderNative(
            self,
            "Provider",
            url=f"https://{self._source.host}",
            client_ids=[self._source.audience],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        ).oidc_provider_arn

    def _environments(self, environments: Sequence[Environment]) -> dict[str, object]:
        branch = self._source.on_branch
        settings: dict[str, object] = {}
        for environment in environments:
            # That of its data too, before there is one: a database that comes later needs no new roles.
            stacks = [
                rights.stack_arn(self, environment.region, each)
                for each in (environment.stack_name, environment.data_stack_name)
            ]
            name = environment.name.title().replace("-", "")
            roles = {
                "prepare": self._role(
                    f"Prepare{name}",
                    "prepare",
                    [branch],
                    rights.prepare(Bootstrapped.for_environment(self, environment), stacks),
                ),
                "deploy": self._role(
                    f"Deploy{name}",
                    "deploy",
                    [self._source.on_environment(environment.name)],
                    [*rights.execute(stacks), *rights.roll_back(self, environment)],
                ),
                "drift": self._role(f"Drift{name}", "drift", [branch], rights.find_drift(stacks)),
            }
            arns = {kind: role.role_arn for kind, role in roles.items()}
            settings[environment.name] = {"region": environment.region, **arns}
            self._operator(name, environment)
        return settings

    def _operator(self, name: str, environment: Environment) -> None:
        """Create the role of those who only look: whoever the account lets take it, a person or an agent."""
        role = iam.Role(
            self,
            f"Operator{name}",
            description=f"operator: looks at {environment.name} and changes nothing",
            assumed_by=iam.AccountPrincipal(self.account),
        )
        self._grant(role, "operator", looking.look(self, environment))
        cdk.CfnOutput(self, f"Operator{name}Role", value=role.role_arn)

    def _images(self, pipeline: Pipeline, readers: Sequence[str]) -> dict[str, object]:
        images = Images(self, "Images", releases_kept=pipeline.releases_kept, readers=list(readers))
        role = self._role("PushImages", "images", [self._source.on_branch])
        images.repository.grant_pull_push(role)
        acknowledge(
            role,
            rule="AwsSolutions-IAM5[Resource::*]",
            reason="ecr:GetAuthorizationToken knows no resources; all else in the role names its own.",
        )
        return {"region": self.region, "repository": images.repository.repository_uri, "role": role.role_arn}

    def _previews(self, preview: Environment, on_pull_request: str) -> dict[str, object]:
        Previews(self, "Previews", preview=preview)
        stacks = [rights.stack_arn(self, preview.region, PREVIEW_STACKS)]
        role = self._role(
            "DeployPreviews",
            "preview",
            # The nightly job that deletes old previews runs on the branch.
            [on_pull_request, self._source.on_branch],
            [
                *rights.prepare(Bootstrapped.for_environment(self, preview), stacks),
                *rights.execute(stacks),
                *rights.remove(stacks),
            ],
        )
        return {"region": preview.region, "role": role.role_arn}

    def _role(
        self, id: str, kind: str, subjects: list[str], statements: Iterable[iam.PolicyStatement] = ()
    ) -> iam.Role:
        host = self._source.host
        role = iam.Role(
            self,
            id,
            description=f"{kind}: taken by {' or '.join(subjects)}",
            # A rolling deployment of many tasks takes longer than the default of one hour.
            max_session_duration=cdk.Duration.hours(2),
            assumed_by=iam.WebIdentityPrincipal(
                self._provider_arn,
                {"StringEquals": {f"{host}:aud": self._source.audience, f"{host}:sub": subjects}},
            ),
        )
        self._grant(role, kind, statements)
        return role

    def _grant(self, role: iam.Role, kind: str, statements: Iterable[iam.PolicyStatement]) -> None:
        granted = list(statements)
        for statement in granted:
            role.add_to_policy(statement)
        accept_wildcards(role, granted, reason=_WILDCARDS.get(kind, ""))
