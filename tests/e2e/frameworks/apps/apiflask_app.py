# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""APIFlask: a list beside an object about the pages, in which the next one is an address or an empty text."""

from types import SimpleNamespace
from typing import Any

from a2wsgi import WSGIMiddleware
from account import ROOT, Accounts, Refused, View
from apiflask import APIBlueprint, APIFlask, PaginationSchema, Schema, pagination_builder
from apiflask.fields import DateTime, Integer, List, Nested, String
from apiflask.validators import OneOf, Range
from flask import Response, request

KINDS = ["webui", "task", "solve"]


class SessionOut(Schema):
    """A session."""

    id = String()
    kind = String(validate=OneOf(KINDS))
    state = String()
    app_name = String()
    app_version = String()
    owner = String()
    created_at = DateTime()
    started_at = DateTime(allow_none=True)
    ended_at = DateTime(allow_none=True)
    message = String()


class LineOut(Schema):
    """A line of a log."""

    timestamp = DateTime()
    message = String()


class PageQuery(Schema):
    """As the guide shows it."""

    page = Integer(load_default=1)
    per_page = Integer(load_default=20, validate=Range(max=30))


class SessionsOut(Schema):
    """Sessions of a page."""

    sessions = List(Nested(SessionOut))
    pagination = Nested(PaginationSchema)


class LinesOut(Schema):
    """Lines of a page."""

    lines = List(Nested(LineOut))
    pagination = Nested(PaginationSchema)


def _paged(name: str, found: list[Any], query: dict[str, int]) -> dict[str, Any]:
    """A page as Flask-SQLAlchemy makes it. One past the last is 404 there, but the first."""
    page, size = query["page"], query["per_page"]
    pages = -(-len(found) // size)
    if page < 1 or (page > max(1, pages)):
        raise Refused(404, "Not Found")
    about = SimpleNamespace(
        page=page, per_page=size, pages=pages, total=len(found), has_prev=page > 1, has_next=page < pages,
        prev_num=page - 1, next_num=page + 1,
    )  # fmt: skip
    return {name: found[(page - 1) * size : page * size], "pagination": pagination_builder(about, **request.view_args)}


def _app(accounts: Accounts) -> Any:
    made = APIFlask(__name__, title="Session manager", spec_path=f"{ROOT}/openapi.yaml", docs_path=None)
    sessions = APIBlueprint("sessions", __name__, url_prefix=f"{ROOT}/sessions")

    def seen() -> View:
        return accounts.view(request.headers.get("apiKey"))

    @sessions.get("/<kind>")
    @sessions.input(PageQuery, location="query")
    @sessions.output(SessionsOut)
    def list_sessions(kind: str, query_data: dict[str, int]) -> Any:
        return _paged("sessions", seen().all(kind), query_data)

    @sessions.get("/<kind>/<session_id>")
    @sessions.output(SessionOut)
    def read_session(kind: str, session_id: str) -> Any:
        return seen().one(kind, session_id)

    @sessions.delete("/<kind>/<session_id>")
    @sessions.output({}, status_code=204)
    def delete_session(kind: str, session_id: str) -> str:
        seen().delete(kind, session_id)
        return ""

    @sessions.patch("/<kind>/<session_id>/terminate")
    @sessions.output(SessionOut)
    def terminate_session(kind: str, session_id: str) -> Any:
        return seen().terminate(kind, session_id)

    @sessions.get("/<kind>/<session_id>/logs")
    @sessions.input(PageQuery, location="query")
    @sessions.output(LinesOut)
    def read_logs(kind: str, session_id: str, query_data: dict[str, int]) -> Any:
        return _paged("lines", seen().one(kind, session_id).lines, query_data)

    @sessions.get("/<kind>/<session_id>/logs/download")
    def download_logs(kind: str, session_id: str) -> Any:
        return Response(seen().one(kind, session_id).log, mimetype="text/plain")

    @made.errorhandler(Refused)
    def refuse(refused: Refused) -> Any:
        return {"message": str(refused), "detail": {}}, refused.status

    made.register_blueprint(sessions)
    return WSGIMiddleware(made)


APPS = {"apiflask": (30, _app)}
