# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes to sessions: end, delete the record, interrupt the tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    CHANGED_SINCE,
    FAILED,
    NOT_FOUND,
    Change,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED, TaskInterruption
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

TERMINATED, WOULD_TERMINATE = "terminated", "would_terminate"
DELETED, WOULD_DELETE = "deleted", "would_delete"

_MOST_READS = 4
_LIST_ATTEMPTS = 3

Fits = Callable[[Session], bool]
Reread = Callable[[], Optional[Session]]
_NO_FIT = (CHANGED_SINCE, "It no longer fits the selection; nothing was sent.")


class SessionChange(Change[Session]):
    """A change to sessions."""

    done = TERMINATED
    verb = "end"
    thing = "session"

    def __init__(self, manager: SessionManager, fits: Fits) -> None:
        """:param fits: whether a session, as it is now, is still selected."""
        super().__init__(manager)
        self._manager = manager
        self.fits = fits

    def read(self, target: Session, *, fresh: bool) -> Optional[Session]:
        """The session as it is now."""
        return self._manager.get(target.kind, target.id, attempts=1, fresh=fresh)

    def is_eligible(self, session: Session) -> bool:
        """Whether the change can be made to sessions in this state: here, to active ones."""
        return session.active

    def precondition_failure(self, live: Session) -> Optional[tuple[str, str]]:
        """Only an eligible session that is still selected may be changed."""
        return None if self.is_eligible(live) and self.fits(live) else _NO_FIT

    def list_cost(self, targets: Sequence[Session]) -> Optional[int]:
        """The requests of the last complete list of these kinds."""
        return self._manager.list_cost({target.kind for target in targets})

    def listed(self, targets: Sequence[Session]) -> Optional[Mapping[str, Session]]:
        """All sessions of these kinds by reference."""
        kinds, ids = sorted({target.kind for target in targets}), {target.id for target in targets}

        def keep(session: Session) -> Session:
            return session if session.id in ids else Session("", session.kind)

        listing = self._manager.list(kinds, (), keep, raw=False, attempts=_LIST_ATTEMPTS)
        return {session.reference: session for session in listing.records} if listing.complete else None


class Termination(SessionChange):
    """Ends a session by the route in the server's document."""

    def __init__(self, manager: SessionManager, fits: Fits, patience: Optional[float] = None) -> None:
        """:param patience: as for ``SessionManager.terminate``."""
        super().__init__(manager, fits)
        self._patience = patience

    @property
    def one_at_a_time(self) -> bool:
        """See ``SessionManager``."""
        return self._manager.one_at_a_time

    def send(self, live: Session, _reread: Reread) -> None:
        """Send once."""
        self._manager.terminate(live, self._patience)


class Deletion(SessionChange):
    """Deletes the record of a session that has ended; of an active one only with ``force``, which kills its job."""

    done = DELETED
    already_done = NOT_FOUND
    verb = "delete"
    awaits = False

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

    def list_cost(self, _targets: Sequence[Session]) -> Optional[int]:
        """None: a list does not contain deleted sessions, so each one is read individually in any case."""
        return None

    def send(self, live: Session, _reread: Reread) -> None:
        """Send once."""
        self._manager.delete(live)


class Interruption(SessionChange):
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
            tasks = [read_patiently(self._task, known, _MOST_READS) for known in self._found[live.id]]
        except (HttpError, TransportError) as error:
            if isinstance(error, HttpError) and not error.retryable:
                raise
            raise AimmsError(f"Its task could not be read: {error}") from None
        return [
            task
            for known, task in zip(self._found[live.id], tasks)
            if task is not None and not difference(known, task) and task.active and task.session_id == live.id
        ]
