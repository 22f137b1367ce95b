"""The ASGI application. For each request: request log, latency, faults, rate limit, API key, routing, operation."""

from __future__ import annotations

import asyncio
import math
import posixpath
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from .account.clock import DAY, Clock, http_date
from .account.seed import Key, Seeder, make_keys
from .account.store import Store
from .api import session_manager, task_api, user_manager
from .dialects.document import Contract, Operation, fixed_contract, render
from .dialects.encoding import error_body
from .dialects.validation import invalid_request, query_values
from .faults.actor import Actors
from .faults.effects import break_connection, faulty_reply, is_connection_fault
from .faults.fault import IN_BETWEEN, Fault, Faults
from .faults.intermediary import Intermediary
from .http.compression import accepts_gzip, gzipped
from .http.connection import CONNECTION, Connection
from .http.reply import Refused, Reply
from .http.request_log import Entry, RequestLog
from .settings import Settings

CONTROL = "/_emulator"
_SERVICES = {session_manager.BASE: "session", task_api.BASE: "tasks", user_manager.BASE: ""}
"""The paths of the services, and the scope that every request to one needs."""
_DOCUMENTS = {session_manager.BASE + "/openapi.yaml", task_api.BASE + "/", user_manager.BASE + "/openapi.yaml"}
_FIXED = {task_api.BASE: "tasks", user_manager.BASE: "users"}
"""Services without dialects, and the names of their documents."""
_MAX_BODY_BYTES = 4 << 20
"""Of a streamed answer, when a connection fault has to write it by hand."""


class Emulator:
    """The emulated account as an ASGI application. uvicorn must use `http.connection.Connection` as its protocol."""

    def __init__(self, settings: Settings, *, sessions: int, seed: int, admin_key: str | None, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.keys = make_keys(seed, admin_key)
        seeder = Seeder(seed, settings.generation)
        self.store = Store(clock, seeder, seed)
        self.store.fill(seeder.sessions(sessions, clock.begin))
        self.log = RequestLog(clock, self.keys)
        self.faults = Faults()
        self.actors = Actors(self.store)
        self.manager = session_manager.SessionManager(self.store, clock, settings)
        self.intermediary = Intermediary(self.manager, self.store, clock, settings)
        self.task_api = task_api.TaskApi(self.store, clock, settings)
        self.user_manager = user_manager.UserManager(self.keys.values(), clock, settings)
        self.control: Any = None
        self._tokens, self._refilled = float(settings.rate_burst), time.monotonic()
        self._date = (0, "")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI entry point: handle one request."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL):
            self.store.advance()
            await self.control(scope, receive, send)
            return
        connection: Connection = scope["extensions"][CONNECTION]
        sent_key = _sent_key(scope)
        key = self.keys.get(sent_key)
        entry = self.log.begin(scope, connection.number, connection.carried, key.role if key else None)
        try:
            body = await _read_body(receive) if scope["method"] in ("PUT", "POST", "PATCH") else b""
            self.log.add_body(entry, body)
            if self.settings.latency_ms:
                await asyncio.sleep(self.settings.latency_ms / 1000)
            await self._answer(scope, send, connection, entry, sent_key, body)
        finally:
            self.log.finish()

    async def _answer(
        self, scope: Any, send: Any, connection: Connection, entry: Entry, sent_key: str, body: bytes
    ) -> None:
        query = scope["query_string"].decode("ascii", "replace")
        path = scope["raw_path"].decode("ascii", "replace")
        target = f"{path}?{query}" if query else path
        self.actors.act("before", scope["method"], target)
        fault = self.faults.match(scope["method"], target, connection.carried)
        entry["fault"] = fault.kind if fault else None

        def act(service: session_manager.SessionManager) -> Reply:
            return self._act(scope, path, entry, sent_key, body, service)

        if fault is not None and fault.kind in IN_BETWEEN:
            reply = self.intermediary.answer(fault, act, scope)
        elif fault is not None and fault.before:
            reply = Reply(200, b"{}")
        else:
            reply = act(self.manager)
        self.actors.act("after", scope["method"], target)
        if fault is None or fault.kind in IN_BETWEEN:
            await self._send(send, entry, reply, connection)
        elif is_connection_fault(fault):
            await self._break_connection(fault, connection, reply)
        else:
            error = self._error(path, fault.status, "Fault", "the service is in trouble")
            await self._send(send, entry, faulty_reply(fault, reply, sent_key, self.clock.now(), error), connection)

    # acting

    def _act(
        self,
        scope: Any,
        path: str,
        entry: Entry,
        sent_key: str,
        body: bytes,
        service: session_manager.SessionManager,
    ) -> Reply:
        """Carry out the request and return the answer, errors included. Sets `acted` in its log entry.

        :param service: the session-manager, or what answers for it.
        """
        self.store.advance()
        try:
            self._limit_rate(entry)
            entry["acted"] = True
            if self.settings.log_subjects:
                entry["acted_at"], entry["subjects"] = self.clock.now(), []
            reply = self._route(scope, path, sent_key, body, service, entry.get("subjects"))
            return gzipped(reply) if self.settings.gzip and accepts_gzip(scope) else reply
        except Refused as refused:
            text = self._error(path, refused.status, refused.error_id, refused.message, service)
            return Reply(refused.status, text, headers=refused.headers)

    def _limit_rate(self, entry: Entry) -> None:
        """Token bucket of `rate_burst` tokens, refilled at `rate_limit` per second. Raises Refused (429)."""
        rate = self.settings.rate_limit
        if not rate:
            return
        now = time.monotonic()
        self._tokens = min(float(self.settings.rate_burst), self._tokens + (now - self._refilled) * rate)
        self._refilled = now
        if self._tokens >= 1:
            self._tokens -= 1
            return
        entry["fault"] = "rate_limit"
        wait = str(max(1, math.ceil((1 - self._tokens) / rate)))
        headers = [("retry-after", wait)] if self.settings.rate_retry_after else []
        raise Refused(429, "TooManyRequests", "too many requests", headers)

    def _route(
        self,
        scope: Any,
        path: str,
        sent_key: str,
        body: bytes,
        service: session_manager.SessionManager,
        subjects: list[dict[str, Any]] | None = None,
    ) -> Reply:
        if self.settings.proxy_paths:
            path = quote(posixpath.normpath(unquote(path)))
        base = next((one for one in _SERVICES if path.startswith(one + "/")), "")
        if not base:
            return Reply(404, b"<html><body><h1>404 Not Found</h1></body></html>", "text/html")
        manager = base == session_manager.BASE
        key = self._authorise(sent_key, _SERVICES[base])
        if path in _DOCUMENTS:
            _allow(scope["method"], {"GET"})
            return service.document() if manager else self._fixed_document(base)
        contract = service.contract() if manager else fixed_contract(_FIXED[base])
        operation, path_values = _find(contract, path[len(base) :], scope["method"])
        strict = service.settings.current_dialect().strict or not manager
        call = session_manager.Call(
            path, query_values(operation, scope["query_string"], strict=strict), path_values, key, body
        )
        call.subjects = subjects
        if manager:
            call.raw_query = parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
            return service.run(operation.id, call)
        return (self.task_api if base == task_api.BASE else self.user_manager).run(operation.id, call)

    def _fixed_document(self, base: str) -> Reply:
        """The document of a service without dialects. Raises Refused (404)."""
        if self.settings.document == "missing":
            raise Refused(404, "NotFound", "no such resource")
        body, content_type = render(fixed_contract(_FIXED[base]), "yaml")
        return Reply(200, body, content_type)

    def _authorise(self, sent_key: str, scope: str) -> Key:
        """The key. Raises Refused. :param scope: the scope it needs; empty: any."""
        known = self.keys.get(sent_key)
        key = known.under(self.settings.keys) if known else None
        if key is None or self.settings.expired_keys or self.clock.now() > self.clock.begin + key.days * DAY:
            raise Refused(401, "Unauthorized", "the API key is missing, wrong or expired")
        if scope and scope not in key.scopes:
            raise Refused(403, "Forbidden", f"the API key lacks the {scope.capitalize()} scope")
        return key

    def _error(
        self,
        path: str,
        status: int,
        error_id: str,
        message: str,
        service: session_manager.SessionManager | None = None,
    ) -> bytes:
        settings = service.settings if service else self.settings
        fixed = {task_api.BASE: task_api.ERROR, user_manager.BASE: user_manager.ERROR}
        shape = next((fixed[base] for base in fixed if path.startswith(base)), settings.current_dialect().error)
        return error_body(shape, status, error_id, message)

    # sending

    def _headers(self, reply: Reply) -> list[tuple[str, str]]:
        own = [] if any(name == "date" for name, _value in reply.headers) else self._date_header()
        headers = [*own, *reply.headers]
        if reply.status == 204:
            return headers
        if reply.content_type:
            headers.append(("content-type", reply.content_type))
        if reply.stream is None:
            headers.append(("content-length", str(len(reply.body))))
        return headers

    def _date_header(self) -> list[tuple[str, str]]:
        form = self.settings.date_header
        if form == "drop":
            return []
        if form == "malformed":
            return [("date", "yesterday at noon")]
        second = int(self.clock.now() + self.settings.date_offset)
        if self._date[0] != second:
            self._date = (second, http_date(second))
        return [("date", self._date[1])]

    async def _send(self, send: Any, entry: Entry, reply: Reply, connection: Connection) -> None:
        entry["status"] = reply.status
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self._headers(reply)]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.stream is not None and entry["method"] != "HEAD":
            async for chunk in reply.stream:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if connection.is_closing:
                    break
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.body", "body": reply.body})

    async def _break_connection(self, fault: Fault, connection: Connection, reply: Reply) -> None:
        """Write the answer by hand, as the fault wants it: uvicorn would only send a correct one."""
        if reply.stream is not None:
            reply.body, reply.stream = await _read_stream(reply.stream), None
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self._headers(reply)]
        body = reply.body
        if reply.status == 204:  # has no body that a fault could cut
            lines[0], body = "HTTP/1.1 200 OK", b"{}"
            lines += ["content-type: application/json", "content-length: 2"]
        if fault.kind == "no_length":
            lines = [line for line in lines if not line.startswith("content-length")]
        await break_connection(fault, connection, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body)


def _sent_key(scope: Any) -> str:
    """The API key in the request; empty if there is none."""
    for name, value in scope["headers"]:
        if name == b"apikey":
            return str(value.decode("latin-1"))
    return ""


def _find(contract: Contract, path: str, method: str) -> tuple[Operation, dict[str, str]]:
    """The operation and its path parameters. Raises Refused (400, 404, 405)."""
    found = contract.find(path)
    if found is None:
        raise Refused(404, "NotFound", "no such resource")
    route, path_values = found
    _allow(method, set(route.methods))
    operation = route.methods[method]
    for name, value in path_values.items():
        if len(value) > operation.path_schemas.get(name, {}).get("maxLength", len(value)):
            raise invalid_request(f"{name} is too long")
    return operation, path_values


def _allow(method: str, methods: set[str]) -> None:
    if method not in methods:
        allowed = ", ".join(sorted(methods))
        raise Refused(405, "MethodNotAllowed", f"only {allowed}", [("allow", allowed)])


async def _read_body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if not message.get("more_body", False):
            return body


async def _read_stream(stream: AsyncIterator[bytes]) -> bytes:
    body = b""
    async for chunk in stream:
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            break
    return body
