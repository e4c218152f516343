"""Describe the containers of an instance, as far as both places have them alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.data import database_variables
from infra.elsewhere.timeouts import LAST_S, ElsewhereTimeouts, timeouts
from infra.parameters import Environment, ExistingDatabase, Google, Job, Place, Worker
from infra.task import APP_PORT, COMMAND, SHARED_FOLDER, proxy_variables, service_variables, task_port

PORT = task_port(tls=False)
SHARED = "shared"
# Addresses in X-Forwarded-For: the front end adds one, and the proxy that of the front end. Google's load
# balancer adds the client's and its own: https://docs.cloud.google.com/load-balancing/docs/https
_HOPS = 2


class Images(NamedTuple):
    """The images of the service and of its proxy, and what the version is called."""

    web: str
    proxy: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container; `port` is where it can be asked for its health, if anywhere."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    variables: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    port: int | None = None
    mounts: Mapping[str, str] = field(default_factory=dict)


def proxy_hops(place: Place) -> int:
    """Return how many addresses at the end of X-Forwarded-For are to be believed."""
    return _HOPS + 1 if place.edge else _HOPS


def containers(environment: Environment, place: Place, images: Images) -> list[Container]:
    """Return the proxy, which gets the requests, then the service, then the team's own."""
    return [
        _proxy(environment, place, images),
        web(environment, place, images),
        *(
            Container(name=each.name, image=each.image, command=each.command, variables=each.variables)
            for each in environment.sidecars
        ),
    ]


def web(environment: Environment, place: Place, images: Images) -> Container:
    """Return the service's container; it listens on all addresses, since probes do not come from 127.0.0.1.

    From outside nobody gets to it: both places pass requests to one port alone.
    """
    chain = timeouts(environment, place)
    return Container(
        name="web",
        image=images.web,
        command=tuple(COMMAND),
        variables={
            **_variables(environment, place, images, chain),
            "HOST": "0.0.0.0",  # noqa: S104
            "LAME_DUCK_S": str(chain.app_lame_duck_s),
            "GUNICORN_GRACEFUL_TIMEOUT_S": str(LAST_S),
        },
        secrets=tuple(environment.all_secrets),
        port=APP_PORT,
        mounts={SHARED: SHARED_FOLDER},
    )


def release(environment: Environment, place: Place, images: Images) -> Container:
    """Return the container of the release command."""
    return Container(
        name="release",
        image=images.web,
        command=environment.release_words,
        variables=_variables(environment, place, images, timeouts(environment, place)),
        secrets=tuple(environment.all_secrets),
    )


def work(environment: Environment) -> list[tuple[str, Worker | Job]]:
    """Return what works beside requests, each with its path, such as workers[0]."""
    return [
        *((f"workers[{number}]", each) for number, each in enumerate(environment.workers)),
        *((f"jobs[{number}]", each) for number, each in enumerate(environment.jobs)),
    ]


def beside(each: Worker | Job, environment: Environment, place: Place, images: Images) -> Container:
    """Return the container of a worker or a job: the service's image and variables, its own command."""
    return Container(
        name=each.name,
        image=images.web,
        command=each.words if isinstance(each, Job) else each.command,
        variables=_variables(environment, place, images, timeouts(environment, place)),
        secrets=tuple(environment.all_secrets),
    )


def _variables(
    environment: Environment, place: Place, images: Images, chain: ElsewhereTimeouts
) -> dict[str, str]:
    database = environment.database
    made = service_variables(
        environment,
        version=images.version,
        proxy_hops=proxy_hops(place),
        timeouts=chain,
        noindex=environment.removal == "destroy",
    )
    if isinstance(place, Google):
        made["GOOGLE_CLOUD_PROJECT"] = (
            place.project
        )  # the log has severity and trace as Cloud Logging reads them
    if isinstance(database, ExistingDatabase):
        # https://docs.cloud.google.com/sql/docs/postgres/connect-run: a socket that Cloud Run mounts
        socket = f"/cloudsql/{place.cloud_sql}" if isinstance(place, Google) and place.cloud_sql else ""
        made |= database_variables(
            host=socket or database.host, port=str(database.port), name=database.name, user=database.user
        )
    return made


def _proxy(environment: Environment, place: Place, images: Images) -> Container:
    # Cloud Run itself sets PORT in the container that gets the requests, and refuses one that is given.
    port = {} if isinstance(place, Google) else {"PORT": str(PORT)}
    return Container(
        name="proxy",
        image=images.proxy,
        variables={
            **proxy_variables(environment, timeouts(environment, place)),
            "ENVIRONMENT": environment.name,
            "VERSION": images.version,
            "PROXY_HOPS": str(proxy_hops(place)),
            **port,
        },
        port=PORT,
        mounts={SHARED: SHARED_FOLDER},
    )
