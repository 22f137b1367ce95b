"""The session-manager: what each operation of its OpenAPI document does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ..account import logs
from ..account.clock import Clock
from ..account.seed import Key
from ..account.session import APART, ENDING, Line, Session
from ..account.store import Query, Rows, Store
from ..dialects.dialect import FILTERED, Dialect
from ..dialects.document import Contract, contract_for, render
from ..dialects.encoding import envelope, format_time, in_lists, partial_bytes, record_bytes, set_path
from ..dialects.odd import dialect_of
from ..dialects.validation import invalid_request
from ..http.reply import JSON, Refused, Reply, refuse_all
from ..settings import Settings

BASE = "/pro/session-manager/v1"


@dataclass
class Call:
    """One validated request: `values` are query parameters, `path_values` path parameters, by canonical name."""

    path: str
    values: dict[str, Any]
    path_values: dict[str, str]
    key: Key
    body: bytes = b""
    raw_query: list[tuple[str, str]] = field(default_factory=list)
    subjects: list[dict[str, Any]] | None = None  # list of the request log; None: not recorded

    def record_subjects(self, *sessions: Session) -> None:
        """Add the sessions that the answer is about to the request log, as they are now."""
        if self.subjects is not None:
            self.subjects += [session.subject() for session in sessions]


class SessionManager:
    """The operations of the session-manager."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self.settings = store, clock, settings
        self._operations: dict[str, Callable[[Call], Reply]] = {
            "listSessions": self._list_sessions,
            "getSession": self._get_session,
            "terminateSession": self._terminate,
            "deleteSession": self._delete,
            "listLogs": self._list_logs,
            "downloadLogs": self._download_logs,
            "getServiceUri": self._service_uri,
        }

    def contract(self) -> Contract:
        """The contract of the current settings."""
        return contract_for(
            self.settings.current_dialect(), self.settings.page_limit(), self.settings.current_log_order()
        )

    def run(self, operation: str, call: Call) -> Reply:
        """Run an operation by its canonical id. Raises Refused."""
        if operation in ("listLogs", "downloadLogs"):
            refuse_all(self.settings.logs_status, "logs")
        return self._operations[operation](call)

    def document(self) -> Reply:
        """The answer to a request for the document, as the settings want it. Raises Refused (404)."""
        form = self.settings.document
        if form == "missing":
            raise Refused(404, "NotFound", "no such resource")
        if form == "html":
            return Reply(200, b"<!doctype html><html><body><div id=root></div></body></html>", "text/html")
        contract = self.contract()
        if self.settings.document_of:
            other = dialect_of(self.settings.document_of)
            contract = contract_for(other, self.settings.page_cap or other.page_cap, other.log_order)
        body, content_type = render(contract, form)
        return Reply(200, body, content_type)

    # sessions

    def _list_sessions(self, call: Call) -> Reply:
        settings, dialect = self.settings, self.settings.current_dialect()
        kind = self._kind(call)
        if settings.churn_vanish or settings.churn_appear:
            self._store.churn(kind, settings.churn_vanish, settings.churn_appear, settings.churn_mode)
        rows = self._store.rows(self._query(kind, call, dialect))
        offset, limit = self._window(call, dialect, rows)
        page = rows.page(offset, limit)
        call.record_subjects(*page)
        listed = in_lists(dialect, settings.list_omit, settings.list_names)
        partial = listed is not dialect or settings.list_case or "environment" in settings.list_omit
        items = [
            partial_bytes(session, listed, settings.list_case, environment="environment" not in settings.list_omit)
            if partial
            else record_bytes(session, dialect)
            for session in page
        ]
        last = rows.key_of(page[-1]) if page and offset + limit < len(rows) else None
        return self._page(call, dialect, items, (offset, limit, len(rows)), last)

    def _query(self, kind: str, call: Call, dialect: Dialect) -> Query:
        visible_to = None if call.key.admin else call.key.owner
        also = APART if dialect.unified and kind == "webui" else ()
        if self.settings.ignore_filters:
            return Query(kind, visible_to=visible_to, also=also)
        values = call.values
        added = [name for name in values if name.startswith(FILTERED) and name not in FILTERED]
        texts = {name: values[name].lower() for name in ("state", "app_name", "app_version", "owner") if name in values}
        after, before = (_time(values, name, dialect) for name in ("created_after", "created_before"))
        return Query(
            kind, visible_to=visible_to, created_after=after, created_before=before,
            sort=values.get("sort", "-created_at"), also=also,
            where=tuple((name, values[name]) for name in added), **texts,
        )  # fmt: skip

    def _get_session(self, call: Call) -> Reply:
        session = self._session(call, reading=True)
        session.gets += 1
        body = record_bytes(session, self.settings.current_dialect())
        settings = self.settings
        if not session.replaced and session.gets in (settings.replace_on_get, settings.reown_on_get):
            self._store.replace(session, only_owner=session.gets == settings.reown_on_get)
        return Reply(200, body)

    def _terminate(self, call: Call) -> Reply:
        session, dialect = self._session(call), self.settings.current_dialect()
        session.terminate_requests += 1
        if not session.active:
            if self.settings.terminate_error:
                status, message = self.settings.terminate_error
                raise Refused(status, "WrongState", message)
            if dialect.ended_status == 204:
                return Reply(204)
            error = "NotFound" if dialect.ended_status == 404 else "Conflict"
            raise Refused(dialect.ended_status, error, f"session {session.id} is not active")
        if not self.settings.terminate_ignored and session.terminate_at is None:
            self._store.end(session, call.key.role, "terminate", "terminated", self.settings.end_delay)
        if dialect.terminate_status == 204:
            return Reply(204)
        return Reply(dialect.terminate_status, record_bytes(session, dialect))

    def _delete(self, call: Call) -> Reply:
        session = self._session(call)
        if session.active or session.state in ENDING:
            session.ended_by, session.ended_how = call.key.role, "record_destroyed"
            session.ended = self._clock.now()
            self._store.remove(session, "record_destroyed", call.key.role)
        else:
            self._store.remove(session, "delete", call.key.role)
        return Reply(204)

    def _service_uri(self, call: Call) -> Reply:
        session = self._session(call)
        service = call.path_values["service"]
        if not session.active:
            raise Refused(404, "NotFound", f"session {session.id} is not active")
        uri = f"https://emulated.aimms.cloud/pro/sessions/{session.id}/{service}"
        return Reply(200, json.dumps({"uri": uri}).encode())

    # logs

    def _list_logs(self, call: Call) -> Reply:
        session, dialect, values = self._session(call, reading=True), self.settings.current_dialect(), call.values
        begin, end = (_time(values, name, dialect) for name in ("begin", "end"))
        wanted = (None, None, None) if self.settings.ignore_log_filters else (begin, end, values.get("contains"))
        rows = logs.select(session, self._clock.now(), *wanted)
        newest = self.settings.current_log_order() == "newest"
        offset, limit = self._window(call, dialect, None, len(rows), newest=newest)
        after, left = offset + limit, len(rows) - offset
        page = rows[max(left - limit, 0) : max(left, 0)][::-1] if newest else rows[offset:after]
        items = [_line_bytes(row, dialect) for row in page]
        position = len(rows) - after if newest else after  # counted from the oldest line: new lines do not move it
        last = (0.0, str(position)) if after < len(rows) else None
        return self._page(call, dialect, items, (offset, limit, len(rows)), last)

    def _download_logs(self, call: Call) -> Reply:
        session = self._session(call, reading=True)
        disposition = ("content-disposition", f'attachment; filename="{session.kind}.log"')
        stream = logs.download(session, self._clock.now())
        return Reply(200, b"", "text/plain; charset=utf-8", [disposition], stream)

    # shared

    def _kind(self, call: Call) -> str:
        kind = call.path_values["kind"]
        kinds = self.contract().kinds
        if kind not in kinds:
            status = self.settings.current_dialect().kind_status
            raise Refused(status, "UnknownKind", f"unknown kind of session; there are: {', '.join(kinds)}")
        return kind

    def _session(self, call: Call, *, reading: bool = False) -> Session:
        """The session in the path. Raises Refused if the key may not read, or without `reading` not change it."""
        kind = self._kind(call) if "kind" in call.path_values else None
        session, unified = self._store.sessions.get(call.path_values["id"]), self.settings.current_dialect().unified
        place = session and ("webui" if unified and session.kind in APART else session.kind)
        if session is None or kind not in (None, place):
            raise Refused(404, "NotFound", "no such session")
        shared = reading and unified and session.kind == "external"
        if not (call.key.admin or session.owner == call.key.owner or shared):
            if self.settings.current_dialect().foreign_status == 403:
                raise Refused(403, "Forbidden", "not your session")
            raise Refused(404, "NotFound", "no such session")
        call.record_subjects(session)
        return session

    def _window(
        self, call: Call, dialect: Dialect, rows: Rows | None, length: int = 0, *, newest: bool = False
    ) -> tuple[int, int]:
        """Offset and size of the requested page. Raises Refused (400) for an invalid cursor.

        :param rows: of a list of sessions. :param length: of a log, with `newest` if its newest line comes first.
        """
        values = call.values
        if dialect.paging == "none":
            return 0, length if rows is None else max(len(rows), 1)
        limit = min(values["limit"], self.settings.page_limit())
        if self.settings.ignore_paging:
            return 0, limit
        if dialect.paging == "offset":
            return values["offset"], limit
        if dialect.paging == "page":
            return (values["page"] - dialect.first_page) * limit, limit
        if "cursor" not in values:
            return 0, limit
        first, second = _read_cursor(values["cursor"])
        if rows is not None:
            return rows.position((first, second)), limit
        if not (second.isascii() and second.isdigit()):
            raise invalid_request("the cursor is not one that this service gave for logs")
        return max(length - int(second), 0) if newest else int(second), limit

    def _page(self, call: Call, dialect: Dialect, items: list[bytes], window: tuple[int, int, int], last: Any) -> Reply:
        offset, limit, total = window
        following, headers = None, []
        if last is not None and dialect.next_via != "none":
            name, value = dialect.parameter_name("cursor"), _make_cursor(last)
            if dialect.paging != "cursor":
                name, value = dialect.parameter_name("offset"), str(offset + limit)
                if dialect.paging == "page":
                    name, value = dialect.parameter_name("page"), str(offset // limit + 1 + dialect.first_page)
            query = urlencode([*((key, old) for key, old in call.raw_query if key != name), (name, value)])
            url = f"{call.path}?{query}"
            following = url if dialect.next_is_url else value
            if dialect.next_via == "header":
                headers.append(("link", f'<{url}>; rel="next"'))
        body = envelope(dialect, items, total + self.settings.wrong_total, following)
        return Reply(200, body, JSON, headers)


def _time(values: dict[str, Any], name: str, dialect: Dialect) -> float | None:
    if name not in values:
        return None
    return values[name] / 1000 if dialect.time == "epoch_ms" else float(values[name])


def _line_bytes(row: Line, dialect: Dialect) -> bytes:
    if dialect.log_strings:
        return json.dumps(logs.text_line(row)).encode()
    body: dict[str, Any] = {}
    values = {"timestamp": format_time(row[0], dialect.time), "message": row[1]}
    for name, path in dialect.log_fields.items():
        set_path(body, path, values[name])
    return json.dumps(body).encode()


def _make_cursor(key: tuple[float | str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[Any, str]:
    try:
        first, second = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if isinstance(first, (int, float, str)) and isinstance(second, str):
            return first, second
    except (ValueError, TypeError, binascii.Error):
        pass
    raise invalid_request("the cursor is not one that this service gave")
