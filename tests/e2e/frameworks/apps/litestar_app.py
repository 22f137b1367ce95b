# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Litestar, with its own pages by offset, by number and by cursor. What they are asked by is required."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from account import ROOT, Accounts, Refused, View
from litestar import Litestar, Request, Response, delete, get, patch
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import YamlRenderPlugin
from litestar.pagination import ClassicPagination, CursorPagination, OffsetPagination
from litestar.params import Parameter

PAGE = 50
Kind = Literal["webui", "task", "solve"]
Size = Annotated[int, Parameter(ge=1, le=PAGE)]
Made = TypeVar("Made")


@dataclass
class SessionOut:
    """A session."""

    id: str
    kind: str
    state: str
    app_name: str
    app_version: str
    owner: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    message: str


@dataclass
class LineOut:
    """A line of a log."""

    timestamp: datetime
    message: str


def _made(shape: type[Made], found: Sequence[Any]) -> list[Made]:
    return [shape(**{name: getattr(one, name) for name in shape.__annotations__}) for one in found]


async def _by_offset(limit: Size, offset: Annotated[int, Parameter(ge=0)]) -> Any:
    def cut(shape: type[Made], found: Sequence[Any]) -> OffsetPagination[Made]:
        return OffsetPagination(_made(shape, found[offset : offset + limit]), limit, offset, len(found))

    return cut


async def _by_number(page_size: Size, current_page: Annotated[int, Parameter(ge=1)]) -> Any:
    def cut(shape: type[Made], found: Sequence[Any]) -> ClassicPagination[Made]:
        start = (current_page - 1) * page_size
        pages = -(-len(found) // page_size)
        return ClassicPagination(_made(shape, found[start : start + page_size]), page_size, current_page, pages)

    return cut


async def _by_cursor(results_per_page: Size = 20, cursor: str | None = None) -> Any:
    def cut(shape: type[Made], found: Sequence[Any]) -> CursorPagination[str, Made]:
        start = int(cursor or 0)
        end = start + results_per_page
        following = str(end) if end < len(found) else None
        return CursorPagination(_made(shape, found[start:end]), results_per_page, following)

    return cut


def _refuse(_request: Any, refused: Refused) -> Any:
    return Response({"status_code": refused.status, "detail": str(refused)}, status_code=refused.status)


def _app(sessions: Any, lines: Any, page: Callable[..., Any], accounts: Accounts) -> Litestar:
    async def view_of(request: Request) -> View:
        return accounts.view(request.headers.get("apiKey"))

    @get("/", dependencies={"cut": Provide(page)})
    async def list_sessions(kind: Kind, view: View, cut: Any) -> sessions:
        return cut(SessionOut, view.all(kind))

    @get("/{session_id:str}")
    async def read_session(kind: Kind, session_id: str, view: View) -> SessionOut:
        return _made(SessionOut, [view.one(kind, session_id)])[0]

    @patch("/{session_id:str}/terminate")
    async def terminate_session(kind: Kind, session_id: str, view: View) -> SessionOut:
        return _made(SessionOut, [view.terminate(kind, session_id)])[0]

    @delete("/{session_id:str}")
    async def delete_session(kind: Kind, session_id: str, view: View) -> None:
        view.delete(kind, session_id)

    @get("/{session_id:str}/logs", dependencies={"cut": Provide(page)})
    async def read_logs(kind: Kind, session_id: str, view: View, cut: Any) -> lines:
        return cut(LineOut, view.one(kind, session_id).lines)

    @get("/{session_id:str}/logs/download", media_type="text/plain")
    async def download_logs(kind: Kind, session_id: str, view: View) -> str:
        return view.one(kind, session_id).log

    from litestar import Router

    handlers = [list_sessions, read_session, terminate_session, delete_session, read_logs, download_logs]
    return Litestar(
        [Router(f"{ROOT}/sessions/{{kind:str}}", route_handlers=handlers)],
        dependencies={"view": Provide(view_of)},
        exception_handlers={Refused: _refuse},
        openapi_config=OpenAPIConfig("Session manager", "1", path=ROOT, render_plugins=[YamlRenderPlugin()]),
        logging_config=None,
    )


APPS = {
    "litestar-by-offset": (PAGE, partial(_app, OffsetPagination[SessionOut], OffsetPagination[LineOut], _by_offset)),
    "litestar-by-page": (PAGE, partial(_app, ClassicPagination[SessionOut], ClassicPagination[LineOut], _by_number)),
    "litestar-by-cursor": (
        PAGE,
        partial(_app, CursorPagination[str, SessionOut], CursorPagination[str, LineOut], _by_cursor),
    ),
}
