# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flask-RESTX: a document of Swagger 2.0 with relative paths. It has no paging of its own: an offset and a total."""

from typing import Any

from a2wsgi import WSGIMiddleware
from account import ROOT, Accounts, Refused, View
from flask import Blueprint, Flask, Response, request
from flask_restx import Api, Resource, fields, reqparse

PAGE = 40
_query = reqparse.RequestParser()
_query.add_argument("start", type=int, location="args", default=0, help="Where to begin.")
_query.add_argument("limit", type=int, location="args", default=20, help="How many.")


def _paged(found: list[Any]) -> dict[str, Any]:
    asked = _query.parse_args()
    start, size = asked["start"], min(asked["limit"], PAGE)
    return {"total": len(found), "start": start, "limit": size, "data": found[start : start + size]}


def _app(accounts: Accounts) -> Any:
    made = Flask(__name__)
    blueprint = Blueprint("v1", __name__, url_prefix=ROOT)
    api = Api(blueprint, title="Session manager", version="1")
    sessions = api.namespace("sessions")
    session = api.model(
        "Session",
        dict.fromkeys("id kind state app_name app_version owner message".split(), fields.String)
        | dict.fromkeys("created_at started_at ended_at".split(), fields.DateTime),
    )
    line = api.model("Line", {"timestamp": fields.DateTime, "message": fields.String})
    head = dict.fromkeys("total start limit".split(), fields.Integer)
    page = api.model("Sessions", head | {"data": fields.List(fields.Nested(session))})
    lines = api.model("Lines", head | {"data": fields.List(fields.Nested(line))})

    def seen() -> View:
        return accounts.view(request.headers.get("apiKey"))

    @sessions.route("/<any(webui,task,solve):kind>")
    class Sessions(Resource):
        @sessions.expect(_query)
        @sessions.marshal_with(page)
        def get(self, kind: str) -> Any:
            return _paged(seen().all(kind))

    @sessions.route("/<kind>/<session_id>")
    class One(Resource):
        @sessions.marshal_with(session)
        def get(self, kind: str, session_id: str) -> Any:
            return seen().one(kind, session_id)

        @sessions.response(204, "It is deleted.")
        def delete(self, kind: str, session_id: str) -> Any:
            seen().delete(kind, session_id)
            return None, 204

    @sessions.route("/<kind>/<session_id>/terminate")
    class Terminate(Resource):
        @sessions.marshal_with(session)
        def patch(self, kind: str, session_id: str) -> Any:
            return seen().terminate(kind, session_id)

    @sessions.route("/<kind>/<session_id>/logs")
    class Logs(Resource):
        @sessions.expect(_query)
        @sessions.marshal_with(lines)
        def get(self, kind: str, session_id: str) -> Any:
            return _paged(seen().one(kind, session_id).lines)

    @sessions.route("/<kind>/<session_id>/logs/download")
    class Download(Resource):
        @sessions.produces(["text/plain"])
        def get(self, kind: str, session_id: str) -> Any:
            return Response(seen().one(kind, session_id).log, mimetype="text/plain")

    @api.errorhandler(Refused)
    def refuse(refused: Refused) -> Any:
        return {"message": str(refused)}, refused.status

    made.register_blueprint(blueprint)
    made.add_url_rule(f"{ROOT}/openapi.yaml", view_func=lambda: api.__schema__)
    return WSGIMiddleware(made)


APPS = {"flask-restx": (PAGE, _app)}
