"""The speed of the emulator itself, with raw requests: it must not limit the other cases."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

from ..bench import Bench
from ..measure import Contender, Measured
from ..servers import page_addresses
from ..stopwatch import Sample


def run(bench: Bench) -> Measured:
    """Pages of 100 as fast as possible, with 8 and 16 connections, for each latency of the other cases."""
    seconds, sessions = bench.pick(0.1, 2.0), bench.pick(60, 2_000)
    measured = Measured("emulator", {"seconds": seconds})
    contenders: list[Contender | None] = []
    with ExitStack() as stack:
        for latency, workers in ((0, 16), (20, 8), (20, 16), (50, 16)):
            account = bench.emulator(stack, sessions=sessions, latency_ms=latency)
            addresses = page_addresses(account, 100)
            key = f"{latency} ms, {workers}"
            measured.numbers |= {f"limit {key}": workers * 1000 / latency if latency else 0.0}
            contenders.append(
                Contender(
                    key,
                    f"pages at {latency} ms, {workers} connections",
                    partial(_load, account.admin_key, addresses, workers, seconds),
                )
            )
        return bench.measure(measured, contenders)


def _load(key: str, addresses: list[str], workers: int, seconds: float) -> Sample:
    """A sample with the number of requests that were answered in its seconds."""
    return asyncio.run(_loaded(key, addresses, workers, seconds))


async def _loaded(key: str, addresses: list[str], workers: int, seconds: float) -> Sample:
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_ask(key, addresses, begun + seconds) for _number in range(workers)))
    return Sample(time.perf_counter() - begun, requests={"total": sum(counts)})


async def _ask(key: str, addresses: list[str], until: float) -> int:
    """Request page after page on one connection."""
    parts = urlsplit(addresses[0])
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    done = 0
    while time.perf_counter() < until:
        target = urlsplit(addresses[done % len(addresses)])
        writer.write(
            f"GET {target.path}?{target.query} HTTP/1.1\r\nHost: {target.netloc}\r\napiKey: {key}\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if not head.startswith("http/1.1 200"):
            raise OSError(head.split("\r\n", 1)[0])
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n", 1)[0]))
        done += 1
    writer.close()
    return done
