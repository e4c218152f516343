"""An app that answers each request with what it has read of it."""

import zlib

from flask import Flask, request

from service.kit import Settings

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]


def create_app(settings: Settings) -> Flask:  # noqa: ARG001 (what the kit asks of every app)
    """Make the app, without the kit."""
    app = Flask(__name__)

    @app.route("/", methods=METHODS, defaults={"path": ""})
    @app.route("/<path:path>", methods=METHODS)
    def said(path: str) -> dict[str, str | int]:  # noqa: ARG001 (the path as it was sent counts)
        body = request.get_data()
        return {
            "method": request.method,
            "target": request.environ["RAW_URI"],
            "bytes": len(body),
            "crc": zlib.crc32(body),
        }

    return app
