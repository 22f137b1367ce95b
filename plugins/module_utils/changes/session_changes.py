# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes to sessions: end, delete the record, interrupt the tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    ALREADY_ENDED,
    CHANGED_SINCE,
    FAILED,
    NOT_FOUND,
    Fits,
    Outcome,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED, TaskInterruption
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

TERMINATED, WOULD_TERMINATE = "terminated", "would_terminate"
DELETED, WOULD_DELETE = "deleted", "would_delete"

_MOST_READS = 4
_LIST_ATTEMPTS = 3

Reread = Callable[[], Optional[Session]]
_NO_FIT = (CHANGED_SINCE, "It no longer fits the selection; nothing was sent.")


class _ToSession:
    """The common part of all changes to sessions."""

    done = TERMINATED
    already_done = ALREADY_ENDED
    verb = "end"
    thing = "session"

    def __init__(self, manager: SessionManager, fits: Fits) -> None:
        """:param fits: whether a session, as it is now, is still selected."""
        self._manager = manager
        self.fits = fits

    @property
    def connection(self) -> Connection:
        """The connection options."""
        return self._manager.connection

    def read(self, target: Session, attempts: Optional[int], fresh: bool) -> Optional[Session]:
        """The session as it is now."""
        return self._manager.get(target.kind, target.id, attempts=attempts, fresh=fresh)

    def is_done(self, live: Session) -> bool:
        """Whether it has ended."""
        return live.ended

    def is_eligible(self, session: Session) -> bool:
        """Whether the session is active."""
        return session.active

    def precondition_failure(self, live: Session) -> Optional[tuple[str, str]]:
        """Only an eligible session that is still selected may be changed."""
        return None if self.is_eligible(live) and self.fits(live) else _NO_FIT

    def answers(self) -> bool:
        """Whether the session-manager responds."""
        return self._manager.answers()

    def answered_at(self, *, of_change: bool) -> float:
        """When the session-manager last accepted a change, or answered a read."""
        return self._manager.answered_at(of_change=of_change)

    def list_cost(self, targets: Sequence[Session]) -> Optional[int]:
        """The requests of the last complete list of these kinds."""
        return self._manager.list_cost({target.kind for target in targets})

    def listed(self, targets: Sequence[Session]) -> Optional[Mapping[tuple[Any, ...], Session]]:
        """All sessions of these kinds by identity."""
        kinds, ids = sorted({target.kind for target in targets}), {target.id for target in targets}

        def keep(session: Session) -> Session:
            return session if session.id in ids else Session("", session.kind)

        listing = self._manager.list(kinds, (), keep, raw=False, attempts=_LIST_ATTEMPTS)
        return {session.identity: session for session in listing.records} if listing.complete else None


class Termination(_ToSession):
    """Ends a session by the route in the server's document."""

    def send(self, live: Session, reread: Reread) -> None:
        """Send once. Without a document, DELETE is sent if the terminate route does not exist (legacy generation)."""
        try:
            self._manager.terminate(live)
        except HttpError as error:
            if not (self._manager.probing and error.status in (404, 405)):
                raise
            again = reread()
            if again is None or again.identity != live.identity or self.precondition_failure(again):
                raise
            self._manager.terminate_as_legacy(again)


class Deletion(_ToSession):
    """Deletes the record of a session that has ended; of an active one only with ``force``, which kills its job."""

    done = DELETED
    already_done = NOT_FOUND
    verb = "delete"

    def __init__(self, manager: SessionManager, fits: Fits, *, force: bool) -> None:
        """:raises RefusedError: on a server where DELETE ends sessions, or may do so."""
        super().__init__(manager, fits)
        self._force = force
        manager.check_deletion()

    def is_done(self, live: Session) -> bool:
        """Whether the server still returns the record, with the state ``deleted``."""
        return live.state == "deleted"

    def is_eligible(self, session: Session) -> bool:
        """Whether the session has ended, or is active and ``force`` is set."""
        return session.ended or (self._force and session.active)

    def precondition_failure(self, live: Session) -> Optional[tuple[str, str]]:
        """As the base class, with its own message for an active session."""
        if not self.is_eligible(live):
            return FAILED, f"It is still {live.state}: only sessions that have ended are deleted (see force)."
        return None if self.fits(live) else _NO_FIT

    def list_cost(self, targets: Sequence[Session]) -> Optional[int]:
        """None: a list does not contain deleted sessions, so each one is read individually in any case."""
        return None

    def send(self, live: Session, _reread: Reread) -> None:
        """Send once."""
        self._manager.delete(live)


class Interruption(_ToSession):
    """Interrupts the tasks of a session, so that the session ends."""

    done = INTERRUPTED
    verb = "interrupt"

    def __init__(
        self, manager: SessionManager, fits: Fits, tasks: TaskApi, found: Mapping[str, Sequence[Task]], mode: str
    ) -> None:
        """:param found: the tasks by the id of their session. :param mode: ``solve`` or ``execution``."""
        super().__init__(manager, fits)
        self._tasks = tasks
        self._task = TaskInterruption(tasks, mode, None)
        self._found = found
        self._mode = mode
        self._accepted: set[str] = set()

    def send(self, live: Session, _reread: Reread) -> None:
        """Interrupt each running task of the session, each only until the service has accepted the request.

        :raises RefusedError: when no task runs.
        :raises HttpError: when the service refuses to interrupt all of them.
        """
        running = self._running(live)
        if not running:
            raise RefusedError("None of its tasks runs.")
        refused: Optional[HttpError] = None
        for task in running:
            if task.key in self._accepted:
                continue
            try:
                self._tasks.interrupt(task, self._mode)
            except (HttpError, TransportError) as error:
                if not isinstance(error, HttpError) or error.retryable:
                    raise self._unclear(error, running) from None
                refused = error
            else:
                self._accepted.add(task.key)
        if refused and not any(task.key in self._accepted for task in running):
            raise refused

    def _unclear(
        self, error: Union[HttpError, TransportError], running: Sequence[Task]
    ) -> Union[HttpError, TransportError]:
        """The error, as one with ``sent`` if another task of the session was interrupted."""
        if not any(task.key in self._accepted for task in running):
            return error
        unclear = TransportError(str(error))
        unclear.retry_after, unclear.late = error.retry_after, getattr(error, "late", False)
        return unclear

    def _running(self, live: Session) -> list[Task]:
        """The tasks that are still the same, belong to the session, and are active.

        :raises AimmsError: when one cannot be read; nothing was sent then, and the session is not tried again.
        """
        try:
            tasks = [read_patiently(self._task, Outcome(known, ""), _MOST_READS) for known in self._found[live.id]]
        except (HttpError, TransportError) as error:
            if isinstance(error, HttpError) and not error.retryable:
                raise
            raise AimmsError(f"Its task could not be read: {error}") from None
        return [
            task
            for known, task in zip(self._found[live.id], tasks)
            if task is not None and task.identity == known.identity and task.active and task.session_id == live.id
        ]
