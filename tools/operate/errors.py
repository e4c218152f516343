"""Turn errors of AWS, and on the way to it, into one line that says what to do."""

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOTokenLoadError,
    exceptions.UnauthorizedSSOTokenError,
)
_BAD_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NOT_ALLOWED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_LOG_IN = "Log in (`aws sso login`), or set AWS_PROFILE, and try again; LOCAL=1 asks the local cloud instead."


class OperateError(Exception):
    """An error that says what is wrong, the value given, the values allowed, and what to do."""


class UsageError(OperateError):
    """An error for a command that cannot be meant like this."""


class NeedsPersonError(UsageError):
    """An error for a command that only a person at a terminal may give."""


class NotDeployedError(OperateError):
    """An error for an environment without a stack, or with an incomplete one."""


def in_one_line(error: BotoCoreError | ClientError | ResponseParserError) -> str:
    """Say what an error of AWS or on the way to it means."""
    if isinstance(error, _NO_CREDENTIALS):
        return f"No AWS credentials were found. {_LOG_IN}"
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}. AWS_PROFILE names one of those that `aws configure list-profiles` shows."
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return f"AWS does not answer: {error}. Check the network, a proxy, and AWS_ENDPOINT_URL."
    if isinstance(error, ClientError):
        return _refused(error)
    if isinstance(error, ResponseParserError):
        return "Something that is not AWS answered in its place. Check a proxy, and AWS_ENDPOINT_URL."
    return f"{error}"


def _refused(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _BAD_CREDENTIALS:
        return f"AWS does not accept the credentials ({code}). {_LOG_IN}"
    if code in _NOT_ALLOWED:
        return f"Your credentials may not call {error.operation_name}: {message} Use a role that may."
    return f"AWS refused {error.operation_name} ({code}): {message}"
