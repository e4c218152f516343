"""Do to a checkout what README and docs tell a team: environments, a queue, an accepted finding."""

import re
from pathlib import Path

from tests.checkout import ROOT

ACCEPTED = """
ACCEPTED: tuple[Accepted, ...] = (
    Accepted("AwsSolutions-SQS3", ("*",), "Jobs", "a job that fails is asked for again by the visitor"),
    Accepted("CKV_AWS_27", ("*",), "Jobs", "SQS encrypts with a key of its own"),
)
"""


def move_in(checkout: Path) -> None:
    """Give the checkout a team's environments, queue, accepted finding and README."""
    _environments(checkout / "infra" / "environments.py")
    _queue(checkout / "infra" / "additions.py")
    register = checkout / "infra" / "accepted.py"
    register.write_text(_replaced(register.read_text(), "\nACCEPTED: tuple[Accepted, ...] = ()\n", ACCEPTED))
    (checkout / "README.md").write_text("# Our shop\n\nHow we run it.\n")


def _environments(path: Path) -> None:
    """Change domains, sizes and retention; add EU_TEST word for word; remove dev."""
    text = path.read_text()
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
