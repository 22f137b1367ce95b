"""Encode sessions, pages and errors as JSON of a dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from ..account.clock import iso, to_datetime
from ..account.seed import ACCOUNT
from ..account.session import Session
from .dialect import Dialect

CASES: dict[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "title": str.title}
_ITEMS_PLACEHOLDER = "@items@"


def set_path(body: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path of nested objects; missing objects are added."""
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = value


def format_time(seconds: float | None, form: str) -> str | int | None:
    """A time in the format of a dialect (`Dialect.time`)."""
    if seconds is None:
        return None
    if form == "epoch":
        return int(seconds)
    if form == "epoch_ms":
        return round(seconds * 1000)
    text = iso(seconds) or ""
    if form == "naive_us":
        return text[:-1].replace("T", " ") + "000"
    bare = text[:-1] if form.endswith("_ms") else text[:-5]
    if form.startswith("offset"):
        return _with_offset(seconds, form.endswith("_ms"))
    return bare if form == "naive" else bare + "Z"


def _with_offset(seconds: float, milliseconds: bool) -> str:
    local = to_datetime(seconds + 7200).isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return local.replace("+00:00", "+02:00")


def format_state(state: str, case: str) -> str:
    """A state in upper, lower or title case."""
    return {"lower": state, "upper": state.upper(), "title": state.capitalize()}[case]


def _values(session: Session, dialect: Dialect) -> dict[str, Any]:
    webui = session.kind == "webui"
    user, _at, environment = session.owner.rpartition("@")  # the user may be a mail address
    user, environment = (user, environment) if _at else (session.owner, "")
    ended = None if webui else session.ended
    run = round(ended - session.started) if ended is not None and session.started is not None else None
    queue = None if session.started is None else round(session.started - session.created)
    weight = crc32(session.id.encode())
    return {
        "id": session.id, "kind": session.kind, "name": session.name, "description": session.description,
        "state": format_state(session.state, dialect.state_case), "account": ACCOUNT,
        "app_name": session.app_name, "app_version": session.app_version,
        "owner": session.owner, "owner_user": user, "owner_environment": environment,
        "created_at": format_time(session.created, dialect.time),
        "started_at": format_time(session.started, dialect.time),
        "ended_at": format_time(ended, dialect.time),
        "message": "" if webui else session.message,
        "queue_time": duration(queue, dialect), "run_time": duration(run, dialect),
        "launch_time": duration(None if queue is None else weight % 20, dialect),
        "gb_hour": None if run is None else round(run / 3600 * 0.5, 4),
        "peak_memory": 128 + weight % 4096, "peak_cpu": 50 + weight % 2000, "schedule": None,
    }  # fmt: skip


def duration(seconds: int | None, dialect: Dialect) -> int | str | None:
    """Seconds in the form of a dialect."""
    return f"{seconds:.2f}" if dialect.seconds_as_text and seconds is not None else seconds


def record(
    session: Session, dialect: Dialect, adjust: Callable[[dict[str, Any]], None] = lambda _values: None
) -> dict[str, Any]:
    """The record of a session in the dialect, with the overrides of a test. ``adjust`` changes the values."""
    values = _values(session, dialect)
    if session.overrides:
        values.update(session.overrides)
    adjust(values)
    body: dict[str, Any] = {}
    for name, path in dialect.fields.items():
        if name not in session.omitted:
            set_path(body, path, values[name])
    return body


def record_bytes(session: Session, dialect: Dialect) -> bytes:
    """The record of a session as JSON. Cached until the session changes."""
    if session.cached_json is None:
        session.cached_json = json.dumps(record(session, dialect)).encode()
    return session.cached_json


def in_lists(dialect: Dialect, omit: list[str], names: Mapping[str, str]) -> Dialect:
    """The dialect of the records in lists, which lack fields or name them in another way."""
    if not names and {*omit} <= {"environment"}:
        return dialect
    fields = {name: names.get(name, path) for name, path in {**dialect.fields, **names}.items() if name not in omit}
    return replace(dialect, fields=fields)


def partial_bytes(session: Session, dialect: Dialect, case: str, *, environment: bool) -> bytes:
    """A record of a list as JSON. :param case: of owner and app. :param environment: whether it tells the owner's."""
    shown = record(session, dialect, lambda values: _in_a_list(values, case, environment=environment))
    return json.dumps(shown).encode()


def _in_a_list(values: dict[str, Any], case: str, *, environment: bool) -> None:
    if not environment:
        values.update(owner=str(values["owner"]).rpartition("@")[0], owner_environment=None)
    for name in ("owner", "owner_user", "owner_environment", "app_name"):
        if case and isinstance(values[name], str):
            values[name] = CASES[case](values[name])


def envelope(dialect: Dialect, items: list[bytes], total: int, following: str | None) -> bytes:
    """One page in the dialect's envelope. `items` are JSON; `following` is what names the next page, if any."""
    joined = b"[" + b",".join(items) + b"]"
    if dialect.items == "":
        return joined
    body: dict[str, Any] = {}
    set_path(body, dialect.items, _ITEMS_PLACEHOLDER)
    if dialect.total is not None:
        set_path(body, dialect.total, total)
    if dialect.next_via == "body":
        set_path(body, dialect.next_path, following)
    head, tail = json.dumps(body).encode().split(b'"' + _ITEMS_PLACEHOLDER.encode() + b'"')
    return head + joined + tail


def error_body(fields: Mapping[str, str], status: int, error_id: str, message: str) -> bytes:
    """An error as JSON; `fields` are dotted paths for id, code and message."""
    values = {"id": error_id, "code": status, "message": message}
    body: dict[str, Any] = {}
    for name, path in fields.items():
        set_path(body, path, values[name])
    return json.dumps(body).encode()
