"""Test that a preview cannot read production's secrets, and that another environment is warned of it."""

from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.borrowed import borrowed
from infra.parameters import Environment, NewSecret, SecretChoice, SecretsManagerSecret, SecureParameter
from tests.environments import DEV, ENVIRONMENTS, PROD, preview

_ARN = "arn:aws:secretsmanager:{}:123456789012:secret:web/key-AbCdEf"
_HERE = _ARN.format("eu-west-1")


def _with(environment: Environment, choice: SecretChoice, **more: Any) -> Environment:
    return environment.model_copy(update={"secrets": {"API_KEY": choice}, **more})


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        (SecretsManagerSecret(name="web/key"), SecretsManagerSecret(name="web/key"), True),
        (SecretsManagerSecret(name="web/key"), SecretsManagerSecret(name="web/key", json_key="a"), True),
        (SecretsManagerSecret(name="web/key"), SecretsManagerSecret(arn=_HERE), True),
        (SecureParameter(name="/web/key"), SecureParameter(name="/web/key"), True),
        (SecureParameter(name="/web/key"), SecretsManagerSecret(name="web/key"), False),
        (SecretsManagerSecret(name="web/key"), SecretsManagerSecret(arn=_ARN.format("us-east-1")), False),
        (SecretsManagerSecret(name="web/key"), SecretsManagerSecret(name="web/dev/key"), False),
        (NewSecret(), NewSecret(), False),
    ],
)
def test_the_same_place_is_found_however_it_is_named(
    theirs: SecretChoice, ours: SecretChoice, *, same: bool
) -> None:
    assert bool(list(borrowed(_with(DEV, ours), [_with(PROD, theirs)]))) is same


def test_other_accounts_have_other_secrets() -> None:
    key = SecretsManagerSecret(name="web/key")
    ours, theirs = _with(DEV, key, account="1" * 12), _with(PROD, key, account="2" * 12)
    assert list(borrowed(ours, [theirs])) == []


def test_what_stays_may_share_with_what_stays() -> None:
    key = SecretsManagerSecret(name="web/key")
    staging = _with(PROD, key, name="staging")
    assert list(borrowed(staging, [_with(PROD, key)])) == []


def test_a_preview_that_would_read_productions_secret_is_refused(tmp_path: Path) -> None:
    key = SecureParameter(name="/web/prod/api-key")
    environments = [each for each in ENVIRONMENTS if each.name != "prod"]
    with pytest.raises(ValueError, match=r"preview\(\) in .* at web/prod/api-key, which prod reads, too"):
        build_app(
            *environments,
            _with(PROD, key),
            preview=lambda number: _with(preview(number), key),
            outdir=str(tmp_path),
        )
