"""Send OpenTelemetry spans of TRACE_PERCENT of the requests to a collector, by OTLP.

Off by default: a small request costs three to four times its CPU, sampled or not. The packages are in
requirements-tracing.txt, from which the image is built where an environment has `trace_percent`.
The collector is OpenTelemetry's own variable OTEL_EXPORTER_OTLP_ENDPOINT, by default http://localhost:4318.
"""

from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import bind_contextvars

from service.kit.exchange import TRACE_ID
from service.kit.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from opentelemetry.trace import Span


def init_app(app: Flask, settings: Settings) -> None:
    """Trace, if TRACE_PERCENT is above 0; with 0 nothing is imported."""
    if not settings.trace_percent:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.trace_percent / 100)),
        resource=Resource.create(
            {
                "service.name": app.name,
                "service.version": settings.version,
                "deployment.environment.name": settings.environment,
            }
        ),
    )
    # A thread sends batches, so that no request waits for the collector; the last batch is sent at exit.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call] # the library's
        app, tracer_provider=provider, request_hook=_name_in_logs
    )


def _name_in_logs(span: "Span", environ: "WSGIEnvironment") -> None:
    environ[TRACE_ID] = trace_id = f"{span.get_span_context().trace_id:032x}"
    bind_contextvars(trace_id=trace_id)
