# The app of a team as it was before: other names, other style, and a factory of its own with arguments.
import os, flask


def make_app( greeting, queue = None ):
    app = flask.Flask("shop")
    @app.get("/")
    def hello(): return flask.render_template_string( PAGE, greeting = greeting, queue = queue or os.environ.get("QUEUE_URL") )
    return app


PAGE = """<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<p>{{ greeting }}</p><p>{{ queue or "no queue" }}</p></html>"""
