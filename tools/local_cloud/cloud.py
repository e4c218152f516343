"""Give boto3, the CDK CLI and the tasks the emulator's endpoint, credentials and region."""

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# Any 12 digits will do: the emulator reads an access key of 12 digits as the account's id.
ACCOUNT = "123456789012"
_SECRET = "local"  # noqa: S105 - the emulator does not check it
# With these variables a tool would use the person's own AWS account instead.
_STRAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE")


@dataclass(frozen=True)
class Cloud:
    """One emulator on 127.0.0.1, seen from one region."""

    port: int
    region: str

    @property
    def endpoint(self) -> str:
        """Return the URL of all AWS APIs."""
        return f"http://127.0.0.1:{self.port}"

    def variables(self) -> dict[str, str]:
        """Return the variables that point AWS tools at the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return a process environment for the CDK CLI that cannot reach a real account."""
        kept = {key: value for key, value in base.items() if key not in _STRAY}
        kept |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        kept |= {"CDK_DISABLE_CLI_TELEMETRY": "1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return kept | self.variables()

    def client(self, service: Any) -> Any:
        """Return a boto3 client that can only talk to the emulator."""
        session = boto3.session.Session(
            aws_access_key_id=ACCOUNT, aws_secret_access_key=_SECRET, region_name=self.region
        )
        quick = Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 1}, proxies={})
        return session.client(service, endpoint_url=self.endpoint, config=quick)

    def call(self, name: str, body: Any = None) -> Any:
        """Call one of our own paths in the emulator."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_local_cloud/{name}", data)  # noqa: S310 - our URL
        with _direct().open(request, timeout=5) as answer:
            return json.load(answer)


@cache
def _direct() -> urllib.request.OpenerDirector:
    """Return what opens URLs without a proxy; to make it takes 14 ms, since it loads certificates."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
