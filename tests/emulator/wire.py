"""Sessions, pages and errors as JSON in a dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .clock import iso, moment
from .dialect import Dialect
from .seed import ACCOUNT
from .session import Session

_MARK = "@items@"


def place(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path."""
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = value


def time_out(seconds: float | None, form: str) -> str | int | None:
    """A time as the dialect writes it."""
    if seconds is None:
        return None
    if form == "epoch":
        return int(seconds)
    if form == "epoch_ms":
        return round(seconds * 1000)
    text = iso(seconds) or ""
    bare = text[:-1] if form.endswith("_ms") else text[:-5]
    if form.startswith("offset"):
        return _in_zone(seconds, form.endswith("_ms"))
    return bare if form == "naive" else bare + "Z"


def _in_zone(seconds: float, milliseconds: bool) -> str:
    local = moment(seconds + 7200).isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return local.replace("+00:00", "+02:00")


def state_out(state: str, case: str) -> str:
    """A state in the case of the dialect."""
    return {"lower": state, "upper": state.upper(), "title": state.capitalize()}[case]


def _values(session: Session, dialect: Dialect) -> dict[str, Any]:
    webui = session.kind == "webui"
    user, _at, environment = session.owner.partition("@")
    ended = None if webui else session.ended
    run = round(ended - session.started) if ended is not None and session.started is not None else None
    return {
        "id": session.id, "kind": session.kind, "name": session.name, "description": session.description,
        "state": state_out(session.state, dialect.state_case), "account": ACCOUNT,
        "app_name": session.app_name, "app_version": session.app_version,
        "owner": session.owner, "owner_user": user, "owner_environment": environment,
        "created_at": time_out(session.created, dialect.time),
        "started_at": time_out(session.started, dialect.time),
        "ended_at": time_out(ended, dialect.time),
        "message": "" if webui else session.message,
        "queue_time": None if session.started is None else round(session.started - session.created),
        "run_time": run, "gb_hour": None if run is None else round(run / 3600 * 0.5, 4),
    }  # fmt: skip


def record(session: Session, dialect: Dialect) -> dict[str, Any]:
    """The record of a session."""
    values = _values(session, dialect)
    if session.overrides:
        values.update(session.overrides)
    body: dict[str, Any] = {}
    for name, path in dialect.fields.items():
        if name not in session.omitted:
            place(body, path, values[name])
    return body


def record_bytes(session: Session, dialect: Dialect) -> bytes:
    """The record of a session as JSON, kept until the session changes."""
    if session.wire is None:
        session.wire = json.dumps(record(session, dialect)).encode()
    return session.wire


def envelope(dialect: Dialect, items: list[bytes], total: int, following: str | None) -> bytes:
    """One page: the items in the dialect's envelope."""
    joined = b"[" + b",".join(items) + b"]"
    if dialect.items == "":
        return joined
    body: dict[str, Any] = {}
    place(body, dialect.items, _MARK)
    if dialect.total is not None:
        place(body, dialect.total, total)
    if dialect.next_via == "body":
        place(body, dialect.next_path, following)
    head, tail = json.dumps(body).encode().split(b'"' + _MARK.encode() + b'"')
    return head + joined + tail


def error_body(fields: Mapping[str, str], status: int, error_id: str, message: str) -> bytes:
    """An error in the dialect's shape."""
    values = {"id": error_id, "code": status, "message": message}
    body: dict[str, Any] = {}
    for name, path in fields.items():
        place(body, path, values[name])
    return json.dumps(body).encode()
