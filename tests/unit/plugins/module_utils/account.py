# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account on loopback: the session-manager of either generation, the Task API, and all that was asked of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, NamedTuple, Optional, Union
from urllib.parse import parse_qsl, unquote, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.options import BULK, CONNECTION, SELECTION

KEY = "Canary-7f3a91c2e8b64d05"
ROOT = "/pro/session-manager/v1"
TASKS = "/pro-api/v2/tasks"
USERS = "/pro/user-manager/v1/user"
NO_USERS = "/pro/user-manager/v1/openapi.yaml"
OWN_USER = "/pro-api/v2/users/current"
Reply = tuple[int, Any]
Show = Callable[[Mapping[str, Any]], dict[str, Any]]
Act = Union[int, Reply, Callable[[], Any]]
_ACTIVE = ("created", "queued", "assigned", "launching", "running", "solving", "closing")
_AFTER = {"interrupt-solve": ("COMPLETED", "completed"), "interrupt-execution": ("FAILED", "failed")}


def ago(hours: float) -> str:
    """The time so many hours ago, as the service writes it."""
    return (datetime.now(timezone.utc) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def results(result: Mapping[str, Any]) -> dict[str, str]:
    """What became of each session, by id."""
    return {entry["id"]: entry["result"] for entry in result["sessions"]}


class Request(NamedTuple):
    """What arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


def document(legacy: bool, page: int, kinds: Sequence[str] = ()) -> dict[str, Any]:
    """The OpenAPI document; a page has at most ``page`` records."""

    def query(*names: str, **schema: Any) -> list[dict[str, Any]]:
        return [{"name": name, "in": "query", "schema": {"type": "string", **schema}} for name in names]

    kinds = kinds or (["webui", "task"] if legacy else ["webui", "task", "solve"])
    kind = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": kinds}}
    pages = [*query("offset", type="integer"), *query("limit", type="integer", maximum=page)]
    lines = [*pages, *query("begin", "end", format="date-time"), *query("contains")]
    paths: dict[str, Any] = {
        "/sessions/{kind}": {"get": {"parameters": [kind, *pages, *query("state", "app_name", "owner")]}},
        "/sessions/{kind}/{id}": {"get": {}, "delete": {}},
    }
    if legacy:
        paths["/sessions/logs/{kind}/{id}"] = {"get": {"parameters": lines}}
    else:
        paths["/sessions/{kind}/{id}/terminate"] = {"patch": {}}
        paths["/sessions/{kind}/{id}/logs"] = {"get": {"parameters": lines}}
        paths["/sessions/{kind}/{id}/logs/download"] = {"get": {}}
        paths["/sessions/{id}/{service}/uri"] = {"get": {}}
    return {"openapi": "3.0.3", "servers": [{"url": ROOT}], "paths": paths}


class Account:
    """What the service holds, open to be changed.

    ``deaf`` are the ids of sessions that live on when they are ended or their tasks interrupted. ``in_lists`` and
    ``alone``: what is shown of the record of a session, in a list and by itself.
    """

    def __init__(self, *, legacy: bool = False, documented: bool = True, page: int = 100) -> None:
        self.legacy, self.documented, self.page = legacy, documented, page
        self.kinds: Sequence[str] = ()
        self.sessions: dict[tuple[str, str], dict[str, Any]] = {}
        self.logs: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.tasks: list[dict[str, Any]] = []
        self.users: dict[str, dict[str, Any]] = {}
        self.own = "jdoe@ROOT"
        self.keys: Optional[list[dict[str, Any]]] = None
        self.administrator: Optional[bool] = None
        self.deaf: set[str] = set()
        self.in_lists: Show = dict
        self.alone: Show = dict
        self.requests: list[Request] = []
        self._acts: list[tuple[str, str, list[Act]]] = []
        self._lock = threading.RLock()
        methods = dict.fromkeys(("do_GET", "do_PUT", "do_PATCH", "do_DELETE"), _Handler.reply)
        handler = type("Handler", (_Handler,), {"account": self, **methods})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Account:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(
        self, kind: str, session_id: str, state: str = "running", hours: float = 10, **values: Any
    ) -> dict[str, Any]:
        """A session that was created so many hours ago."""
        record = {"id": session_id, "kind": kind, "state": state, "app_name": "Crew", "app_version": "1.0"}
        times = {"created_at": ago(hours), "started_at": ago(hours), "ended_at": None}
        return self.sessions.setdefault((kind, session_id), {**record, "owner": "jdoe@ROOT", **times, **values})

    def add_task(self, task_id: str, session_id: str, state: str = "RUNNING", **values: Any) -> None:
        """A task of a session."""
        times = {"createdAt": ago(10), "appName": "Crew", "userName": "jdoe", "userEnvironment": "ROOT"}
        self.tasks.append(
            {"id": task_id, "groupIndex": None, "state": state, "sessionId": session_id, **times, **values}
        )

    def add_user(self, owner: str, **values: Any) -> None:
        """A user that the user-manager knows."""
        name, _at, environment = owner.rpartition("@")
        told = {"account_name": "acme", "environment_name": environment, "user_name": name, "groups": ["Users"]}
        self.users[owner] = {**told, "email": f"{name}@example.com", "full_name": name.title(), **values}

    def on(self, method: str, end: str, *acts: Act) -> None:
        """What becomes of the next requests with this method whose path has this end, one after the other.

        A status, a status and a body (and headers), or something to call first: it may return one of these.
        """
        self._acts.append((method, end, list(acts)))

    def params(self, **given: Any) -> dict[str, Any]:
        """The options of a module, with all defaults."""
        defaults = {name: option.get("default") for name, option in {**CONNECTION, **SELECTION, **BULK}.items()}
        defaults.update(interrupt_tasks="never", grace_period="60s", interrupt_fallback=True, force=False)
        defaults.update(redact=True, compress=False, timeout=20, retries=0, max_time=60)
        return {**defaults, "url": self.url, "api_key": KEY, **given}

    def changes(self) -> list[str]:
        """All requests that change something, as method and path below the service's root."""
        made = [request for request in self.requests if request.method != "GET"]
        return [f"{one.method} {one.path.replace(f'{ROOT}/sessions/', '').replace(f'{TASKS}/', '')}" for one in made]

    def asked(self, end: str) -> list[Mapping[str, str]]:
        """The queries of all reads whose path has this end."""
        return [one.query for one in self.requests if one.method == "GET" and one.path.endswith(end)]

    def state(self, kind: str, session_id: str) -> Optional[str]:
        """The state of a session as the server has it; None when it has it no more."""
        return self.sessions.get((kind, session_id), {}).get("state")

    def answer(self, request: Request) -> Reply:
        """Status and body."""
        with self._lock:
            self.requests.append(request)
            mine = (acts for how, end, acts in self._acts if how == request.method and request.path.endswith(end))
            acts = next(filter(None, mine), None)
            act = acts.pop(0) if acts else None
        told = act() if callable(act) else act
        if told is not None:
            return told if isinstance(told, tuple) else _error(told)
        with self._lock:
            if request.path == f"{ROOT}/openapi.yaml":
                return (200, document(self.legacy, self.page, self.kinds)) if self.documented else _error(404)
            if request.path in (NO_USERS, f"{ROOT}/openapi.json"):
                return _error(404)
            if request.path == OWN_USER or request.path.startswith(USERS):
                return self._user_manager(*unquote(request.path).split("/")[5:])
            if request.path.startswith(TASKS):
                return self._task_api(request, *request.path[len(TASKS) + 1 :].split("/"))
            return self._session_manager(request, *request.path[len(ROOT) + 10 :].split("/"))

    def _user_manager(self, *steps: str) -> Reply:
        """The user of the key by the Task API, without steps, or what the user-manager tells."""
        if not steps:
            name, _at, environment = self.own.rpartition("@")
            known = self.administrator is not None
            return (
                (200, {"name": name, "environment_name": environment, "isAdmin": self.administrator})
                if known
                else _error(403)
            )
        if steps == ("@current", "api-key"):
            return _error(403) if self.keys is None else (200, self.keys)
        user = self.users.get(self.own if steps[0] == "@current" else f"{steps[2]}@{steps[1]}")
        return _error(404) if user is None else (200, user)

    def _session_manager(self, request: Request, kind: str, session_id: str = "", *what: str) -> Reply:
        if what[-1:] == ("uri",):
            return self._address(kind, session_id)
        if self.legacy and kind == "logs":
            kind, session_id, what = session_id, what[0], ("logs",)
        elif self.legacy and (what or kind == "solve"):
            return _error(404)
        if not session_id:
            return self._listed(kind, request.query)
        session = self.sessions.get((kind, session_id))
        if session is None:
            return _error(404)
        done = (request.method, *what)
        if done == ("PATCH", "terminate") or (done == ("DELETE",) and self.legacy):
            return self._end(session, "terminated") if session["state"] in _ACTIVE else _error(409)
        if done == ("DELETE",):
            del self.sessions[kind, session_id]
            return 204, None
        if what:
            return self._log(self.logs.get((kind, session_id), []), request.query, "download" in what)
        return (200, self.alone(session)) if request.method == "GET" else _error(405)

    def _listed(self, kind: str, query: Mapping[str, str]) -> Reply:
        wanted = {"kind": kind, **{name: query[name] for name in ("state", "app_name", "owner") if name in query}}
        found = [one for one in self.sessions.values() if wanted.items() <= one.items()]
        found.sort(key=lambda one: (one["created_at"], one["id"]), reverse=True)
        return 200, {"sessions": [*map(self.in_lists, self._paged(found, query))], "total": len(found)}

    def _paged(self, found: list[Any], query: Mapping[str, str]) -> list[Any]:
        start = int(query.get("offset", 0))
        return found[start : start + min(int(query.get("limit", 20)), self.page)]

    def _log(self, lines: list[tuple[str, str]], query: Mapping[str, str], whole: bool) -> Reply:
        if whole:
            return 200, "".join(f"{at} {message}\n" for at, message in lines)
        found = [line for line in lines if line[0] >= query.get("begin", "") and query.get("contains", "") in line[1]]
        page = [dict(zip(("timestamp", "message"), line)) for line in self._paged(found, query)]
        return 200, {"lines": page, "total": len(found)}

    def _end(self, session: dict[str, Any], state: str) -> Reply:
        if session["id"] not in self.deaf:
            session["state"] = state
        return 202, session

    def _address(self, session_id: str, service: str) -> Reply:
        state = next((one["state"] for one in self.sessions.values() if one["id"] == session_id), None)
        if state not in _ACTIVE:
            return _error(409 if state else 404)
        return 200, {"uri": f"https://acme.aimms.cloud/{service}/{session_id}"}

    def _delete_task(self, task: dict[str, Any]) -> Reply:
        if task["state"] not in ("QUEUED", "COMPLETED"):
            return _error(405)
        self.tasks.remove(task)
        return 200, None

    def _task_api(self, request: Request, task_id: str = "", *parts: str) -> Reply:
        what = "/".join(parts)
        if not task_id:
            app = request.query.get("appName")
            found = [task for task in self.tasks if app in (None, task["appName"])]
            return 200, {"total_tasks": len(found), "current_batch": self._paged(found, request.query)}
        index = request.query.get("groupIndex")
        found = [
            task for task in self.tasks if task["id"] == task_id and index in (None, str(task.get("groupIndex") or 0))
        ]
        if not found or what:
            return (200, found[-1][what]) if found and what in found[-1] else _error(404)
        if request.method == "DELETE":
            return self._delete_task(found[-1])
        if request.method == "PUT":
            found[-1]["state"], state = _AFTER[request.body["setstatus"]]
            for session in self.sessions.values():
                if session["id"].lower() == found[-1]["sessionId"].lower():
                    self._end(session, state)
        return 200, found[-1]


class _Handler(BaseHTTPRequestHandler):
    account: Account
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def reply(self) -> None:
        """Answer anything. Text is sent as such, bytes as HTML, a bytearray as it is, all else as JSON."""
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        query = dict(parse_qsl(address.query))
        status, told, *headers = self.account.answer(
            Request(self.command, address.path, query, json.loads(body or "null"))
        )
        kinds = {str: "text/plain", bytes: "text/html", bytearray: "application/octet-stream"}
        kind = kinds.get(type(told), "application/json")
        text = told if isinstance(told, (str, bytes, bytearray)) else "" if told is None else json.dumps(told)
        sent = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers[0].items() if headers else ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


def _error(status: int) -> Reply:
    return status, {"errorCode": status, "message": f"Refused with {status}"}
