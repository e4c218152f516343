"""A socket for the main loop: its calls do not wait, and do not give Python's lock away.

A socket's own methods give it to another thread. While threads compute, to get it back for each of the four
calls of a refusal takes longer than all the rest of it.
"""

import ctypes
import errno
import socket

_LIBC = ctypes.PyDLL(None, use_errno=True)  # CDLL would give the lock away
_BUFFER = ctypes.create_string_buffer(64 * 1024)  # for the main loop alone
# Linux has the second flag; Python ignores SIGPIPE anyway.
_FLAGS = socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)


class Quick:
    """Do for a Connection what a socket does, once its whole request has come."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._fd = sock, sock.fileno()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come."""
        got: int = _LIBC.recv(self._fd, _BUFFER, min(size, len(_BUFFER)), _FLAGS | flags)
        if got < 0:
            raise OSError(ctypes.get_errno(), "nothing has come")
        return ctypes.string_at(_BUFFER, got)

    def peek(self) -> bytes:
        """Return the same, and leave it there."""
        return self.recv(len(_BUFFER), socket.MSG_PEEK)

    def sendall(self, data: bytes) -> None:
        """Send an answer, which the socket has room for."""
        if _LIBC.send(self._fd, data, len(data), _FLAGS) < len(data):
            raise OSError(ctypes.get_errno() or errno.EPIPE, "the client has gone")

    def fileno(self) -> int:
        """Return the file's number."""
        return self._fd

    def settimeout(self, seconds: float | None) -> None:
        """Do nothing: no call waits."""

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 (a socket's signature)
        """Do nothing: no call waits."""

    def shutdown(self, how: int) -> None:
        """Say that no more is sent."""
        _LIBC.shutdown(self._fd, how)

    def close(self) -> None:
        """Close the socket."""
        self._sock.detach()
        _LIBC.close(self._fd)
