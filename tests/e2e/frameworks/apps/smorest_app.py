# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""flask-smorest: a bare array by page number; what it counts stands as JSON in the header X-Pagination."""

from typing import Any

from a2wsgi import WSGIMiddleware
from account import ROOT, Accounts, Refused, View
from flask import Flask, Response, request
from flask_smorest import Api, Blueprint, Page
from marshmallow import Schema, fields, validate


class SessionSchema(Schema):
    """A session."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(["webui", "task", "solve"]))
    state = fields.String()
    app_name = fields.String()
    app_version = fields.String()
    owner = fields.String()
    created_at = fields.DateTime()
    started_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)
    message = fields.String()


class LineSchema(Schema):
    """A line of a log."""

    timestamp = fields.DateTime()
    message = fields.String()


class _Settings:
    API_TITLE, API_VERSION, OPENAPI_VERSION = "Session manager", "v1", "3.0.3"
    OPENAPI_URL_PREFIX, OPENAPI_JSON_PATH = ROOT, "openapi.yaml"


def _app(accounts: Accounts) -> Any:
    made = Flask(__name__)
    made.config.from_object(_Settings)
    sessions = Blueprint("sessions", "sessions", url_prefix=f"{ROOT}/sessions")

    def seen() -> View:
        return accounts.view(request.headers.get("apiKey"))

    @sessions.get("/<string:kind>")
    @sessions.response(200, SessionSchema(many=True))
    @sessions.paginate(Page)
    def list_sessions(kind: str) -> Any:
        return seen().all(kind)

    @sessions.get("/<string:kind>/<string:session_id>")
    @sessions.response(200, SessionSchema)
    def read_session(kind: str, session_id: str) -> Any:
        return seen().one(kind, session_id)

    @sessions.delete("/<string:kind>/<string:session_id>")
    @sessions.response(204)
    def delete_session(kind: str, session_id: str) -> None:
        seen().delete(kind, session_id)

    @sessions.patch("/<string:kind>/<string:session_id>/terminate")
    @sessions.response(200, SessionSchema)
    def terminate_session(kind: str, session_id: str) -> Any:
        return seen().terminate(kind, session_id)

    @sessions.get("/<string:kind>/<string:session_id>/logs")
    @sessions.response(200, LineSchema(many=True))
    @sessions.paginate(Page)
    def read_logs(kind: str, session_id: str) -> Any:
        return seen().one(kind, session_id).lines

    @sessions.get("/<string:kind>/<string:session_id>/logs/download")
    @sessions.response(200, content_type="text/plain")
    def download_logs(kind: str, session_id: str) -> Any:
        return Response(seen().one(kind, session_id).log, mimetype="text/plain")

    @made.errorhandler(Refused)
    def refuse(refused: Refused) -> Any:
        return {"code": refused.status, "status": "Refused", "message": str(refused)}, refused.status

    Api(made).register_blueprint(sessions)
    return WSGIMiddleware(made)


APPS = {"flask-smorest": (100, _app)}
