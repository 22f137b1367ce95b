# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions are selected, and why each other one is kept. Pure: sessions, criteria and clocks are arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded, matches
from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso

_CLOCKS_APART = 120  # seconds
MOST_STATES = 5
"""How many unknown states the warnings name; the others are only counted."""

PROTECTED = "protected"
TOO_YOUNG = "too_young"
NOT_SELECTED = "not_selected"
NO_RELIABLE_TIME = "no_reliable_time"
MAX_ACTIVE = "max_active"
RECENT_LOG = "recent_log"
ACTIVE = "active"

Globs = tuple[str, ...]

_MAIL = re.compile(r"([^@]*\w[^@]*)@[\w-]+(?:\.[\w-]+)+\Z")


@dataclass(frozen=True)
class Criteria:
    """The selection options, parsed. None means 'no filter'; an empty tuple of protections protects nothing.

    Durations are seconds. Globs are compared as ``matches`` says.
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
        """The time from which the age counts; with ``age_from: started`` the creation time is never used instead."""
        return session.created_at if self.age_from == "created" else session.started_at

    def required_quiet(self, session: Session) -> Optional[int]:
        """For how many seconds the session's log must have been quiet; None: its log does not matter."""
        # Without an end time (WebUI sessions) the last line of the log shows until when the session was active.
        limits = [self.quiet_for] if self.quiet_for is not None else []
        if self.ended_before is not None and session.ended_at is None:
            limits.append(self.ended_before)
        return max(limits, default=None)

    def cutoff(self, clock: Clock) -> Optional[str]:
        """The time (UTC) given by ``older_than``, or else by ``ended_before``; None without both."""
        limit = self.older_than if self.older_than is not None else self.ended_before
        return iso(clock.earliest - limit) if limit is not None else None


@dataclass(frozen=True)
class Breakers:
    """Limits that stop a bulk change before anything is changed. None is no limit; 0 is zero."""

    max_sessions: Optional[int] = None
    max_percent: Optional[int] = None
    max_per_owner: Optional[int] = None


@dataclass(frozen=True)
class Decision:
    """The sessions to act on (as listed; with ``max_active`` the oldest first), and the kept ones with their reason."""

    selected: tuple[Session, ...]
    kept: tuple[tuple[Session, str], ...]


def protected(session: Session, criteria: Criteria) -> bool:
    """Whether a protection covers the session, by any text that may be its owner or its app."""
    return (
        matches(session.id, criteria.protect_session_ids)
        or any(_may_match(text, _with_parts(criteria.protect_apps)) for text in session.app_names)
        or any(_may_match(text, _with_local_parts(criteria.protect_owners)) for text in session.owner_names)
    )


def _may_match(text: Optional[str], globs: Globs) -> bool:
    """The same as ``matches``, but what is not known may be the protected one: a whole name, or its environment."""
    if text is None:
        return bool(globs)
    if text.endswith("@"):
        globs = tuple(glob.rpartition("@")[0] for glob in globs if "@" in glob)
    return matches(text.rstrip("@"), globs)


@lru_cache(maxsize=256)
def _with_parts(globs: Globs) -> Globs:
    """Also what stands between commas or blanks, or in brackets: an entry may have been meant as a list of names."""
    entries = [entry.strip() for glob in globs for entry in (glob, *glob.split(","))]
    entries += [entry[1:-1] for entry in entries if entry[:1] == "[" and entry[-1:] == "]"]
    entries += [entry.replace("[[]", "[") for entry in entries]
    parts = dict.fromkeys(part for entry in entries for part in (entry, *entry.split()))
    return (*globs, *(part for part in parts if not set(part) <= set("*?@")))


@lru_cache(maxsize=256)
def _with_local_parts(globs: Globs) -> Globs:
    """Of a mail address also the part before the ``@``: a server may know the user only by that name."""
    globs = _with_parts(globs)
    return (*globs, *(match.group(1) for match in map(_MAIL.match, globs) if match))


def reason_to_keep(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why the session is not selected (the strongest reason); None when it is selected."""
    if protected(session, criteria):
        return PROTECTED
    if not _passes_filters(session, criteria):
        return NOT_SELECTED
    began = criteria.began(session)
    aged = criteria.older_than is not None or criteria.newer_than is not None
    if aged and not clock.reliable(began):
        return NO_RELIABLE_TIME
    if criteria.older_than is not None and not clock.older(began, criteria.older_than):
        return TOO_YOUNG
    if criteria.newer_than is not None and not clock.newer(began, criteria.newer_than):
        return NOT_SELECTED
    return _reason_by_activity(session, criteria, clock)


def _reason_by_activity(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why to keep a session that ended, or was created, too recently. Looks at the record only, not at the log."""
    if criteria.ended_before is not None:
        if not session.ended:
            return TOO_YOUNG
        last_known = session.ended_at or session.created_at
        end_is_unread = session.ended_at is None and "ended_at" in dict(session.unread_times)
        if end_is_unread or not clock.reliable(last_known):
            return NO_RELIABLE_TIME
        if not clock.older(last_known, criteria.ended_before):
            return TOO_YOUNG
    if criteria.quiet_for is not None:
        if not clock.reliable(session.created_at):
            return NO_RELIABLE_TIME
        if not clock.older(session.created_at, criteria.quiet_for):
            return RECENT_LOG
    return None


def _passes_filters(session: Session, criteria: Criteria) -> bool:
    """Whether kind, id, state, app, version and owner match the filters."""
    return (
        (criteria.kinds is None or session.kind in criteria.kinds)
        and (criteria.session_ids is None or session.id in criteria.session_ids)
        and (criteria.states is None or session.state in criteria.states)
        and (criteria.apps is None or matches(session.app_name, criteria.apps))
        and (criteria.app_versions is None or matches(session.app_version, criteria.app_versions))
        and (criteria.owners is None or matches(session.owner, criteria.owners))
    )


def is_active(session: Session) -> bool:
    """The default of ``eligible``: only active sessions can be ended."""
    return session.active


def decide(
    sessions: Sequence[Session],
    criteria: Criteria,
    clock: Clock,
    max_active: Optional[int] = None,
    vetoed: Container[tuple[str, str]] = (),
    eligible: Callable[[Session], bool] = is_active,
) -> Decision:
    """Split the eligible ones of ``sessions`` (all sessions of the selected kinds) into those to act on and to keep.

    :param max_active: select the oldest, only as many as reduce the number of active sessions to it. Sessions without
        a reliable time have no place in that order and are kept.
    :param vetoed: kind and id of the sessions whose logs were not quiet for long enough.
    :param eligible: whether a session can be acted on.
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
    """Replaces sessions that are not needed by placeholders, which saves memory. Safe to use from several threads.

    A placeholder is a session without an id, with only the fields that ``counts`` and ``remarks`` need. Sessions that
    agree in these fields share one.
    """

    def __init__(self, is_needed: Callable[[Session], bool]) -> None:
        self._is_needed = is_needed
        self._placeholders: dict[tuple[Any, ...], Session] = {}

    def __call__(self, session: Session) -> Session:
        """The session, or its placeholder."""
        if self._is_needed(session):
            return session
        created, started = session.created_at, session.started_at
        assumed_utc = (created and created.assumed_utc, started and started.assumed_utc)
        unread = session.unread_times
        alike = (session.kind, session.state, *assumed_utc, *(name for name, _value in unread))
        placeholder = self._placeholders.get(alike)
        if placeholder is None:
            first, second = (None if is_assumed is None else Instant(0.0, is_assumed) for is_assumed in assumed_utc)
            placeholder = Session(
                "", session.kind, session.state, created_at=first, started_at=second, unread_times=unread
            )
            self._placeholders[alike] = placeholder
        return placeholder

    @staticmethod
    def needed(listed: Iterable[Session]) -> list[Session]:
        """The sessions without the placeholders."""
        return [session for session in listed if session.id]


def tripped(
    selected: Sequence[Session], out_of: int, breakers: Breakers, what: str = "active sessions"
) -> Optional[str]:
    """A sentence with the figures of the first limit that is exceeded; None when there is none.

    :param out_of: how many sessions of the selected kinds could be acted on, whatever the filters.
    :param what: their name in the sentence.
    """
    count = len(selected)
    if breakers.max_sessions is not None and count > breakers.max_sessions:
        return f"{count} sessions are selected and max_sessions is {breakers.max_sessions}."
    if breakers.max_percent is not None and count * 100 > breakers.max_percent * out_of:
        return f"{count} of {out_of} {what} are selected and max_percent is {breakers.max_percent}."
    if breakers.max_per_owner is not None:
        names = {folded(session.owner or ""): session.owner for session in reversed(selected)}
        for owner, number in Counter(folded(session.owner or "") for session in selected).most_common(1):
            if number > breakers.max_per_owner:
                who = names[owner] or "an unknown owner"
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
    """Warnings about the listed sessions: unknown states, unreliable times."""
    listed = list(sessions)
    warnings = []
    unknown = Counter(s.state for s in listed if not s.active and not s.ended)
    for state, number in sorted(unknown.most_common(MOST_STATES)):
        warnings.append(f"{number} sessions are in the unknown state '{shown(state)}': they count as not active.")
    if len(unknown) > MOST_STATES:
        warnings.append(f"There are {len(unknown) - MOST_STATES} more unknown states.")
    naive = count_assumed(listed, criteria)
    if naive:
        warnings.append(
            f"The times of {naive} sessions name no zone: they are read as UTC, with 12 hours allowed for the error. "
            "Set naive_timezone to the zone of the server."
        )
    aged = criteria.older_than is not None or criteria.newer_than is not None
    unstarted = sum(1 for s in listed if s.active and s.started_at is None) if aged else 0
    if unstarted and criteria.age_from == "started":
        warnings.append(
            f"{unstarted} active sessions have no known start, so with age_from: started they have no age "
            "and are not selected."
        )
    warnings += _unread_times(listed)
    if clock.server is None:
        warnings.append("The server sends no Date header: no age can be relied on, so no session counts as old or new.")
    elif abs(clock.server - clock.local) > _CLOCKS_APART:
        apart = round(abs(clock.server - clock.local) / 60)
        warnings.append(
            f"The clocks of the server and of this machine differ by {apart} minutes: an age counts only if both agree."
        )
    return warnings


def _unread_times(sessions: Iterable[Session]) -> Iterator[str]:
    """A warning for each field whose times cannot be read."""
    examples: dict[str, list[str]] = {}
    for session in sessions:
        for name, value in session.unread_times:
            examples.setdefault(name, []).append(value)
    for name, values in examples.items():
        yield (
            f"The {name} of {len(values)} sessions cannot be read as a time, for example '{values[0]}': "
            "it counts as not known, and makes no session old."
        )


def count_assumed(sessions: Iterable[Session], criteria: Criteria) -> int:
    """How many sessions have a time without a zone as the beginning of their age."""
    times = (criteria.began(session) for session in sessions)
    return sum(1 for began in times if began and began.assumed_utc)
