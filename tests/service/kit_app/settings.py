"""Settings of the tests' own app: one for anybody to read, one secret, none required."""

from pydantic import Field, SecretStr

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """The settings of the tests' app, beside those of the kit."""

    greeting: str = Field(default="hello", description="a word")
    api_key: SecretStr | None = Field(default=None, description="a secret")
