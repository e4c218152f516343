"""List changes as a team makes them, one commit each, with the verdict that each environment should get."""

from typing import NamedTuple

from workshop.review_page import SAMPLE, Edit

ENVIRONMENTS = "infra/environments.py"
SERVICE = "infra/compute/web_service.py"
NEW_ENVIRONMENT = """
DEMO = Environment(name="demo", tasks=Tasks(min=1, max=1), removal="destroy")

ENVIRONMENTS = (DEV, STAGING, PROD, DEMO)
"""
ROUTE = '''

@bp.get("/api/seeded")
def seeded() -> dict[str, str]:
    """A route that a commit adds."""
    return {"seeded": "yes"}
'''
WIDER = """\
        self.security_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))
        task.definition.task_role.add_managed_policy(_ADMIN)
"""
ADMIN = """
from aws_cdk import aws_iam as iam

_ADMIN = iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess")
"""


class Seed(NamedTuple):
    """A commit on `base`, and the verdict it should get for each environment."""

    edits: tuple[Edit, ...]
    verdicts: dict[str, str]
    base: str = "base"


# A change of every environment is reviewed in a repository with prod alone, which is quicker.
PROD_ALONE = "prod-alone"
ALONE = Edit(ENVIRONMENTS, "(DEV, STAGING, PROD)", "(PROD,)")


# One environment alone, on AWS and in two other places.
ABROAD = "abroad"
BESIDE_AWS = """
from infra.parameters import Azure, Google

PORTABLE = Environment(
    name="portable",
    tasks=Tasks(cpu=1024, memory_mib=2048, architecture="X86_64"),
    removal="destroy",
)
ENVIRONMENTS = (PORTABLE,)
ELSEWHERE = {
    "portable": (
        Google(project="acme-shop", region="europe-west1"),
        Azure(
            subscription="00000000-0000-0000-0000-000000000001",
            resource_group="shop",
            location="westeurope",
            registry="acmeshop",
        ),
    )
}
"""
# Where seeds begin that do not begin at the repository as it is.
BASES = {
    PROD_ALONE: ALONE,
    ABROAD: Edit(ENVIRONMENTS, "\nENVIRONMENTS = (DEV, STAGING, PROD)\n", BESIDE_AWS),
}


def everywhere(verdict: str) -> dict[str, str]:
    return dict.fromkeys(("dev", "staging", "prod"), verdict)


SEEDS = {
    "comment only": Seed((Edit("infra/network/network.py", "", "# A comment.\n"),), everywhere("no change")),
    "test only": Seed(
        (Edit("tests/test_seeded.py", "", "def test_nothing() -> None: ...\n"),),
        everywhere("no change"),
    ),
    "memory, min tasks, log retention": Seed(
        (
            Edit(ENVIRONMENTS, "cpu=256, memory_mib=512", "cpu=256, memory_mib=1024"),
            Edit(ENVIRONMENTS, "min=2, max=4", "min=1, max=4"),
            Edit(ENVIRONMENTS, "log_days=30", "log_days=14"),
        ),
        {"dev": "safe", "staging": "look", "prod": "look"},
    ),
    "public to private, longest request, a shell": Seed(
        SAMPLE, {"dev": "look", "staging": "dangerous", "prod": "look"}
    ),
    "load balancer renamed": Seed(
        (Edit("infra/front_door/own.py", '"LoadBalancer",', '"Balancer",'),),
        {"prod": "dangerous"},
        PROD_ALONE,
    ),
    "route added to the app": Seed((Edit("service/app/api.py", "", ROUTE),), {"prod": "safe"}, PROD_ALONE),
    "security group and role widened": Seed(
        (
            Edit(
                "infra/compute/web_service.py",
                "        # No desired count:",
                f"{WIDER}        # No desired count:",
            ),
            Edit("infra/compute/web_service.py", "\n\nclass WebService", f"{ADMIN}\n\nclass WebService"),
        ),
        {"prod": "dangerous"},
        PROD_ALONE,
    ),
    "new environment": Seed(
        (Edit(ENVIRONMENTS, "\nENVIRONMENTS = (DEV, STAGING, PROD)\n", NEW_ENVIRONMENT),),
        {**everywhere("no change"), "demo": "look"},
    ),
    "renamed and removed environment": Seed(
        (
            Edit(ENVIRONMENTS, 'name="staging",', 'name="qa",'),
            Edit(ENVIRONMENTS, "(DEV, STAGING, PROD)", "(STAGING, PROD)"),
        ),
        {"qa": "dangerous", "prod": "no change", "dev": "look", "staging": "look"},
    ),
    "dependency of the service": Seed(
        (
            Edit("service/requirements.txt", "\nflask==3", "\nflask==2"),
            Edit("requirements.txt", "\nflask==3", "\nflask==2"),
        ),
        {"prod": "safe"},
        PROD_ALONE,
    ),
    "a variable, and another region of Google": Seed(
        (
            Edit(
                ENVIRONMENTS,
                '    name="portable",',
                '    name="portable",\n    variables={"GREETING": "hello"},',
            ),
            Edit(ENVIRONMENTS, "europe-west1", "europe-west4"),
        ),
        {"portable": "look", "portable on Cloud Run": "dangerous", "portable on Container Apps": "safe"},
        ABROAD,
    ),
    "dependency of the synth": Seed(
        (Edit("requirements.txt", "\naws-cdk-lib==2.275.0", "\naws-cdk-lib==2.274.0"),),
        {"prod": "look"},
        PROD_ALONE,
    ),
}
