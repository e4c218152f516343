"""Believe the X-Forwarded headers of exactly as many proxies as stand in front."""

from inspect import getclosurevars
from types import FunctionType, MethodType
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def believe(environ: "WSGIEnvironment", hops: int) -> None:
    """Take the client's address and scheme from the last `hops` proxies, at least one.

    Werkzeug's ProxyFix does the same in eight times the time. The load balancer sets -For and -Proto. It
    passes on -Host, -Port and -Prefix as the client sent them: believing these would let anyone choose the
    links that the app makes.
    """
    if addresses := environ.get("HTTP_X_FORWARDED_FOR"):
        each = addresses.split(",")
        if len(each) >= hops and (address := each[-hops].strip()):
            environ["REMOTE_ADDR"] = address
    if (schemes := environ.get("HTTP_X_FORWARDED_PROTO")) and (scheme := schemes.rpartition(",")[2].strip()):
        environ["wsgi.url_scheme"] = scheme


def turn_off_the_apps_own(app: Flask) -> None:
    """Turn off each ProxyFix that the app has put around itself: it would count the same proxies again."""
    for layer in _layers(app.wsgi_app):
        if isinstance(layer, ProxyFix):
            layer.x_for = layer.x_proto = layer.x_host = layer.x_port = layer.x_prefix = 0
            app.extensions["kit_told"].append(
                "the app's own ProxyFix is turned off, for the kit knows how many proxies there are, and "
                "believes X-Forwarded-Host from nobody: remove ProxyFix from the app"
            )


def _layers(outermost: object) -> list[object]:
    """Return all WSGI layers around the app: whatever callable an attribute or a closure holds."""
    found: list[object] = []
    waiting = [outermost]
    while waiting:
        layer = waiting.pop()
        if isinstance(layer, MethodType):
            layer = layer.__self__
        if not callable(layer) or isinstance(layer, Flask | type) or any(layer is each for each in found):
            continue
        found.append(layer)
        if isinstance(layer, FunctionType):
            waiting.extend(getclosurevars(layer).nonlocals.values())
        else:
            waiting.extend(getattr(layer, "__dict__", {}).values())
    return found
