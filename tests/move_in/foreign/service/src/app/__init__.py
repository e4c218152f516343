# The app of a team as it was before: other names, other style, and a factory of its own.
import flask


def make_app( greeting, queue = None ):
    app = flask.Flask("shop")
    @app.get("/")
    def hello(): return flask.jsonify( greeting = greeting, queue = queue )
    return app
