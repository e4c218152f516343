"""Define the repository whose jobs may deploy, and the account of the images."""

from typing import Annotated

from pydantic import Field

from infra.parameters.formats import AccountId, PolicyName, Region
from infra.parameters.model import Parameters, matching

# https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
Repository = Annotated[
    str,
    matching(
        r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+|[A-Za-z0-9-]+@\d+/[A-Za-z0-9._-]+@\d+",
        "OWNER/REPOSITORY, or OWNER@ID/REPOSITORY@ID where the tokens of the repository say so",
    ),
]
Project = Annotated[str, matching(r"[\w.-]+(/[\w.-]+)+", "GROUP/PROJECT")]
Branch = Annotated[str, matching(r"[\w./-]+", "the name of one branch such as main")]
Host = Annotated[str, matching(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a host such as gitlab.com")]


class GitHub(Parameters):
    """A repository on GitHub, with its workflows in .github/workflows."""

    repository: Repository = Field(
        description="OWNER/REPOSITORY as in its tokens; docs/pipeline.md has a command that shows it"
    )
    branch: Branch = Field(default="main", description="the only branch that is deployed")

    host: Host = Field(
        default="token.actions.githubusercontent.com", description="host that signs the tokens of jobs"
    )
    audience: str = Field(default="sts.amazonaws.com", description="audience of the tokens")

    @property
    def on_branch(self) -> str:
        """Return the subject of a job's token on the branch that is deployed."""
        return f"repo:{self.repository}:ref:refs/heads/{self.branch}"

    @property
    def on_pull_request(self) -> str | None:
        """Return the subject of a pull request's job; jobs of forks get no token at all."""
        return f"repo:{self.repository}:pull_request"

    def on_environment(self, name: str) -> str:
        """Return the subject of a job that has passed the protection rules of this environment."""
        return f"repo:{self.repository}:environment:{name}"


class GitLab(Parameters):
    """A project on GitLab, with the pipeline of docs/gitlab-ci.yml and without previews."""

    project: Project = Field(description="GROUP/PROJECT")
    branch: Branch = Field(default="main", description="the only branch that is deployed; protect it")
    host: Host = Field(default="gitlab.com", description="host that signs the tokens of jobs")
    audience: str = Field(default="sts.amazonaws.com", description="audience of the tokens")

    # https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
    @property
    def on_branch(self) -> str:
        """Return the subject of a job's token on the branch that is deployed."""
        return f"project_path:{self.project}:ref_type:branch:ref:{self.branch}"

    @property
    def on_pull_request(self) -> str | None:
        """Return None: a merge request's token has the subject of its branch, which may be any."""
        return None

    def on_environment(self, name: str) -> str:  # noqa: ARG002 (GitLab's subjects have no environment)
        """Return the branch's subject: GitLab itself guards protected environments."""
        return self.on_branch


class Pipeline(Parameters):
    """The repository whose jobs may deploy the environments, and the account of their images."""

    source: GitHub | GitLab = Field(description="GitHub or GitLab repository whose tokens AWS trusts")
    account: AccountId | None = Field(
        default=None, description="account of the images; by default the account of your credentials"
    )
    region: Region = Field(default="eu-west-1", description="region of the images")
    releases_kept: int = Field(
        default=100,
        ge=10,
        le=1000,
        description="number of images kept, and so the oldest release to roll back to",
    )
    provider_exists: bool = Field(
        default=False, description="use the OIDC provider that the account has; an account can have only one"
    )
    permissions_boundary: PolicyName | None = Field(
        default=None,
        description="name of an IAM policy in the account that limits every role of the pipeline",
    )
