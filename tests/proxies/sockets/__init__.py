"""An app with WebSockets by flask-sock, which stands where a team's app stands."""

import time

from flask import Flask
from flask_sock import Sock
from simple_websocket import Server

from service.kit import Settings


def create_app(settings: Settings) -> Flask:  # noqa: ARG001 (what the kit asks of every app)
    """Make the app, without the kit."""
    app = Flask(__name__)
    app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": 25}
    sock = Sock(app)

    @sock.route("/echo")
    def echo(ws: Server) -> None:
        while True:
            ws.send(ws.receive())

    @sock.route("/fails")
    def fails(ws: Server) -> None:
        ws.receive()
        raise RuntimeError("the database has gone")

    @app.get("/work")
    def work() -> str:
        time.sleep(0.1)  # so that the requests of a test overlap
        return "done"

    return app
