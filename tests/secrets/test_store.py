"""Test what is asked of AWS, by botocore's own models of its APIs, and that no error shows a value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import Stubber

from infra.parameters import NewSecret, SecretsManagerSecret, SecureParameter
from tools.secrets import Place, Store, StoreError, place_of

_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web/prod-a1B2c3"
PARAMETER = Place(name="/web/dev/url", is_parameter=True)
WHOLE = Place(name="web/dev")
ONE, OTHER = Place(name="web/dev", json_key="one"), Place(name="web/dev", json_key="other")


class Aws:
    """Two stubbed clients, which check each call against AWS's models."""

    def __init__(self, *, makes_any: bool = False) -> None:
        session = get_session()
        self._clients = {
            name: session.create_client(
                name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
            )
            for name in ("ssm", "secretsmanager")
        }
        self.stubs = {name: Stubber(client) for name, client in self._clients.items()}
        for stub in self.stubs.values():
            stub.activate()
        self.store = Store(self._clients.__getitem__, makes_any=makes_any)

    def answers(self, operation: str, answer: dict[str, Any], **asked: Any) -> None:
        self._stub(operation).add_response(operation, answer, asked)

    def refuses(self, operation: str, code: str, message: str = "no") -> None:
        self._stub(operation).add_client_error(operation, code, message)

    def _stub(self, operation: str) -> Stubber:
        return self.stubs["ssm" if "parameter" in operation else "secretsmanager"]

    def done(self) -> None:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def aws() -> Iterator[Aws]:
    """Give stubs, and check at the end that everything expected was asked."""
    made = Aws()
    yield made
    made.done()


def test_a_parameter_is_created_as_a_secure_string(aws: Aws) -> None:
    aws.refuses("get_parameter", "ParameterNotFound")
    aws.answers("put_parameter", {}, Name="/web/dev/url", Value="v", Type="SecureString", Overwrite=False)
    assert aws.store.write({PARAMETER: "v"}) == {PARAMETER: "created"}


def test_a_parameter_is_changed_with_its_own_key(aws: Aws) -> None:
    place = Place(name="/web/dev/url", is_parameter=True, kms_key_arn=_KEY)
    aws.answers("get_parameter", {"Parameter": {"Value": "old"}}, Name="/web/dev/url", WithDecryption=True)
    aws.answers(
        "put_parameter", {}, Name="/web/dev/url", Value="v", Type="SecureString", KeyId=_KEY, Overwrite=True
    )
    assert aws.store.write({place: "v"}) == {place: "changed"}


def test_the_same_value_is_not_written_again(aws: Aws) -> None:
    aws.answers("get_parameter", {"Parameter": {"Value": "v"}}, Name="/web/dev/url", WithDecryption=True)
    assert aws.store.write({PARAMETER: "v"}) == {PARAMETER: "same"}


def test_a_secret_is_created_by_its_name_before_any_stack(aws: Aws) -> None:
    aws.refuses("get_secret_value", "ResourceNotFoundException")
    aws.answers("create_secret", {}, Name="web/dev", SecretString="v")
    assert aws.store.write({WHOLE: "v"}) == {WHOLE: "created"}


def test_the_keys_of_a_json_secret_are_written_in_one_call_and_its_others_stay(aws: Aws) -> None:
    before = json.dumps({"kept": "x", "one": "old"})
    aws.answers("get_secret_value", {"SecretString": before}, SecretId="web/dev")
    after = json.dumps({"kept": "x", "one": "1", "other": "2"})
    aws.answers("put_secret_value", {}, SecretId="web/dev", SecretString=after)
    assert aws.store.write({ONE: "1", OTHER: "2"}) == {ONE: "changed", OTHER: "created"}


def test_a_secret_that_is_no_json_is_not_overwritten(aws: Aws) -> None:
    aws.answers("get_secret_value", {"SecretString": "hunter2"}, SecretId="web/dev")
    with pytest.raises(StoreError, match="is no JSON object") as error:
        aws.store.write({ONE: "1"})
    assert "hunter2" not in str(error.value)


def test_an_arn_that_is_not_there_cannot_be_made_in_aws(aws: Aws) -> None:
    aws.refuses("get_secret_value", "ResourceNotFoundException")
    with pytest.raises(StoreError, match=r"name the secret in infra/environments\.py by name="):
        aws.store.write({Place(name=_ARN): "v"})


def test_an_arn_that_is_not_there_is_made_in_the_local_cloud() -> None:
    local = Aws(makes_any=True)
    local.refuses("get_secret_value", "ResourceNotFoundException")
    local.answers("create_secret", {}, Name="web/prod", SecretString="v")
    assert local.store.write({Place(name=_ARN): "v"}) == {Place(name=_ARN): "created"}


@pytest.mark.parametrize(("place", "size"), [(PARAMETER, 4097), (WHOLE, 65_537), (ONE, 65_537)])
def test_what_is_too_large_is_refused_before_aws_does(place: Place, size: int) -> None:
    aws = Aws()
    aws.refuses("get_secret_value", "ResourceNotFoundException")
    with pytest.raises(StoreError, match=r"takes (4096|65536)") as error:
        aws.store.write({place: "v" * size})
    assert "vvv" not in str(error.value)


@pytest.mark.parametrize("value", ["hunter2", 'with "quotes"', "two\nlines", "back\\slash", "ünïcode"])
@pytest.mark.parametrize(
    ("place", "write"), [(PARAMETER, "put_parameter"), (WHOLE, "create_secret"), (ONE, "create_secret")]
)
def test_aws_may_repeat_a_value_in_its_error_and_nobody_sees_it(place: Place, write: str, value: str) -> None:
    aws = Aws()
    aws.refuses("get_parameter", "ParameterNotFound")
    aws.refuses("get_secret_value", "ResourceNotFoundException")
    inside = json.dumps({"one": value}, ensure_ascii=False)
    aws.refuses(write, "ValidationException", f"Value '{value}', {json.dumps(value)} or {inside} is wrong")
    with pytest.raises(StoreError, match="ValidationException") as error:
        aws.store.write({place: value})
    for shown in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        assert shown not in str(error.value)


def test_whether_a_value_is_there_is_asked_without_reading_it(aws: Aws) -> None:
    aws.answers("get_parameter", {"Parameter": {}}, Name="/web/dev/url", WithDecryption=False)
    aws.answers("describe_secret", {}, SecretId="web/dev")
    assert aws.store.has(PARAMETER)
    assert aws.store.has(WHOLE)
    aws.refuses("describe_secret", "ResourceNotFoundException")
    assert not aws.store.has(WHOLE)


def test_a_key_that_is_missing_has_no_value(aws: Aws) -> None:
    aws.answers("get_secret_value", {"SecretString": '{"one": "1"}'}, SecretId="web/dev")
    assert not aws.store.has(OTHER)


def test_a_place_is_what_the_environment_declares() -> None:
    assert place_of(SecureParameter(name="/a", kms_key_arn=_KEY)) == Place(
        name="/a", is_parameter=True, kms_key_arn=_KEY
    )
    assert place_of(SecretsManagerSecret(name="web/dev", json_key="one")) == ONE
    assert place_of(SecretsManagerSecret(arn=_ARN)) == Place(name=_ARN)
    assert place_of(NewSecret()) is None
