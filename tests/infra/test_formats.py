"""Test the formats that AWS would refuse and that the checks once let through."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import (
    Domain,
    Environment,
    HealthCheck,
    ImageByDigest,
    NewVpc,
    Parameters,
    PublicIps,
    SecretsManagerSecret,
    SecureParameter,
    Sidecar,
    explain,
)

DIGEST = f"sha256:{'0' * 64}"
AGENT = Sidecar(name="agent", image="public.ecr.aws/x/agent:1")


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (Environment, {"account": "१२३४५६७८९०१२"}, "Environment.account: must be 12 digits"),
        (Environment, {"availability_zones": ("eu-west-1a", "b\x85c")}, "must be a zone such as eu-west-1a"),
        (Environment, {"tags": {"aws:team": "x"}}, "not aws:..."),
        (Environment, {"tags": {"team": "a\x00b"}}, "up to 256 letters, digits, spaces"),
        (Environment, {"sidecars": (AGENT, AGENT)}, "sidecars are called agent, agent: give each a name"),
        (SecureParameter, {"name": "web/api-key"}, "SecureParameter.name: must be the name of a parameter"),
        (
            SecureParameter,
            {"name": "a", "kms_key_arn": "arn:n:kms:x:123456789012:key/1"},
            "the ARN of a KMS key",
        ),
        (SecretsManagerSecret, {"arn": "arn:aws:secretsmanager:x:123456789012:secret:é-a1B2c3"}, "whole ARN"),
        (
            ImageByDigest,
            {
                "repository": "ghcr.io/a/b",
                "digest": DIGEST,
                "credentials_secret_arn": "arn:aws:secretsmanager:x",
            },
            "ImageByDigest.credentials_secret_arn: must be the whole ARN of a secret",
        ),
        (HealthCheck, {"path": "/é"}, "HealthCheck.path: must be a path such as /healthz"),
        (
            NewVpc,
            {"cidr": "10.0.0.0/99"},
            "NewVpc.cidr: must be a network such as 203.0.113.0/24 or 2001:db8::/32 ('10.0.0.0/99' does not",
        ),
        (PublicIps, {"count": 1}, "PublicIps: there is no field 'count': it has none"),
    ],
)
def test_is_refused_by_its_name(model: type[Parameters], values: dict[str, Any], said: str) -> None:
    given = {"name": "test", **values} if model is Environment else values
    with pytest.raises(ValidationError) as caught:
        model(**given)
    assert said in explain(caught.value)


@pytest.mark.parametrize("tags", [{"cost centre": "Zürich 東京"}, {"team": ""}, {"a:b/c": "x@y.z"}])
def test_tags_may_have_what_aws_takes(tags: dict[str, str]) -> None:
    assert Environment(name="test", tags=tags).tags == tags


def test_a_parameter_is_named_with_or_without_folders() -> None:
    assert [SecureParameter(name=name).name for name in ("api-key", "/web/api-key")]


def test_a_domain_has_each_name_once() -> None:
    with pytest.raises(ValidationError, match=r"name and aliases have 'a\.example\.com' twice"):
        Domain(name="a.example.com", aliases=("a.example.com",))
