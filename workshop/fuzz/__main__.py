"""Send streams of bytes to nginx and Apache, each before a Gunicorn, and let h11 judge the answers.

A finding is: an answer to another request than h11 reads, or with another end; a 200 for what h11 refuses and
docs/http.md does not list; an error of the server; a worker that dies. Each is printed with its number, which
repeats it. Exit code 0: nothing was found; 1: something was.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter

from workshop.fuzz.judge import finding
from workshop.fuzz.servers import Pair, pairs
from workshop.fuzz.streams import stream
from workshop.fuzz.tolerated import tolerated

AT_ONCE = 8
BATCH = 400
SILENCE_S = 1.0


def main() -> int:
    """Send batches for so long; print the counts."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on (10)")
    parser.add_argument("--seed", type=int, default=0, help="number of the first stream (0)")
    parser.add_argument("--only", type=int, help="send the stream of this number alone, and print all of it")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    with pairs() as running:
        if given.only is not None:
            return _show(running, given.only)
        ends_at, seed = time.monotonic() + 60 * given.minutes, given.seed
        while time.monotonic() < ends_at:
            for pair in running:
                for number, said in asyncio.run(_batch(pair, seed)):
                    counts[said[0]] += 1
                    if said[0] == "findings":
                        print(f"FOUND  {pair.kind}, --only {number}: {said[1]}", flush=True)
                if fault := pair.fault():
                    counts["findings"] += 1
                    print(f"FOUND  {pair.kind}, numbers {seed} to {seed + BATCH - 1}: {fault}", flush=True)
            seed += BATCH
            print(_line(counts), file=sys.stderr, flush=True)
    print(_line(counts))
    return 1 if counts["findings"] else 0


async def _batch(pair: Pair, seed: int) -> list[tuple[int, tuple[str, str]]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> tuple[int, tuple[str, str]]:
        async with gate:
            sent = stream(number)
            return number, _judged(pair.kind, sent, await _ask(pair.port, sent))

    return list(await asyncio.gather(*(one(number) for number in range(seed, seed + BATCH))))


def _judged(kind: str, sent: bytes, received: bytes) -> tuple[str, str]:
    said = finding(sent, received)
    if said is None:
        return "agreed" if b" 200 " in received[:20] else "refused", ""
    return ("tolerated" if tolerated(kind, said) else "findings"), said


async def _ask(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        writer.write(sent)
        await writer.drain()
        while piece := await asyncio.wait_for(reader.read(65536), SILENCE_S):
            received += piece
    except (TimeoutError, ConnectionError):
        pass  # it waits for more than was sent, or has refused it
    finally:
        writer.close()
    return received


def _show(running: tuple[Pair, ...], number: int) -> int:
    sent, code = stream(number), 0
    print(f"sent: {sent!r}")
    for pair in running:
        received = asyncio.run(_ask(pair.port, sent))
        outcome, said = _judged(pair.kind, sent, received)
        code |= outcome == "findings"
        print(f"{pair.kind}: {outcome} {said}\n  {received!r}")
    return code


def _line(counts: Counter[str]) -> str:
    return (
        f"streams sent: {counts.total()}, read as h11 does: {counts['agreed']}, "
        f"refused: {counts['refused']}, tolerated (docs/http.md): {counts['tolerated']}, "
        f"findings: {counts['findings']}"
    )


if __name__ == "__main__":
    sys.exit(main())
