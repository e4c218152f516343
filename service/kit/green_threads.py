"""Refuse to start where Python's threads have been replaced: the service runs real ones."""

import sys

from service.kit import start


def refuse() -> None:
    """End the start if gevent or eventlet has patched threads or sockets, as their documentation asks for."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if gevent and any(map(gevent.is_module_patched, ("threading", "socket", "select"))):
        call = "gevent.monkey.patch_all()"
    elif eventlet and any(map(eventlet.is_monkey_patched, ("thread", "socket", "select"))):
        call = "eventlet.monkey_patch()"
    else:
        return
    start.refuse(
        f"the app calls {call}, and the service runs real threads, which would wait for each other. "
        "Remove that call: a thread that waits costs little here."
    )
