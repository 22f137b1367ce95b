# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Django Ninja, in its three styles of paging; sizes are limited, and the document does not say so."""

from datetime import datetime
from functools import partial
from typing import Any, Literal

from account import ROOT, Accounts, Refused
from apps.django_host import Rows, served
from django.http import HttpResponse
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.pagination import CursorPagination, LimitOffsetPagination, PageNumberPagination, paginate
from ninja.responses import Status

Kind = Literal["webui", "task", "solve"]


class SessionOut(Schema):
    """A session."""

    id: str
    kind: Kind
    state: str
    app_name: str
    app_version: str
    owner: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    message: str


class LineOut(Schema):
    """A line of a log."""

    timestamp: datetime
    message: str


def _app(style: str, sessions: dict[str, Any], lines: dict[str, Any], paging: Any, accounts: Accounts) -> Any:
    api = NinjaAPI(title="Session manager", urls_namespace=f"ninja {style}", openapi_url="/openapi.yaml", docs_url=None)
    one = "/sessions/{kind}/{session_id}"

    def seen(request: Any) -> Any:
        return accounts.view(request.headers.get("apiKey"))

    @api.get("/sessions/{kind}", response=list[SessionOut])
    @paginate(paging, **sessions)
    def list_sessions(request: Any, kind: Kind) -> Any:
        return Rows(seen(request).all(kind))

    @api.get(one, response=SessionOut)
    def read_session(request: Any, kind: Kind, session_id: str) -> Any:
        return seen(request).one(kind, session_id)

    @api.delete(one, response={204: None})
    def delete_session(request: Any, kind: Kind, session_id: str) -> Any:
        seen(request).delete(kind, session_id)
        return Status(204, None)

    @api.patch(f"{one}/terminate", response=SessionOut)
    def terminate_session(request: Any, kind: Kind, session_id: str) -> Any:
        return seen(request).terminate(kind, session_id)

    @api.get(f"{one}/logs", response=list[LineOut])
    @paginate(paging, **lines)
    def read_logs(request: Any, kind: Kind, session_id: str) -> Any:
        return Rows(seen(request).one(kind, session_id).lines)

    @api.get(f"{one}/logs/download")
    def download_logs(request: Any, kind: Kind, session_id: str) -> HttpResponse:
        return HttpResponse(seen(request).one(kind, session_id).log, content_type="text/plain")

    @api.exception_handler(Refused)
    def refuse(request: Any, refused: Refused) -> Any:
        return api.create_response(request, {"detail": str(refused)}, status=refused.status)

    return served((path(f"{ROOT.lstrip('/')}/", api.urls),))


APPS = {
    "ninja-by-offset": (100, partial(_app, "offset", {}, {}, LimitOffsetPagination)),
    "ninja-by-page": (100, partial(_app, "page", {}, {}, PageNumberPagination)),
    "ninja-by-cursor": (
        100,
        partial(_app, "cursor", {"ordering": ("-created_at",)}, {"ordering": ("timestamp",)}, CursorPagination),
    ),
}
