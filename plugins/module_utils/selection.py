# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions are meant, and why each other one was kept. Pure: sessions, criteria and clocks come as arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from fnmatch import fnmatchcase
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso

MOST_STATES = 5
"""Unknown states that a warning names; the others are counted."""

PROTECTED = "protected"
TOO_YOUNG = "too_young"
NOT_SELECTED = "not_selected"
NO_RELIABLE_TIME = "no_reliable_time"
MAX_ACTIVE = "max_active"
RECENT_LOG = "recent_log"
ACTIVE = "active"

Globs = tuple[str, ...]


@dataclass(frozen=True)
class Criteria:
    """The selection options, parsed. None is 'not asked'; an empty tuple of protections protects nothing.

    Durations are seconds. Globs are compared without regard to case.
    """

    kinds: Optional[tuple[str, ...]] = None
    session_ids: Optional[tuple[str, ...]] = None
    states: Optional[tuple[str, ...]] = None
    apps: Optional[Globs] = None
    app_versions: Optional[Globs] = None
    owners: Optional[Globs] = None
    older_than: Optional[int] = None
    newer_than: Optional[int] = None
    age_from: str = "created"
    quiet_for: Optional[int] = None
    ended_before: Optional[int] = None
    protect_session_ids: Globs = ()
    protect_apps: Globs = ()
    protect_owners: Globs = ()
    zone: Optional[tzinfo] = None
    server_filters: tuple[tuple[str, str], ...] = ()

    def began(self, session: Session) -> Optional[Instant]:
        """The time that the age counts from; with ``age_from: started`` there is no fallback to the creation."""
        return session.created_at if self.age_from == "created" else session.started_at

    def required_quiet(self, session: Session) -> Optional[int]:
        """For how many seconds the session's log must have been silent; None: its log does not matter.

        Where the server tells no end (WebUI sessions), the last line of the log tells when it had not ended yet.
        """
        limits = [self.quiet_for] if self.quiet_for is not None else []
        if self.ended_before is not None and session.ended_at is None:
            limits.append(self.ended_before)
        return max(limits, default=None)

    def cutoff(self, clock: Clock) -> Optional[str]:
        """The moment (UTC) that ``older_than``, or else ``ended_before``, ends at; None without both."""
        limit = self.older_than if self.older_than is not None else self.ended_before
        return iso(clock.earliest - limit) if limit is not None else None


@dataclass(frozen=True)
class Breakers:
    """Limits that stop everything before the first change. None is no limit; 0 is zero."""

    max_sessions: Optional[int] = None
    max_percent: Optional[int] = None
    max_per_owner: Optional[int] = None


@dataclass(frozen=True)
class Decision:
    """The active sessions to act on, and those kept with their reason, both in the order to act in or listed."""

    selected: tuple[Session, ...]
    kept: tuple[tuple[Session, str], ...]


def matches(value: Optional[str], globs: Iterable[str]) -> bool:
    """Whether ``value`` matches one of the shell globs, whatever the case. None matches nothing."""
    return value is not None and any(fnmatchcase(value.lower(), glob.lower()) for glob in globs)


def protected(session: Session, criteria: Criteria) -> bool:
    """Whether a protection covers the session. An owner or app that is not known may be the protected one."""
    user = session.owner.rpartition("@")[0] if session.owner else None
    return (
        matches(session.id, criteria.protect_session_ids)
        or bool(
            criteria.protect_apps and (session.app_name is None or matches(session.app_name, criteria.protect_apps))
        )
        or bool(criteria.protect_owners and (session.owner is None or matches(session.owner, criteria.protect_owners)))
        or matches(user, criteria.protect_owners)
    )


def reason_to_keep(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why the session is not selected, the strongest reason first; None when it is selected."""
    if protected(session, criteria):
        return PROTECTED
    if not _named(session, criteria):
        return NOT_SELECTED
    began = criteria.began(session)
    aged = criteria.older_than is not None or criteria.newer_than is not None
    if aged and not clock.reliable(began):
        return NO_RELIABLE_TIME
    if criteria.older_than is not None and not clock.older(began, criteria.older_than):
        return TOO_YOUNG
    if criteria.newer_than is not None and not clock.newer(began, criteria.newer_than):
        return NOT_SELECTED
    return _reason_of_its_end(session, criteria, clock)


def _reason_of_its_end(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why its end or its silence cannot be long enough ago, from its record alone: what was created was not silent."""
    if criteria.ended_before is not None:
        if not session.ended:
            return TOO_YOUNG
        last_known = session.ended_at or session.created_at
        if not clock.reliable(last_known):
            return NO_RELIABLE_TIME
        if not clock.older(last_known, criteria.ended_before):
            return TOO_YOUNG
    if criteria.quiet_for is not None:
        if not clock.reliable(session.created_at):
            return NO_RELIABLE_TIME
        if not clock.older(session.created_at, criteria.quiet_for):
            return RECENT_LOG
    return None


def _named(session: Session, criteria: Criteria) -> bool:
    """Whether kind, id, state, app, version and owner are among those asked for."""
    return (
        (criteria.kinds is None or session.kind in criteria.kinds)
        and (criteria.session_ids is None or session.id in criteria.session_ids)
        and (criteria.states is None or session.state in criteria.states)
        and (criteria.apps is None or matches(session.app_name, criteria.apps))
        and (criteria.app_versions is None or matches(session.app_version, criteria.app_versions))
        and (criteria.owners is None or matches(session.owner, criteria.owners))
    )


def is_active(session: Session) -> bool:
    """Whether it can be ended: what is eligible where nothing else is said."""
    return session.active


def decide(
    sessions: Sequence[Session],
    criteria: Criteria,
    clock: Clock,
    max_active: Optional[int] = None,
    vetoed: Container[tuple[str, str]] = (),
    eligible: Callable[[Session], bool] = is_active,
) -> Decision:
    """Split the eligible ones of ``sessions`` (all of the selected kinds) into those to act on and those to keep.

    With ``max_active`` the oldest selected ones are taken first, and only as many as bring the number of active
    sessions down to it; those without a reliable time cannot be put in order and are kept.

    :param vetoed: kind and id of those whose logs were not silent long enough.
    :param eligible: which ones can be acted on.
    """
    selected: list[Session] = []
    kept: list[tuple[Session, str]] = []
    for session in filter(eligible, sessions):
        reason = reason_to_keep(session, criteria, clock)
        if reason is None and (session.kind, session.id) in vetoed:
            reason = RECENT_LOG
        if reason is None and max_active is not None and not clock.reliable(criteria.began(session)):
            reason = NO_RELIABLE_TIME
        if reason is None:
            selected.append(session)
        else:
            kept.append((session, reason))
    if max_active is not None:
        selected.sort(key=lambda session: _age_order(criteria.began(session)))
        needed = max(0, sum(session.active for session in sessions) - max_active)
        kept += [(session, MAX_ACTIVE) for session in selected[needed:]]
        selected = selected[:needed]
    return Decision(tuple(selected), tuple(kept))


def _age_order(began: Optional[Instant]) -> float:
    return began.seconds if began else float("inf")


class Compactor:
    """Takes each session as a list is read, and holds those that matter whole. Safe to use from several threads.

    Of the others only an outline is held, one object for all that look alike: a session without an id, with what
    ``counts`` and ``remarks`` need of it. So a list of any length takes little memory.
    """

    def __init__(self, matters: Callable[[Session], bool]) -> None:
        self._matters = matters
        self._outlines: dict[tuple[str, str, Optional[bool], Optional[bool]], Session] = {}

    def __call__(self, session: Session) -> Session:
        """The session, or its outline."""
        if self._matters(session):
            return session
        created, started = session.created_at, session.started_at
        look = (
            session.kind,
            session.state,
            None if created is None else created.assumed_utc,
            None if started is None else started.assumed_utc,
        )
        outline = self._outlines.get(look)
        if outline is None:
            first, second = (None if assumed is None else Instant(0.0, assumed) for assumed in look[2:])
            outline = Session("", session.kind, session.state, created_at=first, started_at=second)
            self._outlines[look] = outline
        return outline

    @staticmethod
    def kept(listed: Iterable[Session]) -> list[Session]:
        """Those that are no outlines."""
        return [session for session in listed if session.id]


def tripped(
    selected: Sequence[Session], out_of: int, breakers: Breakers, what: str = "active sessions"
) -> Optional[str]:
    """The figures of the first breaker that trips, as a sentence; None when all hold.

    :param out_of: all sessions of the selected kinds that could be selected, not only those a filter left.
    :param what: what these are called.
    """
    count = len(selected)
    if breakers.max_sessions is not None and count > breakers.max_sessions:
        return f"{count} sessions are selected and max_sessions is {breakers.max_sessions}."
    if breakers.max_percent is not None and count * 100 > breakers.max_percent * out_of:
        return f"{count} of {out_of} {what} are selected and max_percent is {breakers.max_percent}."
    if breakers.max_per_owner is not None:
        for owner, number in Counter(session.owner for session in selected).most_common(1):
            if number > breakers.max_per_owner:
                who = owner or "an unknown owner"
                return f"{number} sessions of {who} are selected and max_per_owner is {breakers.max_per_owner}."
    return None


def counts(sessions: Iterable[Session]) -> dict[str, dict[str, int]]:
    """How many sessions there are by kind, by state and by being active."""
    tally: dict[str, Counter[str]] = {"kind": Counter(), "state": Counter(), "active": Counter()}
    for session in sessions:
        tally["kind"][session.kind] += 1
        tally["state"][session.state] += 1
        tally["active"]["true" if session.active else "false"] += 1
    return {name: dict(counter) for name, counter in tally.items()}


def remarks(sessions: Iterable[Session], criteria: Criteria, clock: Clock) -> list[str]:
    """What a user should know about the sessions that were listed: unknown states, times that cannot be relied on."""
    listed = list(sessions)
    said = []
    unknown = Counter(s.state for s in listed if not s.active and not s.ended)
    for state, number in sorted(unknown.most_common(MOST_STATES)):
        said.append(f"{number} sessions are in the unknown state '{shown(state)}': they count as not active.")
    if len(unknown) > MOST_STATES:
        said.append(f"There are {len(unknown) - MOST_STATES} more unknown states.")
    naive = count_assumed(listed, criteria)
    if naive:
        said.append(
            f"The times of {naive} sessions name no zone: they are read as UTC, with 12 hours allowed for the error. "
            "Set naive_timezone to the zone of the server."
        )
    aged = criteria.older_than is not None or criteria.newer_than is not None
    unstarted = sum(1 for s in listed if s.active and s.started_at is None) if aged else 0
    if unstarted and criteria.age_from == "started":
        said.append(
            f"{unstarted} active sessions have no known start, so with age_from: started they have no age "
            "and are not selected."
        )
    if clock.server is None:
        said.append("The server sends no Date header: no age can be relied on, so no session counts as old or new.")
    return said


def count_assumed(sessions: Iterable[Session], criteria: Criteria) -> int:
    """How many sessions have a time without a zone where their age counts from."""
    times = (criteria.began(session) for session in sessions)
    return sum(1 for began in times if began and began.assumed_utc)
