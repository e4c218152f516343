"""Believe the X-Forwarded headers of exactly as many proxies as stand in front."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.kit.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Take the client's address and scheme from the last PROXY_HOPS proxies."""
    if settings.proxy_hops:
        # The load balancer sets -For and -Proto. It passes on -Host, -Port and -Prefix as the client sent
        # them: believing these would let anyone choose the links that the app makes.
        app.wsgi_app = ProxyFix(
            app.wsgi_app, x_for=settings.proxy_hops, x_proto=1, x_host=0, x_port=0, x_prefix=0
        )
