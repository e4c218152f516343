"""An app with Flask-SocketIO, which stands where a team's app stands."""

from flask import Flask
from flask_socketio import SocketIO, emit

from service.kit import Settings


def create_app(settings: Settings) -> Flask:  # noqa: ARG001 (what the kit asks of every app)
    """Make the app, without the kit."""
    app = Flask(__name__)
    # Clients in other processes get what is emitted by a message queue: docs/recipes/socketio.py.
    socketio = SocketIO(app, async_mode="threading", cors_allowed_origins="*")

    @socketio.on("say")
    def say(text: str) -> None:
        emit("said", text, broadcast=True)

    return app
