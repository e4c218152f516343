"""Compare a request's bearer token with a secret."""

import hmac

from flask import request
from pydantic import SecretStr


def bears(token: SecretStr) -> bool:
    """Return whether the current request carries `token`, in a time that tells nothing about the token."""
    given = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
