# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes to sessions: end them, interrupt their tasks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import says_no
from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import CHANGED_SINCE, Change
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import (
    INTERRUPTED,
    UNNUMBERED,
    TaskInterruption,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RefusedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
    from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

TERMINATED, WOULD_TERMINATE = "terminated", "would_terminate"

_MOST_READS = 4
LIST_ATTEMPTS = 3
_NOT_OF_THE_KIND = (400, 422)
_NONE_RUNS = "None of its tasks runs."

Fits = Callable[[Session], bool]
Limit = Callable[[Session], Optional[tuple[str, str]]]
Reread = Callable[[], Optional[Session]]
NO_FIT = (CHANGED_SINCE, "It no longer fits the selection; nothing was sent.")


class SessionChange(Change[Session]):
    """A change to sessions."""

    done = TERMINATED
    verb = "end"
    thing = "session"

    limit: Optional[Limit] = None
    """``ActiveLimit.refusal``."""
    shown: Collection[str] = ()
    """References that an earlier list showed: one that a whole list no longer shows is gone."""

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
        """Only an eligible session that is still selected may be changed, and only while ``max_active`` is exceeded."""
        if not (self.is_eligible(live) and self.fits(live)):
            return NO_FIT
        return self.limit(live) if self.limit else None

    def list_cost(self, targets: Sequence[Session]) -> Optional[int]:
        """The requests of the last complete list of these kinds."""
        return self._manager.list_cost({target.kind for target in targets})

    def listed(self, targets: Sequence[Session]) -> Optional[Mapping[str, Optional[Session]]]:
        """All sessions of these kinds by reference; None for one that is gone, see ``shown``."""
        kinds, ids = sorted({target.kind for target in targets}), {id_key(target.id) for target in targets}
        states: dict[str, set[bool]] = {}

        def keep(session: Session) -> Session:
            if id_key(session.id) not in ids:
                return Session("", session.kind)
            states.setdefault(session.reference, set()).add(session.ended)
            return session

        listing = self._manager.list(kinds, (), keep, raw=False, attempts=LIST_ATTEMPTS)
        if not listing.complete:
            return None
        left = {id_key(session.id) for session in listing.records}
        gone = {one.reference for one in targets if id_key(one.id) not in left} if listing.shows_absence else set()
        # What the list shows both as ended and as not ended tells nothing of itself.
        listed = {one.reference: one for one in listing.records if len(states.get(one.reference, ())) == 1}
        return {**dict.fromkeys(gone & set(self.shown)), **listed}


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
        self.may_force: set[str] = set()
        """References of sessions whose tasks were interrupted, do not run, or cannot be by the service's own word."""

    def send(self, live: Session, _reread: Reread) -> None:
        """Interrupt the tasks, and note whether force may follow; raises as ``_interrupt``."""
        try:
            self._interrupt(live)
        except AimmsError as error:
            if isinstance(error, RefusedError) or says_no(error):
                self.may_force.add(live.reference)
            raise
        self.may_force.add(live.reference)

    def _interrupt(self, live: Session) -> None:
        """Interrupt each running task of the session, each only until the service has accepted the request.

        :raises RefusedError: when no task runs.
        :raises HttpError: when the service refuses to interrupt all of them.
        """
        running = self._running(live)
        if not running:
            raise RefusedError(_NONE_RUNS)
        refused: Optional[HttpError] = None
        for task in running:
            if task.run in self._accepted:
                continue
            try:
                self._tasks.interrupt(task, self._mode)
            except (HttpError, TransportError) as error:
                if not isinstance(error, HttpError) or error.retryable:
                    accepted = any(one.run in self._accepted for one in running)
                    raise (_as_sent(error) if accepted else error) from None
                refused = error
            else:
                self._accepted.add(task.run)
        if refused and not any(task.run in self._accepted for task in running):
            if self._running(live):
                raise refused
            if refused.form:  # they ended by themselves
                raise RefusedError(_NONE_RUNS)
            raise _as_sent(refused)  # a proxy may have replaced the answer of a service that did it

    def _running(self, live: Session) -> list[Task]:
        """The tasks that are still the same, belong to the session, and work. What waits by a schedule is left alone.

        The tasks of a session whose id a task session has too are those of that one.

        :raises AimmsError: when one cannot be read; nothing was sent then, and the session is not tried again.
        """
        listed = self._found[live.id]
        if any(task.several and not task.ended for task in listed):
            raise AimmsError(UNNUMBERED)
        try:
            if live.kind != "task" and self._manager.get("task", live.id, also=_NOT_OF_THE_KIND) is not None:
                return []
            tasks = [read_patiently(self._task, known, _MOST_READS) for known in listed]
        except (HttpError, TransportError) as error:
            if isinstance(error, HttpError) and not error.retryable:
                raise
            raise AimmsError(f"Its task could not be read: {error}") from None
        return [
            task
            for known, task in zip(listed, tasks)
            if task is not None
            and not difference(known, task)
            and task.working
            and id_key(task.session_id or "") == id_key(live.id)
        ]


def _as_sent(error: Union[HttpError, TransportError]) -> TransportError:
    """The error, as one after which the change may have been carried out."""
    unclear = TransportError(str(error))
    unclear.retry_after, unclear.late = error.retry_after, getattr(error, "late", False)
    return unclear
