"""Stand between the server and Flask, in one WSGI layer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import bind_contextvars, clear_contextvars

from service.kit import csp_reports, errors, health, own_routes, proxy_headers
from service.kit.answer import Answer
from service.kit.browser_security import Protection
from service.kit.exchange import Exchange, Observer
from service.kit.settings import Settings
from service.kit.slots import slots
from service.kit.websocket import WebSocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask, settings: Settings, *observers: Observer) -> None:
    """Put the layer around the app, and tell `observers` of each request when its answer has ended."""
    proxy_headers.turn_off_the_apps_own(app)
    app.wsgi_app = Layer(app, settings, observers)


class Layer:
    """The layer; a layer for each of its tasks would cost three times as much."""

    def __init__(self, app: Flask, settings: Settings, observers: tuple[Observer, ...]) -> None:
        self.wsgi_app = app.wsgi_app
        self.observers = observers
        self._hops = settings.proxy_hops
        self._health_path = settings.health_path
        self._own: dict[str, WSGIApplication] = {**own_routes.make(app, settings)}
        reports_path = csp_reports.free_path(app)
        if settings.csp != "off":
            self._own[reports_path] = csp_reports.Reports(settings.content_security_policy.rstrip("; "))
        self._protect = Protection(settings, reports_path=reports_path).protect

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        slot = slots.mine()
        refusal = slot and slot.refusal
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] == self._health_path and method in {"GET", "HEAD"}:
            return health.alive(start_response, head=method == "HEAD")
        if self._hops:
            proxy_headers.believe(environ, self._hops)
        # Gunicorn says of every request that its input ends by itself. Werkzeug then takes a lost connection
        # for the end of the body: a client that died after 10 of 1,000 bytes had its upload accepted.
        if "CONTENT_LENGTH" in environ:
            environ.pop("wsgi.input_terminated", None)
        exchange = Exchange(environ)
        environ[errors.REQUEST_ID] = exchange.request_id
        bind_contextvars(request_id=exchange.request_id)
        answer = Answer(exchange, start_response, protect=self._protect, finish=self._ended)
        if slot:
            slot.exchange = exchange
        if slot and "HTTP_UPGRADE" in environ and environ["HTTP_UPGRADE"].lower() == "websocket":
            if slots.streams < slots.most_streams:
                environ["gunicorn.socket"] = slot.websocket = WebSocket(environ["gunicorn.socket"])
            else:
                refusal = (503, "The service has too many WebSockets and streams. Try again in a second.")
        websocket = slot.websocket if slot else None
        try:
            if refusal:
                answer.refuse(*refusal)
            else:
                wsgi_app = self._own.get(environ["PATH_INFO"], self.wsgi_app)
                answer.follow(wsgi_app(environ, answer.start))
        except BaseException:  # SystemExit, too: one request must not end the thread
            if websocket and websocket.accepted:
                raise answer.hang_up() from None
            answer.fail()
        if websocket and websocket.accepted:
            raise answer.hang_up()
        return answer

    def _ended(self, exchange: Exchange) -> None:
        exchange.end()
        for observe in self.observers:
            observe(exchange)
        clear_contextvars()  # the thread will serve another client
