"""Serve the kit's own paths by a small app beside the team's, so that no name or hook of the two can meet."""

from flask import Flask

from service.kit import errors, health, prometheus
from service.kit.settings import Settings


def make(app: Flask, settings: Settings) -> dict[str, Flask]:
    """Return the app that answers each path of the kit's own; a route of the team's goes before.

    Hooks, error handlers, hosts and limits of the team's app have no part in these.
    """
    own = Flask("kit", static_folder=None)
    errors.init_app(own)
    health.add_routes(own, app, settings)
    prometheus.add_routes(own, settings)
    teams = {rule.rule for rule in app.url_map.iter_rules()}
    told = app.extensions["kit_told"]
    if settings.health_path in teams:
        told.append(
            f"{settings.health_path} is the load balancer's health check, which the kit answers and the app "
            "does not: register_check adds a check, and health_check.path of the environment moves it"
        )
    paths = {rule.rule for rule in own.url_map.iter_rules()}
    told += [f"{path} is answered by the app, and not by the kit" for path in sorted(paths & teams)]
    return dict.fromkeys(paths - teams, own)
