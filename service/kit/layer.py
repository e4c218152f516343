"""Stand between the server and Flask, in one WSGI layer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import bind_contextvars, clear_contextvars

from service.kit import csp_reports, errors, health, own_routes, proxy_headers, websocket
from service.kit.answer import Answer
from service.kit.browser_security import Protection
from service.kit.exchange import Exchange, Observer
from service.kit.settings import Settings
from service.kit.slots import OVERDUE, slots

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READS = {"GET", "HEAD"}


def init_app(app: Flask, settings: Settings, *observers: Observer) -> None:
    """Put the layer around the app, and tell `observers` of each request when its answer has ended."""
    proxy_headers.turn_off_the_apps_own(app)
    app.wsgi_app = Layer(app, settings, observers)


class Layer:
    """The layer; a layer for each of its tasks would cost three times as much."""

    def __init__(self, app: Flask, settings: Settings, observers: tuple[Observer, ...]) -> None:
        self._app, self.wsgi_app = app, app.wsgi_app
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
        refusal = slot.refusal if slot else None
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] == self._health_path and method in _READS and refusal in {None, OVERDUE}:
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
            if "HTTP_UPGRADE" in environ and environ["HTTP_UPGRADE"].lower() == "websocket":
                refusal = refusal or websocket.begin(environ, slot)
        self._ask(environ, answer, refusal)
        if websocket.is_accepted(slot):
            raise answer.hang_up()
        return answer

    def _ask(self, environ: "WSGIEnvironment", answer: Answer, refusal: tuple[int, str] | None) -> None:
        if refusal:
            answer.refuse(*refusal)
            return
        try:
            wsgi_app = self._own.get(environ["PATH_INFO"], self.wsgi_app)
            answer.follow(wsgi_app(environ, answer.start))
        except BaseException as error:
            if self._app.testing:  # the team's tests want to see what was raised
                answer.close()
                raise
            # A WebSocket under Gunicorn ends by StopIteration: flask-sock raises it.
            if not websocket.is_accepted(slots.mine()):
                answer.fail()
            elif not isinstance(error, StopIteration):
                answer.lose()

    def _ended(self, exchange: Exchange) -> None:
        exchange.end()
        for observe in self.observers:
            observe(exchange)
        clear_contextvars()  # the thread will serve another client
