# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FastAPI with fastapi-pagination, in its three styles of paging. Its errors are ``{"detail": …}``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from account import ROOT, Accounts, Refused, View
from fastapi import APIRouter, Depends, FastAPI, Header
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi_pagination import LimitOffsetPage, Page, add_pagination, create_page, paginate, resolve_params
from fastapi_pagination.cursor import CursorPage
from fastapi_pagination.utils import disable_installed_extensions_check
from pydantic import BaseModel, ConfigDict

disable_installed_extensions_check()  # here lists are cut, no queries

Kind = Literal["webui", "task", "solve"]


class SessionOut(BaseModel):
    """A session."""

    model_config = ConfigDict(from_attributes=True)

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


class LineOut(BaseModel):
    """A line of a log."""

    model_config = ConfigDict(from_attributes=True)

    timestamp: datetime
    message: str


def _by_cursor(found: Sequence[Any]) -> Any:
    """A page as a database makes it: the cursor is the position of its first record."""
    raw: Any = resolve_params().to_raw_params()
    start = int(raw.cursor or 0)
    end = start + raw.size
    following = str(end) if end < len(found) else None
    return create_page(found[start:end], total=len(found), params=resolve_params(), next_=following)


def _app(page: Any, cut: Callable[[Sequence[Any]], Any], accounts: Accounts) -> FastAPI:
    def view_of(api_key: Annotated[str | None, Header(alias="apiKey")] = None) -> View:
        return accounts.view(api_key)

    made = FastAPI(title="Session manager", openapi_url=f"{ROOT}/openapi.yaml")
    router = APIRouter(prefix=f"{ROOT}/sessions/{{kind}}", tags=["sessions"])
    seen = Annotated[View, Depends(view_of)]

    @router.get("", response_model=page[SessionOut])
    def list_sessions(kind: Kind, view: seen) -> Any:
        return cut(view.all(kind))

    @router.get("/{session_id}", response_model=SessionOut)
    def read_session(kind: Kind, session_id: UUID, view: seen) -> Any:
        return view.one(kind, str(session_id))

    @router.patch("/{session_id}/terminate", response_model=SessionOut)
    def terminate_session(kind: Kind, session_id: UUID, view: seen) -> Any:
        return view.terminate(kind, str(session_id))

    @router.delete("/{session_id}", status_code=204)
    def delete_session(kind: Kind, session_id: UUID, view: seen) -> None:
        view.delete(kind, str(session_id))

    @router.get("/{session_id}/logs", response_model=page[LineOut])
    def read_logs(kind: Kind, session_id: UUID, view: seen) -> Any:
        return cut(view.one(kind, str(session_id)).lines)

    @router.get("/{session_id}/logs/download")
    def download_logs(kind: Kind, session_id: UUID, view: seen) -> StreamingResponse:
        return StreamingResponse(iter([view.one(kind, str(session_id)).log]), media_type="text/plain")

    @made.exception_handler(Refused)
    def refuse(request: Any, refused: Refused) -> Any:
        return JSONResponse({"detail": str(refused)}, refused.status)

    made.include_router(router)
    return add_pagination(made)


APPS = {
    "fastapi-by-page": (100, partial(_app, Page, paginate)),
    "fastapi-by-offset": (100, partial(_app, LimitOffsetPage, paginate)),
    "fastapi-by-cursor": (100, partial(_app, CursorPage, _by_cursor)),
}
"""Names, the most records on a page, and what makes the app."""
