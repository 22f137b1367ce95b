"""What stands between the client and the service: it answers for it, keeps copies of its answers, or hands out cookies.

It is a part of the emulator's process, but a client sees it as it sees a proxy: over the same socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..account.clock import http_date
from ..api.session_manager import SessionManager
from ..http.reply import Reply
from .fault import Fault
from .pages import page

if TYPE_CHECKING:
    from ..account.clock import Clock
    from ..account.store import Store
    from ..settings import Settings

COOKIE = "JSESSIONID=9f1c2a77"
_LATE = 8.0
Act = Callable[[SessionManager], Reply]
"""Carries the request out by one service."""


class Intermediary:
    """Answers requests by a fault of kind page, late, cached, node or cookie."""

    def __init__(self, service: SessionManager, store: Store, clock: Clock, settings: Settings) -> None:
        self._service, self._store, self._clock, self._settings = service, store, clock, settings
        self.pending = 0  # requests that are still to be carried out
        self._copies: dict[int, tuple[SessionManager, float]] = {}

    def begin(self, fault: Fault) -> None:
        """A cache makes its copy of the whole account when its fault is added."""
        if fault.kind == "cached":
            store, settings = deepcopy(self._store), replace(self._settings)
            store.clock.freeze(True)
            self._copies[id(fault)] = SessionManager(store, store.clock, settings), self._clock.now()

    def answer(self, fault: Fault, act: Act, scope: Any) -> Reply:
        """The answer that the client gets."""
        if fault.kind == "cached":
            return self._cached(fault, act, scope)
        if fault.kind == "node":
            return self._node(fault, act)
        if fault.kind == "cookie":
            return self._cookie(fault, act, scope)
        if fault.kind == "late":
            self.pending += 1
            seconds = _LATE if fault.seconds is None else fault.seconds
            asyncio.get_running_loop().call_later(seconds, self._at_last, act)
        elif not fault.before:
            act(self._service)
        return page(fault.page)

    def _at_last(self, act: Act) -> None:
        self.pending -= 1
        act(self._service)

    def _cached(self, fault: Fault, act: Act, scope: Any) -> Reply:
        asked = b",".join(value for name, value in scope["headers"] if name in (b"cache-control", b"pragma"))
        if scope["method"] != "GET" or (fault.obeys and b"no-cache" in asked.lower()):
            return act(self._service)
        copy, made = self._copies[id(fault)]
        reply = act(copy)
        if fault.told:
            age = fault.age + self._clock.now() - made
            reply.headers = [*reply.headers, ("age", str(int(age))), ("x-cache", "HIT")]
            reply.headers.append(("date", http_date(self._clock.now() - age)))
        return reply

    def _node(self, fault: Fault, act: Act) -> Reply:
        """Another node of the same service, in another dialect: an upgrade under way."""
        settings = replace(self._settings)
        settings.change({"dialect": fault.dialect})
        self._forget_records()
        try:
            return act(SessionManager(self._store, self._clock, settings))
        finally:
            self._forget_records()

    def _forget_records(self) -> None:
        for session in self._store.sessions.values():
            session.cached_json = None

    def _cookie(self, fault: Fault, act: Act, scope: Any) -> Reply:
        if not any(name == b"cookie" for name, _value in scope["headers"]):
            reply = act(self._service)
            if scope["method"] == "GET":
                reply.headers = [*reply.headers, ("set-cookie", f"{COOKIE}; Path=/; HttpOnly")]
            return reply
        if fault.sees == "csrf":
            return page("waf-403-html")
        guest = SessionManager(type(self._store)(self._clock, self._store.seeder, 0), self._clock, self._settings)
        return act(guest)
