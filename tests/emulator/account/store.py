"""The sessions of the account, their sorted indexes, and the state changes that come with time."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left, insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count
from random import Random

from .clock import Clock
from .seed import Seeder
from .session import ACTIVE, KINDS, Session

SortKey = tuple[float | str, str]
_ENDED_MESSAGE = {"terminated": "Terminated on request", "failed": "Interrupted", "completed": ""}


def by_created(session: Session) -> SortKey:
    """Sort key of the indexes: time of creation, then id."""
    return (session.created, session.id)


def by_app(session: Session) -> SortKey:
    """Sort key of a list by app: app name, then id."""
    return (session.app_name, session.id)


def by_app_only(session: Session) -> SortKey:
    """Sort key of a list by several fields: app name."""
    return (session.app_name, "")


@dataclass(frozen=True)
class Query:
    """The filters of a list request. None: no filter. Texts but `visible_to` are in lower case, times are POSIX."""

    kind: str
    state: str | None = None
    app_name: str | None = None
    app_version: str | None = None
    owner: str | None = None
    visible_to: str | None = None
    created_after: float | None = None
    created_before: float | None = None
    sort: str = "-created_at"
    also: tuple[str, ...] = ()
    """Further kinds that are listed along; all users see the external sessions then."""
    where: tuple[tuple[str, str], ...] = ()
    """Filters with an operator, such as `user_name_not_in`, and their values."""

    def filters(self) -> bool:
        """Whether there is any filter besides the kind."""
        narrowing = (self.state, self.app_name, self.app_version, self.owner, self.visible_to)
        return bool(self.where) or any(
            value is not None for value in (*narrowing, self.created_after, self.created_before)
        )

    def test(self, session: Session) -> bool:
        """Whether the session passes all filters."""
        return (
            (self.state is None or session.state == self.state)
            and (self.visible_to in (None, session.owner) or (bool(self.also) and session.kind == "external"))
            and (self.owner is None or session.owner.lower() == self.owner)
            and (self.app_name is None or session.app_name.lower() == self.app_name)
            and (self.app_version is None or session.app_version.lower() == self.app_version)
            and (self.created_after is None or session.created > self.created_after)
            and (self.created_before is None or session.created < self.created_before)
            and all(_matches(session, name, wanted) for name, wanted in self.where)
        )


def _matches(session: Session, name: str, wanted: str) -> bool:
    """Whether a session passes a filter with an operator: `user_name_in`, `a,b`."""
    found = re.fullmatch(r"(\w+?)_(equal|contain|not_in|in)(?:_(cs|ci))?", name)
    if found is None:
        raise ValueError(f"not a filter: {name}")
    user, _at, environment = session.owner.rpartition("@")
    value = {"user_name": user, "environment_name": environment}.get(found[1]) or str(getattr(session, found[1], ""))
    if found[3] == "ci":
        value, wanted = value.lower(), wanted.lower()
    if found[2] in ("in", "not_in"):
        return (value in wanted.split(",")) is (found[2] == "in")
    return value == wanted if found[2] == "equal" else wanted in value


class Rows:
    """The sessions of one list. They are stored in ascending order of `key`, and read from the end if `descending`."""

    def __init__(self, ascending: list[Session], key: Callable[[Session], SortKey], descending: bool) -> None:
        self._rows, self._key, self._descending = ascending, key, descending

    def __len__(self) -> int:
        return len(self._rows)

    def page(self, offset: int, limit: int) -> list[Session]:
        """Up to `limit` rows after the first `offset`."""
        if not self._descending:
            return self._rows[offset : offset + limit]
        end = len(self._rows) - offset
        return self._rows[max(end - limit, 0) : end][::-1] if end > 0 else []

    def position(self, after: SortKey) -> int:
        """The offset of the first row after this key; a row with this key need not exist any more."""
        at = bisect_left(self._rows, after, key=self._key)
        there = at < len(self._rows) and self._key(self._rows[at]) == after
        return len(self._rows) - at if self._descending else at + there

    def key_of(self, session: Session) -> SortKey:
        """The sort key of a row, for a cursor."""
        return self._key(session)


class Store:
    """The sessions of the account."""

    def __init__(self, clock: Clock, seeder: Seeder, seed: int) -> None:
        self.clock, self.seeder = clock, seeder
        self.sessions: dict[str, Session] = {}
        self.tasks: dict[str, dict[int, Session]] = {}  # by task id, then by group index
        self.stopped_schedules: list[str] = []  # ids of tasks whose last run was deleted
        self.index: dict[str, list[Session]] = {kind: [] for kind in KINDS}
        self.removed: list[Session] = []
        self.membership_version = 0  # changes when a session is added, removed or changed
        self.state_version = 0  # changes when a session changes its state
        self.task_version = 0  # changes when a task is added or removed
        self._any_hidden = False
        self._rng = Random(f"churn-{seed}")
        self._due: list[tuple[float, int, int, Session]] = []
        self._order = count()
        self._rows: OrderedDict[tuple[Query, int, int], Rows] = OrderedDict()

    def fill(self, sessions: Iterable[Session]) -> None:
        """Add many sessions at once."""
        for session in sessions:
            self._register(session)
            self.index[session.kind].append(session)
        for rows in self.index.values():
            rows.sort(key=by_created)
        self.membership_version += 1

    def clear(self) -> None:
        """Forget all sessions, the removed ones too, and what was due to happen to them."""
        for named in (self.sessions, self.tasks, self._rows):
            named.clear()
        for ordered in (self.removed, *self.index.values()):
            ordered.clear()
        self.stopped_schedules.clear()
        self._due.clear()
        self._any_hidden = False
        self.membership_version += 1
        self.task_version += 1

    def add(self, session: Session) -> None:
        """Add one session."""
        self._register(session)
        insort(self.index[session.kind], session, key=by_created)
        self.membership_version += 1

    def _register(self, session: Session) -> None:
        if session.id in self.sessions:
            raise ValueError(f"the id {session.id} is taken")
        self.add_task(session)
        self.sessions[session.id] = session
        if session.transitions:
            self._enqueue(session)

    def add_task(self, session: Session) -> None:
        """Register the task of a session. Raises ValueError if another session that exists has the same one."""
        if session.task_key is None:
            return
        task_id, index = session.task_key
        holder = self.tasks.get(task_id, {}).get(index)
        if holder not in (None, session) and holder.removed is None:
            raise ValueError(f"task {task_id} with group_index {index} is taken")
        self.tasks.setdefault(task_id, {})[index] = session
        self.task_version += 1

    def remove_task(self, session: Session) -> None:
        """Remove the task of a session; the session stays."""
        if session.task_key is None:
            return
        task_id, index = session.task_key
        group = self.tasks.get(task_id, {})
        if group.get(index) is session:
            del group[index]
        if not group:
            self.tasks.pop(task_id, None)
        self.task_version += 1

    def remove(self, session: Session, how: str, who: str | None) -> None:
        """Move a session to `removed`, with `how` it was removed and by `who`."""
        del self.sessions[session.id]
        self._remove_from_index(session)
        session.removed, session.removed_by = how, who
        session.schedule_version += 1
        self.removed.append(session)
        self.membership_version += 1

    def update_indexed(self, session: Session, change: Callable[[], None]) -> None:
        """Run a change of fields that indexes use, and index the session again, even if the change raises."""
        self._remove_from_index(session)
        try:
            change()
        finally:
            session.cached_json = None
            insort(self.index[session.kind], session, key=by_created)
            self.membership_version += 1

    def _remove_from_index(self, session: Session) -> None:
        rows = self.index[session.kind]
        at = bisect_left(rows, by_created(session), key=by_created)
        while rows[at] is not session:
            at += 1
        del rows[at]

    def rows(self, query: Query) -> Rows:
        """The sessions of a list. Cached until a session changes that may be in it."""
        key = (query, self.membership_version, self.state_version if query.state is not None else 0)
        found = self._rows.get(key)
        if found is None:
            found = self._make_rows(query)
            self._rows[key] = found
            if len(self._rows) > 16:
                self._rows.popitem(last=False)
        return found

    def _make_rows(self, query: Query) -> Rows:
        rows = self.index[query.kind]
        if any(self.index[kind] for kind in query.also):
            rows = sorted(chain(rows, *(self.index[kind] for kind in query.also)), key=by_created)
        if query.filters():
            rows = [session for session in rows if query.test(session)]
        if self._any_hidden:
            rows = [session for session in rows if not session.hidden]
        if "," in query.sort:
            for one in reversed(query.sort.split(",")):
                key = by_app_only if one.endswith("app_name") else by_created
                rows = sorted(rows, key=key, reverse=one.startswith("-"))
            return Rows(rows, by_created, False)
        if query.sort.lstrip("-") == "app_name":
            return Rows(sorted(rows, key=by_app), by_app, query.sort.startswith("-"))
        return Rows(rows, by_created, query.sort.startswith("-"))

    def hide(self, session: Session) -> None:
        """Leave a session out of all lists."""
        session.hidden = self._any_hidden = True
        self.membership_version += 1

    def schedule(self, session: Session, phases: Iterable[tuple[float, str]]) -> None:
        """Replace the future state changes of a session: (time, state) in order of time."""
        session.transitions = deque(phases)
        session.schedule_version += 1
        if session.transitions:
            self._enqueue(session)

    def _enqueue(self, session: Session) -> None:
        heapq.heappush(self._due, (session.transitions[0][0], next(self._order), session.schedule_version, session))

    def advance(self) -> None:
        """Carry out all state changes that are due."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            when, _order, number, session = heapq.heappop(self._due)
            if number != session.schedule_version:  # its schedule was replaced
                continue
            self.set_state(session, session.transitions.popleft()[1], when)
            if session.transitions:
                self._enqueue(session)

    def set_state(self, session: Session, state: str, when: float) -> None:
        """Set the state of a session at a time, with the fields that depend on it."""
        session.state, session.cached_json = state, None
        self.state_version += 1
        if state in ACTIVE:
            if state in ("running", "solving") and session.started is None:
                session.started = when
            return
        session.ended = when
        session.ended_how = session.ended_how or "natural"
        session.message = _ENDED_MESSAGE.get(state, session.message)

    def end(self, session: Session, who: str, how: str, state: str, delay: float) -> None:
        """Start to end a session. It reaches `state` after `delay` seconds."""
        now = self.clock.now()
        session.ended_by, session.ended_how = who, how
        if how == "terminate":
            session.terminate_at = now
            if session.kind != "webui" and delay > 0:
                self.set_state(session, "closing", now)
        self.schedule(session, [(now + delay, state)])
        self.advance()

    def churn(self, kind: str, vanish: int, appear: int, mode: str) -> None:
        """Let some random sessions of a kind disappear (`mode`: remove or hide), and some new ones appear."""
        now, rows = self.clock.now(), self.index[kind]
        for _number in range(vanish):
            session = self._rng.choice(rows) if rows else None
            if session is None or session.hidden or session.appeared:
                continue
            if mode == "remove":
                self.remove(session, "churn", None)
            else:
                self.end(session, "churn", "churn", "terminated", 0.0)
                self.hide(session)
        for _number in range(appear):
            made = self.seeder.session(kind, now)
            made.created = made.started = made.last_log = now
            made.appeared = True
            self.add(made)

    def replace(self, session: Session, *, only_owner: bool) -> None:
        """Replace a session by another one with the same id: a newer one of another owner, or only of another owner."""
        other = self.seeder.session(session.kind, self.clock.now())
        owner = other.owner if other.owner != session.owner else "someone.else@ROOT"
        made = self.seeder.new_session(
            session.kind,
            session.created if only_owner else max(session.created + 1.0, self.clock.now() - 3.0),
            owner, session.app_name, session.app_version,
        )  # fmt: skip
        made.id, made.name, made.replaced = session.id, session.name, True
        self.remove(session, "replaced", None)
        self.add(made)
