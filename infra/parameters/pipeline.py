"""Pipeline: who may deploy, and where images are kept."""

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
    """A repository on GitHub; its workflows are in .github/workflows."""

    repository: Repository = Field(description="as its tokens say: docs/pipeline.md has the command")
    branch: Branch = Field(default="main", description="the only one that is deployed")

    host: Host = Field(default="token.actions.githubusercontent.com", description="who signs its tokens")
    audience: str = Field(default="sts.amazonaws.com", description="whom its tokens are for")

    @property
    def on_branch(self) -> str:
        """The subject of a job on the branch that is deployed."""
        return f"repo:{self.repository}:ref:refs/heads/{self.branch}"

    @property
    def on_pull_request(self) -> str | None:
        """The subject of a job of a pull request; forks get no token at all."""
        return f"repo:{self.repository}:pull_request"

    def on_environment(self, name: str) -> str:
        """The subject of a job that has passed what protects this environment."""
        return f"repo:{self.repository}:environment:{name}"


class GitLab(Parameters):
    """A project on GitLab; docs/gitlab-ci.yml is its pipeline. It has no previews."""

    project: Project = Field(description="its path")
    branch: Branch = Field(default="main", description="the only one that is deployed; protect it")
    host: Host = Field(default="gitlab.com", description="who signs its tokens")
    audience: str = Field(default="sts.amazonaws.com", description="whom its tokens are for")

    # https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
    @property
    def on_branch(self) -> str:
        """The subject of a job on the branch that is deployed."""
        return f"project_path:{self.project}:ref_type:branch:ref:{self.branch}"

    @property
    def on_pull_request(self) -> str | None:
        """None: a merge request's token has the subject of whatever branch it is of."""
        return None

    def on_environment(self, name: str) -> str:  # noqa: ARG002 (GitLab's subjects do not know it)
        """As on the branch: GitLab itself keeps jobs from an environment that is protected."""
        return self.on_branch


class Pipeline(Parameters):
    """Who may deploy the environments, and where their images are kept."""

    source: GitHub | GitLab = Field(description="whose tokens are trusted")
    account: AccountId | None = Field(default=None, description="of the images; else your credentials'")
    region: Region = Field(default="eu-west-1", description="of the images")
    releases_kept: int = Field(default=100, ge=10, le=1000, description="images, so far back go rollbacks")
    provider_exists: bool = Field(
        default=False, description="the account has the OIDC provider already; an account can have it once"
    )
    permissions_boundary: PolicyName | None = Field(
        default=None, description="a managed policy of the account that limits every role made here"
    )
