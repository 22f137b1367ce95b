# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions are selected, and why each other one is kept. Pure: sessions, criteria and clocks are arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Callable, NamedTuple, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded, matches
from ansible_collections.aimms.cloud.plugins.module_utils.models import states as known
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import NAIVE_MARGIN, Clock, Instant, iso

_ROUNDED = 1  # second: by which an end may be before a start that is written with fractions
_ZONES_APART = 14 * 3600  # seconds: of a time without a zone, read as UTC
_KINDS_UNASKED = tuple(kind for kind in known.KINDS if kind not in known.KINDS_ON_REQUEST)

PROTECTED, NOT_SELECTED, UNKNOWN_KIND, ACTIVE = "protected", "not_selected", "unknown_kind", "active"
TOO_YOUNG, NO_RELIABLE_TIME, SCHEDULED, RECENT_LOG = "too_young", "no_reliable_time", "scheduled", "recent_log"
MAX_ACTIVE, MAX_SEATS = "max_active", "max_seats"

Globs = tuple[str, ...]
AppVersion = tuple[str, str]
"""An app and its version, as ``folded``; empty is what is not known."""

_MAIL = re.compile(r"([^@]*\w[^@]*)@[\w-]+(?:\.[\w-]+)+\Z")
_IN_DOMAIN = re.compile(r"([^@/\\]+)[/\\]([^@/\\]+)\Z")
_WITH_VERSION = re.compile(r"([^:@/]*\w[^:@/]*)[:@/]")


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
    keep_versions: Optional[int] = None
    outdated: set[AppVersion] = field(default_factory=set, compare=False)
    """With ``keep_versions``, the older versions: what lists the sessions fills it in, and copies share it."""
    narrowed: Optional[frozenset[tuple[str, str]]] = None  # kind and ``id_key`` that ``server_filters`` left of all

    @cached_property
    def id_keys(self) -> frozenset[str]:
        """The ids, as ``id_key``."""
        return frozenset(map(id_key, self.session_ids or ()))

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


class Breakers(NamedTuple):
    """Limits that stop a bulk change before anything is changed. None is no limit; 0 is zero."""

    max_sessions: Optional[int] = None
    max_percent: Optional[int] = None
    max_per_owner: Optional[int] = None


class Decision(NamedTuple):
    """The sessions to act on (as listed; with ``max_active`` the oldest first), and the kept ones with their reason."""

    selected: tuple[Session, ...]
    kept: tuple[tuple[Session, str], ...]


def protected(session: Session, criteria: Criteria) -> bool:
    """Whether a protection covers the session, by any text that may be its owner or its app."""
    if not (criteria.protect_session_ids or criteria.protect_apps or criteria.protect_owners):
        return False  # the usual case, and fast
    apps, owners = _readings_of_apps(criteria.protect_apps), _readings_of_owners(criteria.protect_owners)
    return (
        matches(session.id, criteria.protect_session_ids)
        or any(_may_match(text, apps) for text in session.app_names if apps)
        or any(_may_match(text, owners) for text in session.owner_names if owners)
    )


def _may_match(text: Optional[str], globs: Globs) -> bool:
    """The same as ``matches``, but what is not known may be the protected one: a whole name, or its environment."""
    if text is None:
        return bool(globs)
    if text.endswith("@"):
        globs = tuple(glob.rpartition("@")[0] for glob in globs if "@" in glob)
    return matches(text.rstrip("@"), globs)


@lru_cache(maxsize=4096)
def _with_parts(globs: Globs) -> Globs:
    """Also what stands between commas or blanks, or in brackets: an entry may have been meant as a list of names."""
    entries = [entry.strip() for glob in globs for entry in (glob, *glob.split(","))]
    entries += [entry[1:-1] for entry in entries if entry[:1] == "[" and entry[-1:] == "]"]
    entries += [entry.replace("[[]", "[") for entry in entries]
    parts = dict.fromkeys(part for entry in entries for part in (entry, *entry.split()))
    return (*globs, *(part for part in parts if not set(part) <= set("*?@")))


@lru_cache(maxsize=4096)
def _readings_of_apps(globs: Globs) -> Globs:
    """Also the name alone of an app with its version, such as ``Planner:1.2``."""
    globs = _with_parts(globs)
    return (*globs, *(match[1] for match in map(_WITH_VERSION.match, globs) if match))


@lru_cache(maxsize=4096)
def _readings_of_owners(globs: Globs) -> Globs:
    r"""Of a mail address also the part before the ``@``, of ``ROOT\alice`` also ``alice@ROOT``: a server may say so."""
    globs = _with_parts(globs)
    local = (match[1] for match in map(_MAIL.match, globs) if match)
    return (*globs, *local, *(f"{match[2]}@{match[1]}" for match in map(_IN_DOMAIN.match, globs) if match))


def reason_to_keep(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why the session is not selected (the strongest reason); None when it is selected."""
    if protected(session, criteria):
        return PROTECTED
    if not _passes_filters(session, criteria):
        return NOT_SELECTED
    if (criteria.older_than is not None or criteria.quiet_for is not None) and scheduled(session, clock):
        return SCHEDULED
    began = criteria.began(session)
    aged = criteria.older_than is not None or criteria.newer_than is not None
    if aged and not clock.reliable(began):
        return NO_RELIABLE_TIME
    if criteria.older_than is not None and not clock.older(began, criteria.older_than):
        return TOO_YOUNG
    if criteria.newer_than is not None and not clock.newer(began, criteria.newer_than):
        return NOT_SELECTED
    return _reason_by_activity(session, criteria, clock)


def scheduled(session: Session, clock: Clock) -> bool:
    """Whether the session waits on purpose: its time has not come by each clock and zone, or cannot be read."""
    due = session.scheduled_for
    later = due.seconds + due.margin > clock.earliest if due else "scheduled_for" in dict(session.unread_times)
    return later and known.is_waiting(session.state)


def may_change(session: Session, criteria: Criteria) -> bool:
    """Whether a change may touch sessions of this kind: one that ``kinds`` names or, without it, a usual one."""
    return session.kind in (_KINDS_UNASKED if criteria.kinds is None else criteria.kinds)


def reason_not_to_change(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """As ``reason_to_keep``, for a change."""
    reason = reason_to_keep(session, criteria, clock)
    if reason != PROTECTED and session.kind not in known.KINDS:
        return UNKNOWN_KIND
    return reason if reason or may_change(session, criteria) else NOT_SELECTED


def _reason_by_activity(session: Session, criteria: Criteria, clock: Clock) -> Optional[str]:
    """Why to keep a session that ended, or was created, too recently. Looks at the record only, not at the log."""
    if criteria.ended_before is not None:
        if not session.ended:
            return TOO_YOUNG
        last_known = _last_known(session)
        end_is_unread = "ended_at" in dict(session.unread_times)
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


def _last_known(session: Session) -> Optional[Instant]:
    """The latest time of a record that has ended; None if it tells none, or an end before its creation or start."""
    told = [instant for instant in (session.created_at, session.started_at, session.ended_at) if instant]
    if (end := session.ended_at) and any(
        one.seconds - end.seconds > (_ROUNDED if end.assumed_utc == one.assumed_utc else _ZONES_APART) for one in told
    ):
        return None
    told += filter(None, [session.active_at])
    return max(told, key=lambda instant: instant.seconds + NAIVE_MARGIN * instant.assumed_utc, default=None)


def _passes_filters(session: Session, criteria: Criteria) -> bool:
    """Whether kind, id, state, app, version and owner match the filters."""
    return (
        (criteria.kinds is None or session.kind in criteria.kinds)
        and (criteria.session_ids is None or id_key(session.id) in criteria.id_keys)
        and (criteria.narrowed is None or (session.kind, id_key(session.id)) in criteria.narrowed)
        and (criteria.states is None or known.same_state(session.state, criteria.states))
        and (criteria.apps is None or matches(session.app_name, criteria.apps))
        and (criteria.app_versions is None or matches(session.app_version, criteria.app_versions))
        and (criteria.owners is None or matches(session.owner, criteria.owners))
        and (criteria.keep_versions is None or app_version_of(session) in criteria.outdated)
    )


def app_version_of(session: Session) -> AppVersion:
    """The app and the version of a session."""
    return folded(session.app_name or ""), folded("" if session.version_is_fraction else session.app_version or "")


is_active: Callable[[Session], bool] = attrgetter("active")
"""The default of ``eligible``: only active sessions can be ended."""


def decide(
    sessions: Sequence[Session],
    criteria: Criteria,
    clock: Clock,
    max_active: Optional[int] = None,
    vetoed: Container[tuple[str, str]] = (),
    eligible: Callable[[Session], bool] = is_active,
) -> Decision:
    """Split the eligible ones of ``sessions`` (all sessions of the selected kinds) into those to act on and to keep.

    An id that several kinds have may be one session: see ``distinct``. It is protected if one of them is.

    :param max_active: only the oldest of a reliable time, as many as reduce the number of active ones to it.
    :param vetoed: kind and id of the sessions whose logs were not quiet for long enough.
    :param eligible: whether a session can be acted on.
    """
    selected: list[Session] = []
    kept: list[tuple[Session, str]] = []
    several = {session_id for session_id, number in Counter(session.id for session in sessions).items() if number > 1}
    twins = (session for session in sessions if session.id in several and (session.active or eligible(session)))
    guarded = {session.id for session in twins if protected(session, criteria)}
    for session in filter(eligible, sessions):
        reason = PROTECTED if session.id in guarded else reason_not_to_change(session, criteria, clock)
        if reason is None and (session.kind, session.id) in vetoed:
            reason = RECENT_LOG
        if reason is None and max_active is not None and scheduled(session, clock):
            reason = SCHEDULED
        if reason is None and max_active is not None and not clock.reliable(criteria.began(session)):
            reason = NO_RELIABLE_TIME
        if reason is None:
            selected.append(session)
        else:
            kept.append((session, reason))
    if max_active is not None:
        selected.sort(key=lambda session: getattr(criteria.began(session), "seconds", float("inf")))
        active = distinct(session for session in sessions if session.active and may_change(session, criteria))
        needed = max(0, len(active) - max_active)
        kept += [(session, MAX_ACTIVE) for session in selected[needed:]]
        selected = selected[:needed]
    return Decision(tuple(selected), tuple(kept))


def distinct(sessions: Iterable[Session]) -> list[Session]:
    """The sessions, each once: several kinds may have one, with its id, if app, owner and time fit too."""
    from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference

    found: dict[str, list[Session]] = {}
    for session in sessions:
        if all(difference(one, replace(session, kind=one.kind)) for one in found.setdefault(session.id, [])):
            found[session.id].append(session)
    return [session for known in found.values() for session in known]


def compactor(is_needed: Callable[[Session], bool]) -> Callable[[Session], Session]:
    """Replaces sessions that are not needed by placeholders, which saves memory. Safe to use from several threads.

    A placeholder has no id, and only what ``counts``, ``unknowns`` and ``remarks`` look at. Those that agree share one.
    """
    placeholders: dict[tuple[Any, ...], Session] = {}

    def compact(session: Session) -> Session:
        if is_needed(session):
            return session
        created, started, unread = session.created_at, session.started_at, session.unread_times
        assumed_utc = (created and created.assumed_utc, started and started.assumed_utc)
        alike = (session.kind, session.state, *assumed_utc, *(name for name, _value in unread))
        if alike not in placeholders:
            first, second = (None if is_assumed is None else Instant(0.0, is_assumed) for is_assumed in assumed_utc)
            placeholders[alike] = Session(
                "", session.kind, session.state, created_at=first, started_at=second, unread_times=unread
            )
        return placeholders[alike]

    return compact


def tripped(
    selected: Sequence[Session], out_of: int, breakers: Breakers, what: str = "active sessions"
) -> Optional[str]:
    """A sentence with the figures of each limit that is exceeded; None when there is none.

    :param out_of: how many sessions of the selected kinds could be acted on, whatever the filters.
    :param what: their name in the sentence.
    """
    selected = distinct(selected)
    count, told = len(selected), []
    if breakers.max_sessions is not None and count > breakers.max_sessions:
        told.append(f"{count} sessions are selected and max_sessions is {breakers.max_sessions}.")
    if breakers.max_percent is not None and count * 100 > breakers.max_percent * out_of:
        told.append(f"{count} of {out_of} {what} are selected and max_percent is {breakers.max_percent}.")
    if breakers.max_per_owner is not None:
        names = {folded(session.owner or ""): session.owner for session in reversed(selected)}
        for owner, number in Counter(folded(session.owner or "") for session in selected).most_common(1):
            if number > breakers.max_per_owner:
                who = names[owner] or "an unknown owner"
                told.append(f"{number} sessions of {who} are selected and max_per_owner is {breakers.max_per_owner}.")
    return " ".join(told) or None


def counts(sessions: Iterable[Session]) -> dict[str, dict[str, int]]:
    """How many sessions there are by kind, by state and by being active, and how many active ones by kind."""
    tally: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "state", "active", "active_by_kind")}
    for (kind, state), number in Counter((session.kind, session.state) for session in sessions).items():
        active = known.is_active(state)
        tally["kind"][kind] += number
        tally["state"][state] += number
        tally["active"]["true" if active else "false"] += number
        tally["active_by_kind"].update({kind: number} if active else {})
    return {name: dict(counter) for name, counter in tally.items()}
