"""The kinds of faults: for which requests each makes sense, and answers that are not from the service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random

BEFORE, AFTER, LATE = "before", "after", "late"
_BOTH = (BEFORE, AFTER)
KINDS: dict[str, tuple[str, ...]] = {
    "refused": (BEFORE,),
    "reset": _BOTH,
    "closed": _BOTH,
    "timeout": _BOTH,
    "timeout, acted on later": (LATE,),
    "truncated": _BOTH,
    "slow drip": _BOTH,
    "stale keep-alive": (BEFORE,),
    "429": (BEFORE,),
    "500": _BOTH,
    "502": _BOTH,
    "503": _BOTH,
    "504": _BOTH,
    "HTML": _BOTH,
    "wrong JSON": _BOTH,
    "empty": _BOTH,
}
"""Each kind, and whether it comes before the server acted, after it did, or so that it acts after the client left."""
REFUSED, STALE, LATER, TOO_MANY = "refused", "stale keep-alive", "timeout, acted on later", "429"
NO_ANSWERS = ("HTML", "wrong JSON", "empty")
"""Kinds that answer 200 with something else; a listing is not read on after them, by contract."""
SAYS_YES = (*NO_ANSWERS, "truncated", "slow drip")
"""Kinds with a status of success. A change that is answered with one was taken, so if it was not, it is unknown."""
OPEN_KINDS = tuple(kind for kind in KINDS if kind not in (*SAYS_YES, REFUSED))
_PAGE = b"<!doctype html><html><head><title>Gateway</title></head><body><h1>Just a moment</h1></body></html>"


@dataclass
class Answer:
    """An answer, true or false."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def encode(self, *, last: bool = False) -> tuple[bytes, bytes]:
        """Head and body as bytes. ``last``: the connection is closed after it, and a header says so."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"content-length: {len(self.body)}"] if self.status != 204 else []
        lines += ["connection: close"] if last else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), self.body


@dataclass(frozen=True)
class Fault:
    """A fault of one request. ``chance`` decides its details."""

    kind: str
    phase: str
    chance: Random


@dataclass(frozen=True)
class Asked:
    """The properties of a request that determine its faults. ``whole``: a list page or the document."""

    change: bool
    whole: bool
    carried: int


def draw(chance: Random, kinds: Sequence[str], asked: Asked, *, spoil_lists: bool) -> Fault | None:
    """A random fault of one of the kinds that make sense for the request; None if there is none."""
    chosen = [kind for kind in kinds if any(_fits(kind, phase, asked, spoil_lists) for phase in KINDS[kind])]
    if not chosen:
        return None
    kind = chance.choice(chosen)
    phase = chance.choice([phase for phase in KINDS[kind] if _fits(kind, phase, asked, spoil_lists)])
    return Fault(kind, phase, chance)


def draw_before(chance: Random, kinds: Sequence[str]) -> Fault:
    """A random fault of one of the kinds that keep a change from the server."""
    asked = Asked(change=True, whole=False, carried=2)
    chosen = [kind for kind in kinds if _fits(kind, BEFORE, asked, False) and BEFORE in KINDS[kind]]
    return Fault(chance.choice(chosen or ["reset"]), BEFORE, chance)


def _fits(kind: str, phase: str, asked: Asked, spoil_lists: bool) -> bool:
    if kind == REFUSED:
        return False  # no request arrives: the proxy's port is closed for some time
    if kind == STALE:
        return asked.carried > 1
    if asked.whole and kind in NO_ANSWERS and not spoil_lists:
        return False
    if kind == "empty" and asked.change and phase == BEFORE:
        return False  # for a change it is no fault: some servers accept one with an empty 200
    return kind != LATER or asked.change


def false_answer(fault: Fault, true: Answer | None, asked: Asked) -> Answer:
    """The answer of a fault within HTTP. ``true`` is the service's answer, if it acted first."""
    kind, chance = fault.kind, fault.chance
    if kind == "HTML":
        return Answer(chance.choice((200, 200, 500, 502)), _PAGE, [("content-type", "text/html; charset=utf-8")])
    if kind == "empty":
        return Answer(200)
    if kind == "wrong JSON":
        return Answer(200, _wrong_json(chance, true, asked), [("content-type", "application/json")])
    pauses = (None, "0", "1") if kind == TOO_MANY else (None, None, "0", "soon")
    pause = chance.choice(pauses)
    headers = [("content-type", "application/json")] + ([("retry-after", pause)] if pause else [])
    return Answer(int(kind), b'{"message": "the service is in trouble"}', headers)


def _wrong_json(chance: Random, true: Answer | None, asked: Asked) -> bytes:
    bodies = [b'"accepted"', b"7", b'{"id": "', b"NaN"]
    if not asked.change:
        bodies += [b"null", b'{"status": "ok"}']
    if not asked.change and not asked.whole:
        bodies += [b"[]", b"{}"]
        if true is not None and true.status == 200:
            bodies += [_another(true.body)] * 3
    return chance.choice(bodies)


def _another(body: bytes) -> bytes:
    """The record of a session with another id, as from a wrong cache entry."""
    record = json.loads(body)
    named = [name for name in record if name.lower() in ("id", "guid", "sid")]
    return json.dumps({**record, **dict.fromkeys(named, "a-session-of-somebody-else")}).encode()


def beginning(true: Answer | None) -> bytes:
    """The first part of an answer that is cut."""
    head, body = (true or Answer(200, b'{"id": "' + b"x" * 200 + b'"}')).encode()
    return head + body[: len(body) // 2] if body else head[: len(head) // 2]
