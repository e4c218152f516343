"""Give AWS's recorded answers, after checking them against the model of the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from boto3.session import Session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import create_loader
from botocore.validate import ParamValidator

from tools.operate.deployed import Deployed

# The models of the APIs are megabytes, so they are read once for all tests.
_MODELS = create_loader()

Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Refusal:
    """An error that AWS gives instead of an answer."""

    code: str
    message: str


@dataclass
class Recorded:
    """A boto3 session without a network; each operation, such as DescribeTasks, has a recorded answer."""

    answers: Mapping[str, Answer | Refusal]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def deployed(self, environment: str = "dev") -> Deployed:
        """Return an environment that gets these recorded answers from AWS."""
        core = botocore.session.Session()
        core.register_component("data_loader", _MODELS)
        session = Session(
            aws_access_key_id="recorded",
            aws_secret_access_key="recorded",
            region_name="eu-west-1",
            botocore_session=core,
        )
        session.events.register("before-parameter-build", self._ask)
        # botocore uses what a handler returns as the answer; its type stubs do not know that.
        session.events.register("before-call", self._answer)  # type: ignore[arg-type] # the stubs lack this event
        return Deployed(environment, session)

    def parameters(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of each call of an operation."""
        return [parameters for name, parameters in self.asked if name == operation]

    def _ask(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.asked.append((model.name, dict(params)))

    def _answer(self, model: Any, **_: object) -> tuple[AWSResponse, dict[str, Any]]:
        answer = self.answers.get(model.name)
        assert answer is not None, f"{model.name} is called, and no answer was recorded"
        if isinstance(answer, Refusal):
            error = {"Code": answer.code, "Message": answer.message}
            return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "ResponseMetadata": {}}
        given = answer(self.asked[-1][1]) if callable(answer) else answer
        if model.output_shape:
            report = ParamValidator().validate(given, model.output_shape)
            assert not report.has_errors(), f"{model.name}: {report.generate_report()}"
        return AWSResponse("", 200, HTTPHeaders(), None), {
            **given,
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }
