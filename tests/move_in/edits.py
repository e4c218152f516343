"""Do to a checkout what README and docs tell a team that moves in."""

import re
import shutil
from pathlib import Path

from tests.checkout import ROOT

FOREIGN = Path(__file__).parent / "foreign"
# The rows of the README's table, and what `make lock` writes.
ROOMS = (
    "infra/environments.py",
    "infra/additions.py",
    "infra/accepted.py",
    "infra/recipes/",
    "service/app/",
    "service/src/",
    "service/requirements.in",
    "service/requirements",
    "service/apt-packages.txt",
    "tests/app/",
    "README.md",
)
ACCEPTED = """
ACCEPTED: tuple[Accepted, ...] = (
    Accepted("AwsSolutions-SQS3", ("*",), "Jobs", "a job that fails is asked for again by the visitor"),
    Accepted("CKV_AWS_27", ("*",), "Jobs", "SQS encrypts with a key of its own"),
)
"""


def move_in(checkout: Path) -> None:
    """Give the checkout a team's environments, app, queue and accepted finding."""
    _environments(checkout / "infra" / "environments.py")
    _queue(checkout / "infra" / "additions.py")
    register = checkout / "infra" / "accepted.py"
    register.write_text(_replaced(register.read_text(), "\nACCEPTED: tuple[Accepted, ...] = ()\n", ACCEPTED))
    for room in ("service/app", "service/src/app", "tests/app"):
        shutil.rmtree(checkout / room, ignore_errors=True)
        shutil.copytree(
            FOREIGN / room, checkout / room, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    (checkout / "README.md").write_text("# Our shop\n\nHow we run it.\n")


def _environments(path: Path) -> None:
    """Change domains, sizes and retention; add EU_TEST word for word; remove dev."""
    # The kit's environments, so that this test is the same whatever the team of this checkout has written.
    text = (ROOT / "tests" / "environments.py").read_text()
    text = text.replace("example.com", "shop.dev").replace("Z0EXAMPLE", "Z0SHOP")
    text = _replaced(text, "min=2, max=10", "min=2, max=20, cpu=1024, memory_mib=2048")
    text = _replaced(text, "log_days=30,", "log_days=90,")
    text = _replaced(text, "tls_to_tasks=True,\n    log_days=90", "log_days=90")
    text = re.sub(r"\nDEV = Environment\(.*?\n\)\n", "", text, count=1, flags=re.DOTALL)
    (eu_test,) = re.findall(r"```python\n(EU_TEST = .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    names = "ENVIRONMENTS = (DEV, STAGING, PROD)"
    path.write_text(_replaced(text, names, f"{eu_test}\nENVIRONMENTS = (STAGING, PROD, EU_TEST)"))


def _queue(path: Path) -> None:
    """Do what the docstring of add() shows, word for word."""
    text = path.read_text()
    (example,) = re.findall(r"\n\n((?: {8}.*\n)+)", text)
    lines = "".join(f"    {line.strip()}\n" for line in example.splitlines())
    text = _replaced(text, "    del stack\n", lines)
    path.write_text(
        _replaced(text, "from infra.stack", "from aws_cdk import aws_sqs as sqs\n\nfrom infra.stack")
    )


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
