"""TRACE_PERCENT: OpenTelemetry spans of so many percent of requests, sent to a collector by OTLP.

Off by default: it makes a small request cost three to four times its CPU, sampled or not. Its packages are in
requirements-tracing.txt, which the image takes in place of requirements.txt where infra turns tracing on.
Where to send is OpenTelemetry's own variable: OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318 unless set.
"""

from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import bind_contextvars

from service.kit.exchange import TRACE_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from opentelemetry.trace import Span


def init_app(app: Flask) -> None:
    """Trace, if TRACE_PERCENT is above 0; with 0 nothing is imported."""
    percent = app.config["TRACE_PERCENT"]
    if not percent:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(percent / 100)),
        resource=Resource.create(
            {
                "service.name": app.name,
                "service.version": app.config["VERSION"],
                "deployment.environment.name": app.config["ENVIRONMENT"],
            }
        ),
    )
    # In batches from a thread, so that no request waits for the collector; the rest is sent at exit.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call] # the library's
        app, tracer_provider=provider, excluded_urls="readyz,metrics", request_hook=_name_in_logs
    )


def _name_in_logs(span: "Span", environ: "WSGIEnvironment") -> None:
    environ[TRACE_ID] = trace_id = f"{span.get_span_context().trace_id:032x}"
    bind_contextvars(trace_id=trace_id)
