"""Read and write values in Parameter Store and Secrets Manager; no error shows a value."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from tools.secrets.places import Place

# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
_LARGEST_PARAMETER_BYTES = 4096
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
_LARGEST_SECRET_BYTES = 65_536
_ABSENT = {"ParameterNotFound", "ResourceNotFoundException"}


class StoreError(Exception):
    """An error that says what is wrong and what to do, without a value."""


@dataclass
class Store:
    """The values behind an account's, or the local cloud's, APIs; `client` makes a boto3 client by name.

    With `makes_any`, a secret that is named by an ARN and absent is made: only the local cloud can do that.
    """

    client: Callable[[str], Any]
    makes_any: bool = False

    def read(self, place: Place) -> str | None:
        """Return the value of a place, or None where nothing is stored."""
        if place.is_parameter:
            return self._parameter(place)
        text = self._secret(place.name)
        if text is None or not place.json_key:
            return text
        value = _keys(place.name, text).get(place.json_key)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def has(self, place: Place) -> bool:
        """Return whether a value is stored; only for the key of a JSON secret is it read."""
        if place.json_key:
            return self.read(place) is not None
        try:
            if place.is_parameter:
                self.client("ssm").get_parameter(Name=place.name, WithDecryption=False)
            else:
                self.client("secretsmanager").describe_secret(SecretId=place.name)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise
        return True

    def write(self, values: Mapping[Place, str]) -> dict[Place, str]:
        """Store every value; return for each place whether it was created, changed, or the same before.

        The keys of a JSON secret are written together, and its other keys stay.
        """
        done: dict[Place, str] = {}
        try:
            for place, value in values.items():
                if place.is_parameter:
                    done[place] = self._write_parameter(place, value)
                elif not place.json_key:
                    done[place] = self._write_secret(place, value)
            for name in dict.fromkeys(place.name for place in values if place.json_key):
                keys = {
                    place: value for place, value in values.items() if place.json_key and place.name == name
                }
                done |= self._write_keys(keys)
        except (ClientError, ParamValidationError) as error:
            raise StoreError(_without(values.values(), error)) from None
        return done

    def _parameter(self, place: Place) -> str | None:
        try:
            answer = self.client("ssm").get_parameter(Name=place.name, WithDecryption=True)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return str(answer["Parameter"]["Value"])

    def _secret(self, name: str) -> str | None:
        try:
            answer = self.client("secretsmanager").get_secret_value(SecretId=name)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        if "SecretString" not in answer:
            raise StoreError(
                f"Secret {name} is binary, which ECS cannot put into a variable: store text there."
            )
        return str(answer["SecretString"])

    def _write_parameter(self, place: Place, value: str) -> str:
        if len(value.encode()) > _LARGEST_PARAMETER_BYTES:
            raise StoreError(
                f"The value for {place} has {len(value.encode())} bytes, and a parameter takes"
                f" {_LARGEST_PARAMETER_BYTES}. Declare it as SecretsManagerSecret(name=...), which takes"
                f" {_LARGEST_SECRET_BYTES}."
            )
        before = self._parameter(place)
        if before == value:
            return "same"
        wanted: dict[str, Any] = {"Name": place.name, "Value": value, "Type": "SecureString"}
        if place.kms_key_arn:
            wanted["KeyId"] = place.kms_key_arn
        self.client("ssm").put_parameter(**wanted, Overwrite=before is not None)
        return "created" if before is None else "changed"

    def _write_keys(self, keys: Mapping[Place, str]) -> dict[Place, str]:
        first = next(iter(keys))
        text = self._secret(first.name)
        before = _keys(first.name, text) if text is not None else {}
        after = {**before, **{place.json_key: value for place, value in keys.items()}}
        if after != before:
            self._put(first, json.dumps(after, ensure_ascii=False), exists=text is not None)
        return {
            place: "same"
            if before.get(place.json_key) == value
            else "changed"
            if place.json_key in before
            else "created"
            for place, value in keys.items()
        }

    def _write_secret(self, place: Place, value: str) -> str:
        before = self._secret(place.name)
        if before == value:
            return "same"
        self._put(place, value, exists=before is not None)
        return "created" if before is None else "changed"

    def _put(self, place: Place, text: str, *, exists: bool) -> None:
        if len(text.encode()) > _LARGEST_SECRET_BYTES:
            raise StoreError(
                f"Secret {place.name} would have {len(text.encode())} bytes, and a secret takes"
                f" {_LARGEST_SECRET_BYTES}. Spread its keys over two secrets."
            )
        secrets = self.client("secretsmanager")
        if exists:
            secrets.put_secret_value(SecretId=place.name, SecretString=text)
            return
        name = place.name
        if name.startswith("arn:"):
            if not self.makes_any:
                raise StoreError(
                    f"There is no secret {name}, and AWS makes up the end of an ARN: name the secret in"
                    " infra/environments.py by name=... instead of arn=..., or correct the ARN."
                )
            name = name.rpartition(":secret:")[2][: -len("-a1B2c3")]
        wanted: dict[str, Any] = {"Name": name, "SecretString": text}
        if place.kms_key_arn:
            wanted["KmsKeyId"] = place.kms_key_arn
        secrets.create_secret(**wanted)


def _keys(name: str, text: str) -> dict[str, Any]:
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise StoreError(
            f"Secret {name} is no JSON object, and json_key in secrets of infra/environments.py asks for"
            " a key of one. Store it under another name, or take json_key out."
        )
    return keys


def _without(values: Any, error: Exception) -> str:
    """Return what an error says, without the values, which AWS repeats in some messages."""
    if isinstance(error, ClientError):
        detail = error.response["Error"]
        message = f"AWS refused {error.operation_name} ({detail['Code']}): {detail.get('Message', '')}"
    else:
        message = f"{error}"
    for value in values:
        for written in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
            message = message.replace(written, "***") if written else message
    return message
