# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the session-manager. The routes come from the server's OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import Absence, unsure_kinds
from ansible_collections.aimms.cloud.plugins.module_utils.api.discovery import Discovery, discover
from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import LEGACY, refusal_to_delete
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import lines_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RefusedError,
    TransportError,
    shown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import Decode, HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_ON_REQUEST, LEGACY_KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import UNKNOWN
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import DOCUMENT
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging import listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import Query
from ansible_collections.aimms.cloud.plugins.module_utils.paging.prefetch import AT_ONCE, Prefetcher
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.canary import Canary
    from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage

_REFUSED = "Nothing was sent: a wrong request could destroy records."
_GONE = (404, 410)
_NO_SUCH_KIND = (400, 404, 410, 422)
Made = TypeVar("Made")
_Pages = Prefetcher[Response, Session]


class Reading(NamedTuple):
    """How to read a list: arguments of ``SessionManager.list``."""

    filters: Sequence[tuple[str, str]]
    keep: Callable[[Session], Session]
    raw: bool
    attempts: Optional[int]
    check: Callable[[str, Page], Page] = lambda _kind, page: page


class SessionManager:
    """The session-manager of one server, for several threads. ``warnings``: for the user, about its document."""

    def __init__(
        self, client: HttpClient, zone: Optional[tzinfo] = None, begun: Optional[Callable[[], Response]] = None
    ) -> None:
        """Reads the server's document.

        :param zone: the zone of times without a zone. :param begun: see ``discover``.
        :raises AimmsError: when the server cannot be reached, or is not of the generation in ``api_generation``.
        """
        self._client, self._zone = client, zone
        self._list_costs: dict[str, int] = {}
        self._seen: dict[tuple[str, str], str] = {}  # by kind and id: the list it stands in, where that is in doubt
        self._found = found = self._discover(begun)
        self.routes, self.warnings, self._generation = found.routes, found.warnings, found.generation
        self._absence = Absence(self._listed_ids)

    @cached_property
    def _canary(self) -> Canary:
        """Only what ends or deletes sessions needs it."""
        from ansible_collections.aimms.cloud.plugins.module_utils.api.canary import Canary

        return Canary(self._client, self._found, self._discover)

    def _discover(self, begun: Optional[Callable[[], Response]] = None) -> Discovery:
        return discover(self._client, self._client.connection.api_generation, begun=begun)

    @classmethod
    def connect(cls, params: Mapping[str, Any], zone: Optional[tzinfo] = None) -> SessionManager:
        """The session-manager for the connection options; raises as ``__init__`` does, and OptionError."""
        return cls(HttpClient(Connection.from_params(params)), zone)

    @property
    def generation(self) -> str:
        """``legacy``, ``current``, or ``unknown``."""
        return self._generation.name

    @property
    def one_at_a_time(self) -> bool:
        """Whether sessions must be ended one at a time for now: the first DELETE has not shown yet what it does."""
        return self._generation == LEGACY and self._canary.pending and not self._canary.stopped

    @property
    def connection(self) -> Connection:
        """The connection options, validated."""
        return self._client.connection

    def hang_up(self) -> None:
        """Close all connections: the server may have closed those that were idle for a while."""
        self._client.close_all()

    def clock(self) -> Clock:
        """The clock of the server and the local one, now."""
        return self._client.clock()

    def list(
        self,
        kinds: Optional[Iterable[str]] = None,
        filters: Iterable[tuple[str, str]] = (),
        keep: Callable[[Session], Session] = lambda session: session,
        *,
        raw: bool = True,
        attempts: Optional[int] = None,
        check: Callable[[str, Page], Page] = lambda _kind, page: page,
    ) -> Listing:
        """All sessions of these kinds (None: all kinds of the server), each once.

        :param filters: query parameters to send; each must be in the server's document.
        :param keep: what to store of a session that was read, of the same kind; ``check``: of a page.
        :param raw: whether to store the server's own records too. :param attempts: at most so many tries of each page.
        :raises AimmsError: for an unknown kind or filter, or when the server does not answer as it should.
        """
        wanted, pairs = self.routes.checked_kinds(kinds), list(filters)
        for kind in wanted:
            self.routes.check_filters(kind, [name for name, _value in pairs])
        merged: dict[str, dict[str, Session]] = {}
        problems, none = list[str](), True
        refused: Optional[dict[str, HttpError]] = {} if kinds in (None, KINDS_ON_REQUEST) else None
        with WorkerPool(AT_ONCE) as workers:
            for kind, pages in self._lists(wanted, Reading(pairs, keep, raw, attempts, check), workers).items():
                found = self._read_list(kind, pages, refused)
                if found.complete and not pairs:
                    self._list_costs[kind] = pages.asked
                for key, session in zip(found.keys, found.records):
                    merged.setdefault(session.kind, {})[key] = session
                    if session.kind != kind or kind in KINDS_ON_REQUEST:
                        self._seen[session.kind, key] = kind
                problems += [f"{kind}: {problem}" for problem in found.problems]
                none = none and found.none
        for kind in unsure_kinds(refused or {}):
            self._list_costs.pop(kind, None)
            problems.append(f"{kind}: {(refused or {})[kind]}")
        return Listing([session for of_kind in merged.values() for session in of_kind.values()], problems, none=none)

    def _read_list(self, kind: str, pages: _Pages, refused: Optional[dict[str, HttpError]]) -> Listing:
        """The list of one kind. ``refused``: takes the error of a kind that nobody named, if there may be no such."""
        try:
            pagination = self.routes.route("list", kind).pagination
            if pagination.style != UNKNOWN:
                return listing.read_all(pages, pagination, pages.expect)
            from ansible_collections.aimms.cloud.plugins.module_utils.paging.undocumented import read_undocumented

            return read_undocumented(pages)
        except HttpError as error:
            if refused is None or kind in LEGACY_KINDS or self.routes.sure_kinds or error.status not in _NO_SUCH_KIND:
                raise
            if pages.answered:
                return Listing(problems=[str(error)])
            refused[kind] = error
        return Listing(none=True)

    def get(
        self,
        kind: str,
        session_id: str,
        *,
        attempts: Optional[int] = None,
        fresh: bool = False,
        raw: bool = True,
        also: Sequence[int] = (),
        any_kind: bool = False,
    ) -> Optional[Session]:
        """The session as it is now; None if there is evidence that the server has no session with this id.

        :param attempts: at most so many tries. :param fresh: on a new connection. :param raw: as for ``list``.
        :param also: more statuses that may say that there is none. :param any_kind: also one whose type is another.
        :raises AnswerError: for an answer that shows nothing: of a cache, or a 404 that may be of a proxy.
        :raises StoppedError: when the session should have ended by DELETE, and its record is gone.
        """
        places = self._places(kind, session_id)
        for place in places:
            statuses = (*also, *_NO_SUCH_KIND) if places[1:] else also
            session = self._read(place, session_id, attempts, fresh, raw, statuses)
            if session is not None:
                if session.kind != place or place in KINDS_ON_REQUEST:
                    self._seen[session.kind, session_id] = place
                if not any_kind and session.kind != kind:
                    raise AnswerError(f"The type of {place}/{session_id} is '{shown(session.kind)}', not {kind}.")
                return session
        return None

    def _places(self, kind: str, session_id: str) -> Sequence[str]:
        """The kinds of the lists where it may stand: where it was seen; else its own, or any for an external one."""
        seen = self._seen.get((kind, session_id))
        if kind in self.routes.spellings or not (seen or kind in KINDS_ON_REQUEST):
            return [kind]
        return [seen] if seen else list(dict.fromkeys((kind, *self.routes.kinds)))

    def _place(self, kind: str, session_id: str) -> str:
        """The kind of its list, by which it is changed and its log read."""
        if len(self._places(kind, session_id)) > 1:
            self.get(kind, session_id, raw=False)
        return self._places(kind, session_id)[0]

    def _read(
        self, kind: str, session_id: str, attempts: Optional[int], fresh: bool, raw: bool, also: Sequence[int]
    ) -> Optional[Session]:
        """As ``get``, from the list of this kind."""
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi import records

        path, names = self.routes.path("get", kind, checked_id(session_id)), records.id_names_of(self.routes, kind)
        try:
            answer = self._client.get(path, attempts=attempts, fresh=fresh, live=True)
        except HttpError as error:
            if error.status not in (*_GONE, *also):
                raise
            self._absence.check(error, kind, session_id)
            if self._generation.name == LEGACY.name:
                self._canary.check_gone(kind, session_id)
            return None
        try:
            read = records.open_record(answer.json(unique=True), session_id, names)
            session = records.session_from(read, kind, self._zone, names, raw=raw)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None
        if session is None or id_key(session.id) != id_key(session_id):
            raise AnswerError(f"{answer.request} answered with another session.")
        session = replace(session, id=session_id)
        if self._generation.name == LEGACY.name:
            self._canary.note(session)
        return session

    def answers(self) -> bool:
        """Whether the server responds: one read that is not about a session."""
        try:
            return bool(self._client.get(DOCUMENT, static=True))
        except (HttpError, TransportError) as error:
            return isinstance(error, HttpError) and not error.retryable

    def log_page(self, route: Route, kind: str, session_id: str, query: Iterable[tuple[str, str]]) -> LogPage:
        """One page of a log, the lines in the server's order.

        :raises HttpError: also when there is no such session (404).
        """
        from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import lines_from
        from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage

        place = self._place(kind, session_id)
        answer = self._client.get(route.path(self.routes.spelled(place), checked_id(session_id)), query, live=True)
        try:
            if answer.headers.get("Content-Type", "").startswith("text/plain"):
                return LogPage(tuple(lines_from(lines_in(answer.body.decode("utf-8", "replace")), self._zone)))
            opened = open_list(answer.json(), answer.headers, route.pagination.names, lines=True)
            lines = tuple(lines_from(opened.records, self._zone))
            return LogPage(lines, opened.total, opened.next, opened.more, pages=opened.pages, partial=opened.partial)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None

    def download(self, kind: str, session_id: str, consume: Callable[[Iterator[bytes]], Made], decode: Decode) -> Made:
        """The whole log in pieces; see ``HttpClient.stream``. :raises UnsupportedError: without that operation."""
        place = self._place(kind, session_id)
        return self._client.stream(self.routes.path("download", place, checked_id(session_id)), (), consume, decode)

    def service_uri(self, session: Session, service: str) -> Optional[str]:
        """The address of a service of a session, if it has one. :raises UnsupportedError: without that operation."""
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi.address import address_in

        path = self.routes.route("uri", session.kind).path("", checked_id(session.id), checked_id(service))
        try:
            answer = self._client.get(path)
        except HttpError as error:
            if error.status in (*_GONE, 409) and error.form:
                return None
            raise
        return address_in(answer.json())

    def check_ending(self) -> None:
        """:raises RefusedError: on a server of which nothing shows how it ends a session."""
        if self._generation.refusal:
            raise RefusedError(f"Nothing is changed on this server: {self._generation.refusal}", _REFUSED)

    def check_deletion(self, kind: str = "") -> None:
        """:param kind: if given, that of a session. :raises RefusedError: where DELETE ends sessions, or may do so."""
        why = refusal_to_delete(self._generation, self.routes)
        if not why and kind and not self.routes.offers("terminate", kind):
            why = f"its OpenAPI document does not tell what DELETE does to {kind} sessions"
        if why:
            raise RefusedError(f"This server cannot delete the records of sessions: {why}.", "Nothing was sent.")

    def delete(self, session: Session) -> None:
        """Send the request to delete the record, once. The caller has just read the session.

        :raises RefusedError: as ``check_deletion``.
        """
        self.check_deletion(self._place(session.kind, session.id))
        if not self._generation.documented and not self._canary.proves_current(session):
            raise RefusedError(
                f"The server does not show by {session.id} of which generation it is: its log cannot be read.",
                "On the legacy one DELETE would end the session. Nothing was sent.",
            )
        self._send("delete", session)

    def terminate(self, session: Session, patience: Optional[float] = None) -> None:
        """Send the request to end the session, once. The caller has just read it and reads it again afterwards.

        :param patience: seconds to wait for the end of the first session that is ended by DELETE.
        :raises RefusedError: as ``check_ending``. StoppedError: when nothing more may be changed (see ``canary``).
        :raises UnseenError: when the server took the first DELETE, but the end was not seen within ``patience``.
        """
        self.check_ending()
        operation = self._generation.end
        if not self._generation.documented and self.generation == LEGACY.name and self._canary.proves_legacy(session):
            operation = LEGACY.end
        if operation != LEGACY.end:
            self._send(operation, session)
            return
        if self._seen.get((session.kind, session.id), session.kind) != session.kind:
            raise RefusedError(f"DELETE is not sent for {session.reference}, which stands in another list.", _REFUSED)

        def read() -> Optional[Session]:
            return self.get(session.kind, session.id, attempts=1, fresh=True, raw=False)

        with self._canary.turn():
            self._canary.check(session)
            with self._canary.looking(read):
                self._send(operation, session)
            self._canary.watch(session, read, patience)

    def _send(self, operation: str, session: Session) -> None:
        """Send the change, once."""
        place = self._place(session.kind, session.id)
        route, path = self.routes.route(operation, place), self.routes.path(operation, place, checked_id(session.id))
        self._client.send(route.method, path, {} if route.needs_body else None)

    def _listed_ids(self, kind: str) -> Optional[set[str]]:
        """The ids in the list of a kind, whatever kind their records name; None if the list is no evidence."""
        ids: set[str] = set()

        def keep(session: Session) -> Session:
            ids.add(session.id)
            return Session("", session.kind)

        try:
            # A server without these kinds refuses both.
            lists = KINDS_ON_REQUEST if kind in {*KINDS_ON_REQUEST}.difference(self._seen.values()) else (kind,)
            return ids if self.list(lists, (), keep, raw=False).shows_absence else None
        except AimmsError:
            return None

    def list_cost(self, kinds: Iterable[str]) -> Optional[int]:
        """How many requests the last complete, unfiltered lists of these kinds took; None if a kind has none yet."""
        costs = [self._list_costs.get(kind) for kind in kinds]
        return None if None in costs else sum(filter(None, costs))

    def _lists(self, kinds: Sequence[str], reading: Reading, workers: WorkerPool) -> dict[str, _Pages]:
        """The pages of each kind."""
        lists = {
            kind: Prefetcher(partial(self._answer, kind, reading), workers, partial(self._page, kind, reading))
            for kind in kinds
        }
        # With threads, the first page of the next kind is fetched before the last ones of this kind have arrived.
        for kind, following in zip(kinds, kinds[1:]):
            paging = self.routes.route("list", following).pagination
            lists[kind].then(partial(lists[following].begin, paging.first_query(paging.size)))
        return lists

    def _answer(self, kind: str, reading: Reading, query: Query) -> Response:
        merged = [*((name, value) for name, value in reading.filters if name not in query), *query.items()]
        return self._client.get(self.routes.path("list", kind), merged, attempts=reading.attempts)

    def _page(self, kind: str, reading: Reading, answer: Response) -> Page:
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi import records

        try:
            opened = open_list(answer.json(), answer.headers, self.routes.route("list", kind).pagination.names)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None
        keys, kept, names = list[str](), list[Session](), records.id_names_of(self.routes, kind)
        for record in opened.records:
            session = records.session_from(record, kind, self._zone, names, raw=reading.raw)
            if session is not None:
                keys.append(session.id)
                kept.append(reading.keep(session))
        partial = opened.partial or ("a page came from a cache" if answer.cached else "")
        page = replace(opened, records=kept, broken=len(opened.records) - len(kept), keys=keys, partial=partial)
        return reading.check(kind, page)
