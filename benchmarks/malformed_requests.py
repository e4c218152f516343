"""List requests that break HTTP's grammar or that two servers may read differently."""

LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"
HELLO = b"5\r\nhello\r\n"
# The client closes its side of the connection after the request of this name.
CUT = "cut body"


def get(*lines: bytes, target: bytes = b"/work", first: bytes = b"") -> bytes:
    """Return a GET request with these lines after its Host header."""
    return b"\r\n".join([first or b"GET %b HTTP/1.1" % target, b"Host: a", *lines, b"", b""])


def post(*lines: bytes, body: bytes = b"hello") -> bytes:
    """Return a POST request with these lines after its Host header."""
    return b"\r\n".join([b"POST /upload HTTP/1.1", b"Host: a", *lines, b"", body])


def chunked(body: bytes) -> bytes:
    """Return a POST request whose chunked body is sent exactly as given."""
    return post(CHUNKED, body=body)


SOUND = {
    "get": get(),
    "post": post(LENGTH),
    "chunks": chunked(HELLO + LAST),
}


def malformed(hidden: bytes = b"/work") -> dict[str, bytes]:
    """Return each malformed request by its name; a smuggling one hides a second request for `hidden`.

    https://www.rfc-editor.org/rfc/rfc9112 has the rules that they break.
    """
    next_ = get(target=hidden)
    return {
        **_lengths_and_codings(next_),
        **_chunks(next_),
        **_heads(),
        **_request_lines(),
        **_sizes(),
    }


def _lengths_and_codings(next_: bytes) -> dict[str, bytes]:
    all_ = b"Content-Length: %d" % len(LAST + next_)
    codings = {
        "in quotes": b'Transfer-Encoding: "chunked"',
        "after a vertical tab": b"Transfer-Encoding:\x0bchunked",
        "after LF": b"X-A: b\nTransfer-Encoding: chunked",
        "after CR": b"X-A: b\rTransfer-Encoding: chunked",
        "folded": b"Transfer-Encoding:\r\n chunked",
        "with LF before its colon": b"Transfer-Encoding\n: chunked",
        "and another": CHUNKED + b"\r\nTransfer-Encoding: x",
        "in capitals": b"TRANSFER-ENCODING: CHUNKED",
        "ends with NUL": b"Transfer-Encoding: chunked\0",
        "without a space": b"Transfer-Encoding:chunked",
        "after a tab": b"Transfer-Encoding:\tchunked",
    }
    return {
        **{f"CL.TE, {name}": post(all_, line, body=LAST + next_) for name, line in codings.items()},
        "CL.TE": post(b"Content-Length: %d" % len(LAST + next_), CHUNKED, body=LAST + next_),
        "TE.CL": post(CHUNKED, b"Content-Length: 4", body=b"%x\r\n%b\r\n" % (len(next_), next_) + LAST),
        "two lengths": post(LENGTH, b"Content-Length: %d" % (5 + len(next_)), body=b"hello" + next_),
        "list of lengths": post(b"Content-Length: 5, 6"),
        "length with a plus": post(b"Content-Length: +5"),
        "negative length": post(b"Content-Length: -5"),
        "hexadecimal length": post(b"Content-Length: 0x5"),
        "length with an underscore": post(b"Content-Length: 0_5"),
        "length in words": post(b"Content-Length: five"),
        "space before the length's colon": post(b"Content-Length : 5"),
        "space before the coding's colon": post(b"Transfer-Encoding : chunked", body=LAST),
        "unknown coding": post(b"Transfer-Encoding: xchunked", body=LAST),
        "chunked is not last": post(b"Transfer-Encoding: chunked, identity", body=LAST),
        "chunked twice": post(CHUNKED, CHUNKED, body=LAST),
        "chunks in HTTP/1.0": post(CHUNKED, body=LAST).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        "same length twice": post(LENGTH, LENGTH),
        "length of nothing": post(b"Content-Length:"),
        "length of 5,000 digits": post(b"Content-Length: " + b"5" * 5000),
        "folded length": post(b"Content-Length:", b" 5"),
        "coding without chunks": post(b"Transfer-Encoding: gzip", body=next_),
    }


def _chunks(next_: bytes) -> dict[str, bytes]:
    return {
        "chunk size is no number": chunked(b"zz\r\nhello\r\n" + LAST + next_),
        "chunk size is negative": chunked(b"-5\r\nhello\r\n" + LAST + next_),
        "chunk size 0x5": chunked(b"0x5\r\nhello\r\n" + LAST + next_),
        "chunk size beyond 64 bits": chunked(b"10000000000000005\r\nhello\r\n" + LAST + next_),
        "chunk longer than its size": chunked(b"3\r\nhello\r\n" + LAST + next_),
        "chunk size ends with LF": chunked(b"5\nhello\r\n" + LAST),
        "chunk size with an underscore": chunked(b"0_5\r\nhello\r\n" + LAST + next_),
        "chunk size with a plus": chunked(b"+5\r\nhello\r\n" + LAST + next_),
        "chunk without a size": chunked(b"\r\nhello\r\n" + LAST + next_),
        "chunk ends with LF": chunked(b"5\r\nhello\n" + LAST),
        "CR in a chunk's extension": chunked(b"5;a\rb\r\nhello\r\n" + LAST + next_),
        "LF in a chunk's extension": chunked(b"5;a\nb\r\nhello\r\n" + LAST),
        CUT: post(b"Content-Length: 50"),
    }


def _heads() -> dict[str, bytes]:
    return {
        "folded header": get(b"X-A: b", b" c"),
        "space before the first header": get(first=b"GET /work HTTP/1.1\r\n X-A: b"),
        "header without a colon": get(b"X-A"),
        "header without a name": get(b": b"),
        "space in a header's name": get(b"X A: b"),
        "NUL in a header": get(b"X-A: b\0c"),
        "CR in a header": get(b"X-A: b\rX-B: c"),
        "lines end with LF": get().replace(b"\r\n", b"\n"),
        "control character in a header": get(b"X-A: b\x01c"),
        "DEL in a header": get(b"X-A: b\x7fc"),
        "control character in a header's name": get(b"X\x01A: b"),
        "no ASCII in a header's name": get(b"X\xc4: b"),
        "brackets in a header's name": get(b"X(A): b"),
        "no Host": b"GET /work HTTP/1.1\r\n\r\n",
        "two Hosts": get(b"Host: b"),
        "same Host twice": get(b"Host: a"),
        "space before Host's colon": get().replace(b"Host:", b"Host :"),
        "two Hosts in one": get().replace(b"Host: a", b"Host: a, b"),
        "NUL in Host": get().replace(b"Host: a", b"Host: a\0b"),
        "space in Host": get().replace(b"Host: a", b"Host: a b"),
        "path in Host": get().replace(b"Host: a", b"Host: a/b"),
        "user in Host": get().replace(b"Host: a", b"Host: a@b"),
    }


def _request_lines() -> dict[str, bytes]:
    return {
        "NUL in the target": get(target=b"/work?\0"),
        "space in the target": get(target=b"/work ?a"),
        "CR in the target": get(target=b"/work?\ra"),
        "LF in the target": get(target=b"/work?\na"),
        "target without a slash": get(target=b"work"),
        "asterisk for a target": get(target=b"*"),
        "no target": get(first=b"GET HTTP/1.1"),
        "tunnel": get(first=b"CONNECT a:443 HTTP/1.1"),
        "HTTP/0.9": b"GET /work\r\n\r\n",
        "HTTP/1.10": get(first=b"GET /work HTTP/1.10"),
        "HTTP/3.0": get(first=b"GET /work HTTP/3.0"),
        "method in brackets": get(first=b"(GET) /work HTTP/1.1"),
        "HTTP/2.0": get(first=b"GET /work HTTP/2.0"),
        "preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
        "http/1.1": get(first=b"GET /work http/1.1"),
        "space after the version": get(first=b"GET /work HTTP/1.1 "),
        "version of nothing": get(first=b"GET /work HTTP/"),
        "method in small letters": get(first=b"get /work HTTP/1.1"),
        "control character in the method": get(first=b"G\x01ET /work HTTP/1.1"),
        "greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + b"\r\n\r\n",
        "garbage": bytes(range(128, 256)) + b"\r\n\r\n",
    }


def _sizes() -> dict[str, bytes]:
    return {
        "header of 100 KiB": get(b"X-A: " + b"b" * 102400),
        "target of 100 KiB": get(target=b"/work?" + b"a" * 102400),
        "1,000 headers": get(*(b"X-%d: a" % number for number in range(1000))),
    }
