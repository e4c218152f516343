import tempfile
import types
from typing import Any, cast

import pytest

from service.server.connection import ReadAhead
from service.server.incoming import MEMORY_BYTES


@pytest.mark.parametrize("hint", [None, 10_000, 10 * 1024**2])
def test_a_body_is_given_in_small_pieces_however_much_the_parser_asks_for(hint: int | None) -> None:
    # The parser's reader copies what it is given three times: a whole body was 30 MiB for each thread.
    unreader = ReadAhead(sock=cast(Any, None))
    with tempfile.TemporaryFile() as body:
        body.write(b"x" * 1024**2)
        unreader.load(cast(Any, types.SimpleNamespace(head=b"", body=body)))
        assert 0 < len(unreader.chunk(hint)) <= MEMORY_BYTES
