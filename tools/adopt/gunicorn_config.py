"""Read a team's gunicorn.conf.py as text, and say what becomes of each of Gunicorn's settings.

https://docs.gunicorn.org/en/stable/settings.html
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.parameters import FARGATE_MAX_STOP_TIMEOUT_S
from tools.adopt.copilot_rules import RECIPES
from tools.adopt.report import Report
from tools.adopt.rules import Case, Rule, apply, decided, otherwise, yours
from tools.adopt.values import whole
from tools.adopt.variables import take_variable
from tools.adopt.wishes import Wishes

FILES = (
    "gunicorn.conf.py",
    "gunicorn_conf.py",
    "gunicorn_config.py",
    "config/gunicorn.py",
    "conf/gunicorn.conf.py",
)
_LIFECYCLE = "docs/lifecycle.md"
_FOLLOWS = f"follows from `longest_request_s`, so that it fits the load balancer ({_LIFECYCLE})"
_LOG = "the log is JSON on stdout, one line for each request (docs/your-app.md)"
_HEADERS = "the kit believes exactly the proxies that stand before it, by PROXY_HOPS"
_CHOSEN = "the kit chooses it, in service/gunicorn_conf.py"
_OPERATED = "a container has one server, which ECS starts, stops and watches"
_SHORTEST_S = 5
_STRICT = (
    "requests are parsed strictly, as proxy and load balancer do: what two servers read differently "
    "can be smuggled past one"
)
_OTHER_WORKERS = f"of a worker or a protocol that is not used here: {_LIFECYCLE}"
_DIRTY = "a second kind of workers is a second service of the same image: `workers` (docs/workers.md)"


def _take_workers(case: Case) -> None:
    if not str(case.value).isdecimal():
        case.otherwise("`tasks.workers` follows from `tasks.cpu`: two up to one vCPU, then two for each")
        return
    case.set("tasks.workers", whole(case.value))
    case.taken(f"`tasks.workers={case.value}`; a worker also has threads here")


def _take_threads(case: Case) -> None:
    if not str(case.value).isdecimal() or whole(case.value) == 1:
        case.otherwise(
            "`tasks.threads` is 16, below half a vCPU 8: with one, a slow request would hold up all others"
        )
        return
    case.set("tasks.threads", whole(case.value))
    case.taken(f"`tasks.threads={case.value}`")


def _take_worker_class(case: Case) -> None:
    kind = str(case.value)
    if kind.endswith("gthread") or "ThreadWorker" in kind:
        case.taken("the kit's worker is a threaded one, with protection from overload and slow clients")
    elif "uvicorn" in kind or "asgi" in kind.lower():
        case.yours("an ASGI app is not for this kit: a Flask app behind an adapter is adopted without it")
    elif kind == "sync":
        case.otherwise(
            "the kit's worker has threads: a sync worker ignores keep-alive, so that users get random "
            f"502s, and misses health checks while it is busy ({_LIFECYCLE}). Code must be safe for "
            "threads, as Flask's own server has them too"
        )
    else:
        case.otherwise(
            f"the kit's worker has threads, without monkey patching ({_LIFECYCLE}); `tasks.threads` says "
            "how many requests a worker has at once"
        )


def _take_timeout(case: Case) -> None:
    asked = whole(case.value)
    if asked == 0:
        case.otherwise(
            "`longest_request_s` stays 30: a worker that hangs is always replaced; it may be up to "
            f"{FARGATE_MAX_STOP_TIMEOUT_S}"
        )
        return
    longest = max(_SHORTEST_S, min(FARGATE_MAX_STOP_TIMEOUT_S, asked))
    case.set("longest_request_s", longest)
    here = f"`longest_request_s={longest}`, from which all timeouts follow"
    case.taken(here) if longest == asked else case.otherwise(
        f"{here}; {_SHORTEST_S} to {FARGATE_MAX_STOP_TIMEOUT_S} on Fargate"
    )


def _take_level(case: Case) -> None:
    take_variable(case.wishes, case.report, case.source, "LOG_LEVEL", case.value, case.wishes.environment)


def _take_raw_env(case: Case) -> None:
    for pair in case.value if isinstance(case.value, list | tuple) else [case.value]:
        name, _, value = str(pair).partition("=")
        take_variable(
            case.wishes, case.report, f"{case.source}: {name}", name, value, case.wishes.environment
        )


def _each(names: str, rule: Callable[[str, str], Rule], here: str) -> list[Rule]:
    return [rule(name, here) for name in names.split()]


_TLS = "TLS ends at the load balancer; `tls_to_tasks` adds it behind, with certificates that tasks make"
_HEADS = "heads of requests are limited by proxy and worker; see whether you need more (docs/lifecycle.md)"
_METRICS = "the service writes its metrics as log lines, and Prometheus may ask for them (docs/your-app.md)"
_DEVELOPMENT = "for development only: `make run`, or `flask run --debug` with ENVIRONMENT=local"

GUNICORN_RULES: tuple[Rule, ...] = (
    decided("workers", "taken over", "`tasks.workers`; an expression: two for each vCPU", _take_workers),
    decided("threads", "taken over", "`tasks.threads`", _take_threads),
    decided("worker_class", "set otherwise", "the kit's threaded worker", _take_worker_class),
    decided("timeout", "taken over", "`longest_request_s`, 5 to 120 seconds", _take_timeout),
    decided("loglevel", "taken over", "`variables`: LOG_LEVEL", _take_level),
    decided("raw_env", "taken over", "`variables` and `secrets`", _take_raw_env),
    decided("wsgi_app", "taken over", "the app that service/app/__init__.py imports", Case.taken),
    otherwise("graceful_timeout", _FOLLOWS),
    otherwise("keepalive", f"{_FOLLOWS}: longer than the load balancer's, or users get random 502s"),
    otherwise("preload_app", "off: a database pool opened before the fork would be shared, and corrupted"),
    otherwise("max_requests", "off: restarts raise the 99th percentile from 23 ms to 1.1 s"),
    otherwise("max_requests_jitter", "off, like max_requests"),
    otherwise("bind", "the kit chooses the port, and gives it to the server by PORT"),
    yours("root_path", f"an app below a prefix: {RECIPES}/path_rules.py, and APPLICATION_ROOT of Flask"),
    *_each(
        "accesslog errorlog access_log_format capture_output logger_class log_syslog syslog", otherwise, _LOG
    ),
    *_each("syslog_addr syslog_facility syslog_prefix enable_stdio_inheritance", otherwise, _LOG),
    *_each("disable_redirect_access_to_syslog", otherwise, _LOG),
    *_each(
        "logconfig logconfig_dict logconfig_json", yours, f"{_LOG}; handlers of your own: in `create_app`"
    ),
    *_each("forwarded_allow_ips secure_scheme_headers forwarder_headers", otherwise, _HEADERS),
    *_each("proxy_protocol proxy_allow_ips", otherwise, _HEADERS),
    *_each("certfile keyfile ca_certs ssl_version ciphers cert_reqs", otherwise, _TLS),
    *_each("do_handshake_on_connect suppress_ragged_eofs", otherwise, _TLS),
    *_each("daemon pidfile proc_name default_proc_name umask initgroups user group", otherwise, _OPERATED),
    *_each("check_config print_config spew reuse_port enable_backlog_metric", otherwise, _OPERATED),
    *_each("control_socket control_socket_disable control_socket_mode", otherwise, _OPERATED),
    *_each("worker_tmp_dir tmp_upload_dir worker_connections backlog sendfile", otherwise, _CHOSEN),
    *_each("no_sendfile http_parser config", otherwise, _CHOSEN),
    *_each("chdir pythonpath", otherwise, "service/src is the working directory, and on Python's path"),
    *_each("reload reload_engine reload_extra_files", otherwise, _DEVELOPMENT),
    *_each("limit_request_line limit_request_fields limit_request_field_size", yours, _HEADS),
    *_each("statsd_host statsd_prefix dogstatsd_tags", yours, _METRICS),
    *_each("header_map strip_header_spaces permit_obsolete_folding casefold_http_method", otherwise, _STRICT),
    *_each("permit_unconventional_http_method permit_unconventional_http_version", otherwise, _STRICT),
    *_each("protocol http_protocols uwsgi_allow_ips websocket_max_message_size", otherwise, _OTHER_WORKERS),
    *_each(
        "http2_cleartext http2_initial_window_size http2_max_concurrent_streams", otherwise, _OTHER_WORKERS
    ),
    *_each("http2_max_frame_size http2_max_header_list_size", otherwise, _OTHER_WORKERS),
    *_each("asgi_disconnect_grace_period asgi_lifespan asgi_loop", otherwise, _OTHER_WORKERS),
    *_each("dirty_apps dirty_workers dirty_threads dirty_timeout dirty_graceful_timeout", yours, _DIRTY),
    *_each("dirty_post_fork dirty_worker_init dirty_worker_exit", yours, _DIRTY),
    *_each(
        "paste raw_paste_global_conf", yours, "import the app that the file makes, in service/app/__init__.py"
    ),
)
# https://docs.gunicorn.org/en/stable/settings.html#server-hooks
HOOKS = frozenset(
    [
        "on_starting",
        "on_reload",
        "when_ready",
        "pre_fork",
        "post_fork",
        "post_worker_init",
        "worker_int",
        "worker_abort",
        "pre_exec",
        "on_dirty_starting",
        "pre_request",
        "post_request",
        "child_exit",
        "worker_exit",
        "nworkers_changed",
        "on_exit",
        "ssl_context",
    ]
)
HOOK = (
    "service/gunicorn_conf.py is the kit's: what a worker needs once belongs into `create_app`, which "
    "runs after the fork; what each request needs, into before_request of Flask"
)


def read_settings(text: str) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Return the settings that a configuration file assigns, and its functions with their lines.

    A value that is no literal is kept as its code. None if the text is not Python.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    settings: dict[str, Any] = {}
    functions = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    known = {rule.field for rule in GUNICORN_RULES}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            # Other names are helpers of the file's own.
            if name in known:
                settings[name] = _value(node.value)
            elif name in HOOKS:
                functions[name] = node.lineno
    return settings, functions


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        pass
    # os.environ.get("X", 4), int(os.getenv("X", "4")): what counts where the variable is not set.
    code = ast.unparse(node)
    found = re.fullmatch(r"(?:int\()?os\.(?:environ\.get|getenv)\('\w+', '?([\w.-]+)'?\)\)?", code)
    return found[1] if found else code


def take_settings(settings: Mapping[str, Any], file: str, wishes: Wishes, report: Report) -> None:
    """Apply the rules to Gunicorn's settings, from a file or from options of a command."""
    apply(GUNICORN_RULES, settings, file=file, wishes=wishes, report=report)


def take_functions(functions: Mapping[str, int], file: str, report: Report) -> None:
    """Report the hooks of a configuration file."""
    for name, line in functions.items():
        if name in HOOKS:
            report.yours(f"{file}:{line}", f"{name}()", HOOK)
