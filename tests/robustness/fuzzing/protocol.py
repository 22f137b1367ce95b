"""Hostile answers that are slow, and answers that break HTTP."""

from __future__ import annotations

import gzip

from .kinds import (
    MIB,
    Kind,
    always,
    body,
    drip,
    plain,
    pour,
    spoiled,
    then_close,
    then_reset,
    then_stall,
)
from .server import ROUTES, answer

_OK = "HTTP/1.1 200 OK"
_CHUNKED = plain(f"{_OK}\ntransfer-encoding: chunked")
_BARE = plain(_OK)
_HARMLESS = ("document", "download", "change")
"""Routes on which a body that is not JSON is valid: a missing document is replaced, and a log is any text."""


def _lied(length: str) -> Kind:
    return Kind(spoiled(lambda data: then_close(plain(f"{_OK}\ncontent-length: {length}", data))), believed=ROUTES)


def _encoded(encoding: str, data: bytes) -> Kind:
    return Kind(body(data, content_encoding=encoding))


SLOW = {
    "says nothing": Kind(always(then_stall()), sure=True),
    "drips the head": Kind(spoiled(lambda data: drip(answer(200, data)))),
    "drips a header without end": Kind(always(drip(f"{_OK}\r\nx: y".encode(), 19))),
    "drips the body": Kind(always(drip(plain(f"{_OK}\ncontent-length: 10000") + b" [", 45))),
    "drips chunks": Kind(always(drip(_CHUNKED + b"1\r\n \r\n", len(_CHUNKED)))),
    "drips a body without length": Kind(always(drip(_BARE + b" ", len(_BARE)))),
    "drips an error": Kind(always(drip(plain("HTTP/1.1 503 No\ncontent-length: 10000") + b"x", 42))),
    "drips gzip": Kind(always(drip(plain(f"{_OK}\ncontent-encoding: gzip") + gzip.compress(b""), 41, 0.01))),
    "promises slowly": Kind(always(drip(b"HTTP/1.1 100 Continue\r\n\r\n", every=0.002))),
}
"""They end only when the time of the call is over."""

POURING = {
    "promises fast": Kind(always(pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n"))),
    "promises with headers": Kind(always(pour(b"", b"HTTP/1.1 100 Continue\r\n" + b"x: y\r\n" * 50 + b"\r\n"))),
    "chunks of nothing but extensions": Kind(always(pour(_CHUNKED, b"1;" + b"x" * 4000 + b"\r\n \r\n"))),
}
"""They too, and they send much data until then."""

BROKEN = {
    "hangs up": Kind(always(then_close(b""))),
    "resets": Kind(always(then_reset(b""))),
    "resets half-way": Kind(spoiled(lambda data: then_reset(answer(200, data)[:-4]))),
    "garbage for a status line": Kind(always(then_close(b"\x16\x03\x01\x02\x00\x01\x00 \xff\r\n\r\n"))),
    "no head at all": Kind(spoiled(then_close)),
    "a status line without end": Kind(always(pour(b"HTTP/1.1 200 ", b"x"))),
    "a status of 101": Kind(spoiled(lambda data: plain("HTTP/1.1 101 Switching", data))),
    "a status of 304": Kind(always(plain("HTTP/1.1 304 Not Modified"))),
    "a status of 999": Kind(  # an error of the server, after which the lines of a log are read
        always(plain("HTTP/1.1 999 Odd\ncontent-length: 0")), believed=("document", "download")
    ),
    "a header of 1 MiB": Kind(spoiled(lambda data: answer(200, data, x="y" * MIB))),
    "a header without end": Kind(always(pour(f"{_OK}\r\nx: ".encode(), b"y")), sure=True),
    "10,000 headers": Kind(spoiled(lambda data: plain(_OK + "\nx: y" * 10_000, data))),
    "headers without end": Kind(always(pour(f"{_OK}\r\n".encode(), b"x: y\r\n"))),
    "a header without a colon": Kind(
        spoiled(lambda data: then_close(plain(f"{_OK}\nnonsense", data))), believed=ROUTES
    ),
    "NUL in a header": Kind(spoiled(lambda data: answer(200, data, x="a\0b")), believed=ROUTES),
    "a length too large": Kind(
        spoiled(lambda data: then_close(plain(f"{_OK}\ncontent-length: {len(data) + 9}", data)))
    ),
    "a length too small": Kind(
        spoiled(lambda data: plain(f"{_OK}\ncontent-length: {len(data) - 2}", data)), believed=_HARMLESS
    ),
    "a negative length": _lied("-5"),
    "a length of no digits": _lied("\xb2"),
    "a length of 5,000 digits": _lied("9" * 5000),
    "two lengths": _lied("3\ncontent-length: 100000"),
    "length and chunks": Kind(
        spoiled(
            lambda data: then_close(
                plain(
                    f"{_OK}\ncontent-length: 3\ntransfer-encoding: chunked",
                    b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n",
                )
            )
        ),
        believed=ROUTES,
    ),
    "chunks that are cut": Kind(spoiled(lambda data: then_close(_CHUNKED + b"%x\r\n" % (len(data) + 5) + data))),
    "chunks without the last": Kind(
        spoiled(lambda data: then_close(_CHUNKED + b"%x\r\n" % len(data) + data + b"\r\n"))
    ),
    "garbage for a chunk size": Kind(always(then_close(_CHUNKED + b"zz\r\n \r\n0\r\n\r\n"))),
    "a chunk of minus five": Kind(always(then_close(_CHUNKED + b"-5\r\n[]\r\n0\r\n\r\n"))),
    "a chunk of minus one without end": Kind(always(pour(_CHUNKED + b"-1\r\n", b" ")), sure=True),
    "a chunk size without end": Kind(always(pour(_CHUNKED + b"5;", b"x")), sure=True),
    "a trailer without end": Kind(always(pour(_CHUNKED + b"2\r\n{}\r\n0\r\n", b"x")), sure=True),
    "gzip that is none": Kind(spoiled(lambda data: answer(200, data, content_encoding="gzip"))),
    "gzip that is cut": Kind(spoiled(lambda data: answer(200, gzip.compress(data)[:-6], content_encoding="gzip"))),
    "gzip with a wrong sum": Kind(
        spoiled(lambda data: answer(200, gzip.compress(data)[:-8] + b"\0" * 8, content_encoding="gzip"))
    ),
    "deflate": _encoded("deflate", b"x\x9c\x03\x00\x00\x00\x00\x01"),
    "br": _encoded("br", b"\x0b\x00\x80[]\x03"),
    "zstd": _encoded("zstd", b"(\xb5/\xfd\x00X\x11\x00\x00[]"),
    "gzip twice": Kind(
        spoiled(lambda data: answer(200, gzip.compress(gzip.compress(data)), content_encoding="gzip, gzip"))
    ),
    "an encoding of 60 KiB": _encoded("x" * 60_000, b"[]"),
    "503, again in a day": Kind(body(b"{}", 503, retry_after="86400"), believed=("document",)),
    "503, again in 5,000 digits": Kind(body(b"{}", 503, retry_after="9" * 5000), believed=("document",)),
    "an error with half a character": Kind(
        body(b'{"message": "\\ud800 is bad"}', 400), believed=("document",), acts=False
    ),
    "an error that writes to the screen": Kind(
        body(b'{"message": "\\u001b[2Jgone\\u0000\\u0007\\u202e"}', 403), believed=("document",), acts=False
    ),
    "an error of 15 MiB": Kind(
        body(b'{"message": "' + b"m" * 15 * MIB + b'"}', 400), believed=("document",), acts=False
    ),
    "an error that is deep": Kind(body(b'{"message": ' * 20_000, 400), believed=("document",), acts=False),
}
"""No answer that HTTP allows, or that may be used."""
