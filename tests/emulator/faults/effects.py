"""What a fault does: another answer within HTTP, or an abrupt end of the connection."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from functools import lru_cache

from ..account.clock import http_date
from ..http.connection import Connection
from ..http.reply import JSON, Reply
from .fault import Fault

_HTML = b"<html><head><title>Service</title></head><body><h1>Please wait</h1></body></html>"
_CONNECTION_FAULTS = frozenset(
    {"reset", "close", "timeout", "truncate", "drip_headers", "drip_body", "stale_keepalive", "no_length"}
)


def is_connection_fault(fault: Fault) -> bool:
    """Whether the fault acts on the connection instead of the HTTP answer."""
    return fault.kind in _CONNECTION_FAULTS


def faulty_reply(fault: Fault, reply: Reply, key: str, now: float, error: bytes) -> Reply:
    """The answer for a fault within HTTP.

    :param reply: the true answer. :param key: the key of the request. :param error: a JSON error in the dialect.
    """
    kind = fault.kind
    if kind == "status":
        made = _status(fault, now, error)
    elif kind == "redirect":
        made = Reply(302, b"", "text/plain", [("location", fault.location.replace("{key}", key))])
    elif kind == "echo_key":
        text = json.dumps({"message": f"the key {key} is not welcome", "apiKey": key}).encode()
        made = Reply(400, text, JSON, [("x-echo", key)])
    elif kind == "gzip_bomb":
        made = Reply(200, _gzip_bomb(fault.mib), JSON, [("content-encoding", "gzip")])
    elif kind == "big_body":
        made = Reply(200, b"", JSON, [], _large_stream(fault.mib))
    elif kind == "bom":
        made = Reply(reply.status, b"\xef\xbb\xbf" + reply.body, reply.content_type, reply.headers)
    else:
        made = _bad_body(fault)
    made.headers = [*made.headers, *fault.headers.items()]
    return made


def _bad_body(fault: Fault) -> Reply:
    deep = b"[" * 10_000 + b"]" * 10_000
    bodies = {
        "html": (200, _HTML, "text/html"),
        "empty": (200, b"", JSON),
        "no_content": (204, b"", JSON),
        "wrong_json": (200, json.dumps(fault.value).encode(), JSON),
        "nan": (200, b'{"total": NaN, "items": [NaN], "current_batch": [NaN]}', JSON),
        "deep": (200, deep, JSON),
        "bigint": (200, b'{"total": ' + b"7" * 5_000 + b', "items": []}', JSON),
    }
    return Reply(*bodies[fault.kind])


def _status(fault: Fault, now: float, error: bytes) -> Reply:
    headers = []
    if fault.retry_after is not None:
        value = fault.retry_after
        if value[:5] in ("date+", "date-"):
            value = http_date(now + float(value[4:]))
        headers.append(("retry-after", value))
    if fault.body == "html":
        return Reply(fault.status, f"<html><body><h1>{fault.status}</h1></body></html>".encode(), "text/html", headers)
    return Reply(fault.status, b"" if fault.body == "empty" else error, JSON, headers)


@lru_cache(maxsize=4)
def _gzip_bomb(mib: int) -> bytes:
    return gzip.compress(b"[" + b" " * (mib << 20) + b"]", 9)


async def _large_stream(mib: int) -> AsyncIterator[bytes]:
    yield b"["
    for _number in range(mib * 16):
        yield b" " * 65_536
    yield b"]"


async def break_connection(fault: Fault, connection: Connection, head: bytes, body: bytes) -> None:
    """Carry out a connection fault. `head` and `body` are the true answer as bytes."""
    kind = fault.kind
    if kind == "reset":
        connection.reset()
        return
    connection.take_over()
    if kind == "timeout":
        await _hang(connection, fault)
    elif kind == "truncate":
        connection.write(head + body[: len(body) // 2])
    elif kind == "no_length":
        connection.write(head + (b"" if fault.body == "empty" else body))
    elif kind == "drip_headers":
        await _drip(connection, head + body, fault.seconds)
    elif kind == "drip_body":
        connection.write(head)
        await _drip(connection, body, fault.seconds)
    connection.close()


async def _hang(connection: Connection, fault: Fault) -> None:
    """Send nothing for as long as the fault says, or until it is removed or the client closes."""
    end = time.monotonic() + (3600.0 if fault.seconds is None else fault.seconds)
    while not connection.is_closing and not fault.over and (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 0.05))


async def _drip(connection: Connection, data: bytes, seconds: float | None) -> None:
    """Send one byte every `seconds` (None: 1)."""
    for place in range(len(data)):
        if connection.is_closing:
            return
        connection.write(data[place : place + 1])
        await asyncio.sleep(1.0 if seconds is None else seconds)
