# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards the DELETE that ends a session on the legacy generation, as on the current one it would destroy the record.

Before each, the routes of the current generation must be missing. The first one of a run is the canary: the document
is read again before it, and the next one goes out only after a look at what it did. Until a read shows that a session
has ended by DELETE, the next one is a canary too. A read that shows a record gone, or another in its place, stops the
run; one that cannot be had, or shows the session still active, is no evidence of anything.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.discovery import Discovery
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import is_page
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    StoppedError,
    TransportError,
    TurnError,
    UnseenError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import LEGACY_LOGS, READ

ANSWERS, EXISTS, MISSING = "answers", "exists", "missing"
_OLDEST_DOCUMENT = 60  # seconds by which the document's date may be behind the service's clock
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
_PATIENCE = 120  # seconds
_LOOKS = 3  # at a route, until an answer is no failure that may pass


class Canary:
    """The state of one run. ``pending``: the next DELETE goes out alone. ``stopped``: why no further one may go out."""

    def __init__(self, client: HttpClient, found: Discovery, discover_again: Callable[[], Discovery]) -> None:
        self._client = client
        self._found = found
        self._discover_again = discover_again
        self._sent: dict[tuple[str, str], Session] = {}
        self._lock = threading.Lock()
        self._proven_current = False
        self.pending = True
        self.stopped = ""

    def proves_legacy(self, session: Session) -> bool:
        """Without a document: whether the server shows by this session that it is of the legacy generation."""
        routes = self._found.routes
        old = routes.route(LEGACY_LOGS, session.kind).path(routes.spelled(session.kind), session.id)
        return self._look(old) == ANSWERS and self._look(f"{self._path(session)}/logs") == MISSING

    def proves_current(self, session: Session) -> bool:
        """Without a document: whether the server shows by this session that it is of the current generation."""
        self._proven_current = self._proven_current or self._look(f"{self._path(session)}/logs") == ANSWERS
        return self._proven_current

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Lets one DELETE after the other through until the first one has shown what it does.

        :raises TurnError: when it had to wait, so that the session must be read again.
        """
        if not self.pending:
            yield
            return
        waited = self._lock.locked()
        with self._lock:
            if waited:
                raise TurnError
            yield

    def check(self, session: Session) -> None:
        """Call it right before DELETE.

        :raises StoppedError: when the server may be of the current generation.
        :raises TransportError: when it does not answer; nothing was sent.
        """
        self._raise_if_stopped()
        if self.pending:
            self._check_document()
        current = [f"{self._path(session)}/logs", *([f"{self._path(session)}/terminate"] if self.pending else [])]
        shown = next((path for path in current if self._look(path) in (ANSWERS, EXISTS)), None)
        if shown:
            self._stop(f"Its OpenAPI document describes the legacy generation, but {shown} exists there.")
        self._sent[session.kind, session.id] = session

    @contextmanager
    def looking(self, read: Callable[[], Optional[Session]]) -> Iterator[None]:
        """Around sending DELETE: after an unclear answer to a canary, one look at what it did before the next one.

        :raises StoppedError: when it destroyed the record.
        """
        try:
            yield
        except (HttpError, TransportError) as error:
            if self.pending and (isinstance(error, HttpError) or error.sent):
                with suppress(HttpError, TransportError):
                    read()
            raise

    def watch(self, session: Session, read: Callable[[], Optional[Session]], patience: Optional[float] = None) -> None:
        """Call it after DELETE was taken: while it is a canary, wait until a read shows that the session has ended.

        :param read: must call ``note`` or ``check_gone`` with what it finds.
        :raises StoppedError: when a read shows that the record was destroyed.
        :raises UnseenError: when none shows anything in that time. The next DELETE is a canary too.
        """
        end = time.monotonic() + (_PATIENCE if patience is None else patience)
        pause, last = _FIRST_PAUSE, ""
        while not self._passed():
            try:
                live = read()
            except (HttpError, TransportError) as error:
                last = f"it could not be read: {error}"
            else:
                if live is not None and difference(session, live):
                    self._stop(f"After the first DELETE another session has the id {session.id}.", sent=True)
                last = f"it is still {live.state}" if live is not None else "it could not be read"
            if self._passed():
                return
            if time.monotonic() + pause > end:
                raise UnseenError(f"After DELETE {session.id} was not seen to end: {last}.")
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    def _passed(self) -> bool:
        return not self.pending

    def note(self, live: Session) -> None:
        """Call it with each session that was read: one that has ended by DELETE shows what DELETE does."""
        sent = self._sent.get((live.kind, live.id))
        if sent is not None and live.ended and not difference(sent, live):
            self.pending = False

    def check_gone(self, kind: str, session_id: str) -> None:
        """Call it when the server no longer has a session. :raises StoppedError: after DELETE, which was to end it."""
        if (kind, session_id) in self._sent:
            try:
                name = self._discover_again().generation.name
            except AimmsError:
                name = "unknown"
            self._stop(
                f"After DELETE the server no longer has the record of {session_id}, which should only have ended. "
                f"Its OpenAPI document, read again, describes the {name} generation.",
                sent=True,
            )

    def _check_document(self) -> None:
        """Whether the document is still the same, and not an old one from a cache."""
        try:
            again = self._discover_again()
        except AimmsError as error:
            self._stop(f"Its OpenAPI document could not be read again: {error}")
        if again.generation != self._found.generation:
            why = again.generation.refusal or f"it now describes the {again.generation.name} generation."
            self._stop(f"Its OpenAPI document has changed: {why}")
        now = self._client.clock().server
        if now is not None and again.dated is not None and now - again.dated > _OLDEST_DOCUMENT:
            self._stop("Its OpenAPI document is older than its other answers: it may come from a cache.")

    def _path(self, session: Session) -> str:
        return self._found.routes.path(READ, session.kind, session.id)

    def _look(self, path: str) -> str:
        """What a read shows of a route: ``answers`` (in JSON), ``exists``, ``missing``, or nothing (empty)."""
        try:
            answer = self._client.get(path, attempts=_LOOKS)
        except HttpError as error:
            if error.retryable:
                raise TransportError(str(error), sent=False) from None
            return {404: MISSING, 410: MISSING, 405: EXISTS}.get(error.status, "") if error.form else ""
        except TransportError as error:
            raise TransportError(str(error), sent=False) from None
        try:
            answer.json()
        except AnswerError:
            return "" if is_page(answer.body) else EXISTS
        return ANSWERS

    def _raise_if_stopped(self) -> None:
        if self.stopped:
            raise StoppedError(self.stopped, "Nothing was sent.")

    def _stop(self, why: str, *, sent: bool = False) -> None:
        """:raises StoppedError: now and before each further DELETE."""
        self.stopped = f"No further session is ended. {why}"
        hint = "Look at this session before anything else." if sent else "Nothing was sent."
        raise StoppedError(self.stopped, hint, sent=sent)
