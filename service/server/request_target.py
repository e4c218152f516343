"""What a request is for: one host, named once, which Gunicorn's parser leaves to others."""

import re
from typing import Any
from urllib.parse import urlsplit

from gunicorn.http.errors import InvalidHeader

# RFC 3986, section 3.2.2, and a port; nothing else that a URL may have, such as a user or a path.
_HOST = re.compile(r"([A-Za-z0-9._~%!$&'()*+,;=-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")


def check_host(req: Any) -> None:
    """Raise InvalidHeader, which Gunicorn answers 400, without a Host or where the target names another.

    RFC 9112, section 3.2: HTTP/1.1 requires it. A target such as http://a/path goes before Host, which the
    app reads: who believes the one would be given, or would cache, what is meant for the other.
    """
    hosts = [value for name, value in req.headers if name == "HOST"]
    if not hosts and req.version < (1, 1):
        return
    if not hosts or not _HOST.fullmatch(hosts[0]):
        raise InvalidHeader("HOST", req=req)
    if not req.uri.startswith("/") and "://" in req.uri and _host_in(req.uri) != hosts[0].lower():
        raise InvalidHeader("HOST", req=req)


def _host_in(uri: str) -> str:
    return urlsplit(uri).netloc.lower()
