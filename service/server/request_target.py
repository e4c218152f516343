"""Check that a request names one host, once; Gunicorn's parser does not."""

import re
from urllib.parse import urlsplit

from gunicorn.http import Request
from gunicorn.http.errors import InvalidHeader

# A host as in RFC 3986, section 3.2.2, and a port; no other part of a URL, such as a user or a path.
_HOST = re.compile(r"([A-Za-z0-9._~%!$&'()*+,;=-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")


def check_host(req: Request) -> None:
    """Raise InvalidHeader (400) if the request has no valid Host, or if its target names another host.

    RFC 9112, section 3.2: HTTP/1.1 requires Host, and the host of a target such as http://a/path goes before
    it. The app reads Host: a cache that reads the target would store the answer of one host for the other.
    """
    hosts = [value for name, value in req.headers if name == "HOST"]
    if not hosts and (req.version or (1, 1)) < (1, 1):
        return
    if not hosts or not _HOST.fullmatch(hosts[0]):
        raise InvalidHeader("HOST", req=req)
    uri = req.uri or ""
    if not uri.startswith("/") and "://" in uri and _host_in(uri) != hosts[0].lower():
        raise InvalidHeader("HOST", req=req)


def _host_in(uri: str) -> str:
    return urlsplit(uri).netloc.lower()
