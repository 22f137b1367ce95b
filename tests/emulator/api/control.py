"""The control API under /_emulator, without a key: real state, sessions, faults, settings, clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..account import logs
from ..account.clock import iso, parse_time
from ..account.seed import MESSAGES
from ..account.session import ACTIVE, ENDING, Line, Session
from ..faults.actor import Actor
from ..faults.fault import Fault
from ..server import CONTROL, Emulator

_DIRECT_FIELDS = (
    "app_name", "app_version", "owner", "message", "description", "name", "task_id", "group_index", "logon_token",
    "log_count", "log_bytes", "log_text", "hidden", "overrides",
)  # fmt: skip
_TIMES = {"created_at": "created", "started_at": "started", "ended_at": "ended", "last_log_at": "last_log"}
_CONVERTED_FIELDS = {"id", "kind", "state", "age", "count", "omit", "logs", "append_logs", "quiet", *_TIMES}


class Control:
    """The handlers of the control API."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def app(self) -> Starlette:
        """The control API as an ASGI application."""
        table: list[tuple[str, str, Callable[[Request, Any], Any]]] = [
            ("GET", "/state", self._state),
            ("GET", "/requests", self._requests),
            ("DELETE", "/requests", self._clear_requests),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_faults),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/actors", self._actors),
            ("POST", "/actors", self._add_actors),
            ("DELETE", "/actors", self._clear_actors),
            ("GET", "/sessions/{id}", self._session),
            ("POST", "/sessions", self._add_sessions),
            ("PATCH", "/sessions/{id}", self._change_session),
            ("DELETE", "/sessions/{id}", self._remove_session),
            ("GET", "/settings", self._settings),
            ("POST", "/settings", self._change_settings),
            ("POST", "/tick", self._tick),
            ("POST", "/begin", self._begin),
        ]
        routes = [Route(CONTROL + path, _endpoint(handler), methods=[method]) for method, path, handler in table]
        return Starlette(routes=routes)

    # state and requests

    def _state(self, request: Request, _body: Any) -> Any:
        emulator, store = self._emulator, self._emulator.store
        shown: dict[str, Any] = {
            "now": iso(emulator.clock.now()), "settings": emulator.settings.as_dict(), "count": len(store.sessions),
            "pending": emulator.intermediary.pending,
            "active": sum(session.active for session in store.sessions.values()),
            "stopped_schedules": store.stopped_schedules,
            "record_destroyed": [gone.id for gone in store.removed if gone.removed == "record_destroyed"],
        }  # fmt: skip
        if "summary" not in request.query_params:
            shown["sessions"] = {session.id: session.canonical() for session in store.sessions.values()}
            shown["tasks"] = {name: sorted(group) for name, group in store.tasks.items()}
            shown["removed"] = [session.canonical() for session in store.removed]
        return shown

    def _requests(self, _request: Request, _body: Any) -> Any:
        return self._emulator.log.entries

    def _clear_requests(self, _request: Request, _body: Any) -> Any:
        self._emulator.log.clear()

    def _session(self, request: Request, _body: Any) -> Any:
        return self._find(request).canonical()

    # faults and settings

    def _faults(self, _request: Request, _body: Any) -> Any:
        return [fault.as_dict() for fault in self._emulator.faults.rules]

    def _add_faults(self, _request: Request, body: Any) -> Any:
        made = [Fault.make(values) for values in (body if isinstance(body, list) else [body])]
        for fault in made:
            self._emulator.intermediary.begin(fault)
        self._emulator.faults.rules.extend(made)
        return [fault.as_dict() for fault in made]

    def _clear_faults(self, _request: Request, _body: Any) -> Any:
        self._emulator.faults.clear()

    def _actors(self, _request: Request, _body: Any) -> Any:
        return [actor.as_dict() for actor in self._emulator.actors.rules]

    def _add_actors(self, _request: Request, body: Any) -> Any:
        made = [Actor.make(values) for values in (body if isinstance(body, list) else [body])]
        self._emulator.actors.rules.extend(made)
        return [actor.as_dict() for actor in made]

    def _clear_actors(self, _request: Request, _body: Any) -> Any:
        self._emulator.actors.rules = []

    def _settings(self, _request: Request, _body: Any) -> Any:
        return self._emulator.settings.as_dict()

    def _change_settings(self, _request: Request, body: Any) -> Any:
        emulator = self._emulator
        emulator.settings.change(body)
        if "dialect" in body or "generation" in body:
            for session in emulator.store.sessions.values():
                session.cached_json = None
        if "replace_on_get" in body or "reown_on_get" in body:
            for session in emulator.store.sessions.values():
                session.gets = 0
        return emulator.settings.as_dict()

    def _begin(self, request: Request, body: Any) -> Any:
        """Another account in place of this one: nothing of it stays but clock and keys."""
        emulator = self._emulator
        emulator.store.clear()
        emulator.settings.reset(body.get("settings", {}))
        self._clear_requests(request, None)
        self._clear_faults(request, None)
        self._clear_actors(request, None)
        made = [self._add(values).canonical() for values in body.get("sessions", [])]
        self._add_faults(request, body.get("faults", []))
        self._add_actors(request, body.get("actors", []))
        return made

    def _tick(self, _request: Request, body: Any) -> Any:
        clock = self._emulator.clock
        if "freeze" in body:
            clock.freeze(bool(body["freeze"]))
        clock.tick(float(body.get("seconds", 0)))
        self._emulator.store.advance()
        return {"now": iso(clock.now())}

    # sessions

    def _find(self, request: Request) -> Session:
        return self._emulator.store.sessions[request.path_params["id"]]

    def _add_sessions(self, _request: Request, body: Any) -> Any:
        made = []
        for _number in range(int(body.get("count", 1))):
            made.append(self._add(body).canonical())
        return made if "count" in body else made[0]

    def _add(self, body: dict[str, Any]) -> Session:
        emulator = self._emulator
        now = emulator.clock.now()
        made = emulator.store.seeder.new_session(
            body.get("kind", "webui"), now - float(body.get("age", 60)), "admin@ROOT", "Hello World", "1.0"
        )
        if "id" in body:
            made.id = made.name = str(body["id"])
        self._apply(made, body)
        emulator.store.add(made)
        return made

    def _change_session(self, request: Request, body: Any) -> Any:
        session, store = self._find(request), self._emulator.store
        moves = bool({"task_id", "group_index"} & set(body))
        if moves:
            store.remove_task(session)
        try:
            store.update_indexed(session, lambda: self._apply(session, body))
        finally:
            if moves:
                store.add_task(session)
        if session.hidden:
            store.hide(session)
        store.state_version += 1
        return session.canonical()

    def _apply(self, session: Session, body: dict[str, Any]) -> None:
        unknown = sorted(set(body) - set(_DIRECT_FIELDS) - _CONVERTED_FIELDS)
        if unknown:
            raise ValueError(f"unknown in a session: {', '.join(unknown)}")
        index = body.get("group_index")
        if index is not None and (not isinstance(index, int) or index < 0):
            raise ValueError("group_index is a whole number from 0 on")
        now = self._emulator.clock.now()
        for name in _DIRECT_FIELDS:
            if name in body:
                setattr(session, name, body[name])
        _set_times(session, body, now)
        if "omit" in body:
            session.omitted = frozenset(body["omit"])
        if "logs" in body:
            session.log_records = None if body["logs"] is None else _log_lines(body["logs"], now)
        if "append_logs" in body:
            logs.append(session, _log_lines(body["append_logs"], now), now)
        if "state" in body:
            self._set_state(session, body["state"], now)

    def _set_state(self, session: Session, state: str, now: float) -> None:
        session.state = state
        session.transitions.clear()
        session.schedule_version += 1
        if state in ACTIVE | ENDING:
            session.ended = session.ended_by = session.ended_how = session.terminate_at = None
            if state in ("queued", "assigned", "launching"):
                session.started = None
        else:
            session.ended = now if session.ended is None else session.ended
            session.ended_how = session.ended_how or "control"
            session.message = session.message or MESSAGES.get(state, "")

    def _remove_session(self, request: Request, _body: Any) -> Any:
        self._emulator.store.remove(self._find(request), "control", None)


def _log_lines(rows: list[dict[str, Any]], now: float) -> list[Line]:
    """Log lines from JSON. A line without a timestamp gets the time `now`."""
    return [(parse_time(row["timestamp"]) if "timestamp" in row else now, str(row["message"])) for row in rows]


def _set_times(session: Session, body: dict[str, Any], now: float) -> None:
    if "age" in body:
        session.created = session.started = round(now - float(body["age"]), 3)
        session.last_log = session.created
    for name, attribute in _TIMES.items():
        if name in body:
            setattr(session, attribute, None if body[name] is None else parse_time(body[name]))
    if "quiet" in body:
        session.last_log = now - float(body["quiet"])


def _endpoint(handler: Callable[[Request, Any], Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.json() if request.method in ("POST", "PATCH") else None
            shown = handler(request, body)
        except KeyError as missing:
            return JSONResponse({"message": f"no such session: {missing}"}, 404)
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"message": str(wrong)}, 400)
        return Response(json.dumps(shown), media_type="application/json")

    return endpoint
