# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question about sessions and its answer, for the info module and the lookup. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Compactor,
    Criteria,
    count_assumed,
    counts,
    reason_to_keep,
    remarks,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

Connect = Callable[[Mapping[str, Any], Optional[tzinfo]], SessionManager]

_MOST_SINGLE_READS = 24
_CONCURRENCY = 8


def session_info(
    params: Mapping[str, Any], warn: Callable[[str], None], connect: Connect = SessionManager.connect
) -> dict[str, Any]:
    """What ``aimms_session_info`` returns.

    :param params: the connection and selection options, ``limit``, ``sort_by``, ``fields`` and ``include_raw``.
    :param warn: called with what the user should know.
    :param connect: gives the session-manager for the connection options and the zone of times that name none.
    :raises AimmsError: when the server cannot be asked.
    """
    key, descending = _sorting(params.get("sort_by") or "created_at")
    limit = params.get("limit")
    if limit is not None and limit < 0:
        raise OptionError("limit: must not be negative.")
    criteria = criteria_from(params)
    manager = connect(params, criteria.zone)
    snapshot = ClockSnapshot(manager.clock)
    compactor = Compactor(lambda session: reason_to_keep(session, criteria, snapshot.clock()) is None)
    listing = _sessions(manager, criteria, compactor, raw=bool(params.get("include_raw")))
    clock = snapshot.clock()
    found = compactor.kept(listing.records)
    vetoes, unread = _vetoes(manager, criteria, [] if limit == 0 else found)
    found = [session for session in found if (session.kind, session.id) not in vetoes]
    ordered = _ordered(found, key, descending)[:limit]
    records = _records(manager, ordered, params, clock.earliest)
    for text in (*manager.warnings, *remarks(listing.records, criteria, clock), *unread):
        warn(text)
    if listing.problems:
        warn(f"The list of sessions is incomplete: {'; '.join(listing.problems)}.")
    return {
        "sessions": records,
        "count": len(records),
        "complete": listing.complete,
        "api_generation": manager.generation,
        **_told(listing.records, criteria, clock),
    }


class ClockSnapshot:
    """Both clocks at one moment, that of the first answer that told the server's: by these all sessions are judged."""

    def __init__(self, now: Callable[[], Clock]) -> None:
        """:param now: gives both clocks."""
        self._now = now
        self._clock = now()

    def clock(self) -> Clock:
        """The clocks as they were then."""
        if self._clock.server is None:
            self._clock = self._now()
        return self._clock


def _told(sessions: Sequence[Session], criteria: Criteria, clock: Clock) -> dict[str, Any]:
    """What the result tells of all that was listed, and of the time."""
    return {
        "counts": counts(sessions),
        "cutoff": criteria.cutoff(clock),
        "server_time": None if clock.server is None else iso(clock.server),
        "naive_timestamps": count_assumed(sessions, criteria),
    }


def _sessions(manager: SessionManager, criteria: Criteria, compactor: Compactor, *, raw: bool) -> Listing:
    """All sessions of the kinds, by the compactor; with few ids, only those, each read by itself."""
    kinds = manager.routes.checked_kinds(criteria.kinds)
    ids = criteria.session_ids
    if ids is None or criteria.server_filters or len(ids) * len(kinds) > _MOST_SINGLE_READS:
        return manager.list(criteria.kinds, criteria.server_filters, compactor, raw=raw)
    found = [
        _single(manager, kind, session_id, len(kinds), raw=raw) for session_id in dict.fromkeys(ids) for kind in kinds
    ]
    return Listing([compactor(session) for session in found if session is not None])


def _vetoes(
    manager: SessionManager, criteria: Criteria, sessions: Sequence[Session]
) -> tuple[Mapping[tuple[str, str], str], list[str]]:
    """Which sessions' logs were not silent long enough, and what to say of those that could not be read.

    What reads logs is imported here: it is more than a quarter of all, and few questions are about silence.
    """
    if criteria.quiet_for is None and criteria.ended_before is None:
        return {}, []
    from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread

    with WorkerPool(_CONCURRENCY) as workers:
        vetoes = QuietCheck(manager, criteria).vetoes(sessions, workers)
    return vetoes, unread(vetoes.values())


def _single(manager: SessionManager, kind: str, session_id: str, kinds: int, *, raw: bool) -> Optional[Session]:
    """One session, or None. Where several kinds are tried, a server may refuse an id that another kind has."""
    try:
        return manager.get(kind, session_id, raw=raw)
    except HttpError as error:
        if kinds > 1 and error.status in (400, 422):
            return None
        raise


def _sorting(sort_by: str) -> tuple[str, bool]:
    """The field to sort by, and whether descending."""
    name = sort_by.lstrip("-")
    if name not in FIELDS or sort_by.count("-") > 1:
        raise OptionError(f"sort_by: '{sort_by}' is not a field of a session.", f"Fields are {', '.join(FIELDS)}.")
    return name, sort_by.startswith("-")


def _ordered(sessions: Sequence[Session], name: str, descending: bool) -> list[Session]:
    """Sorted by a field, then by id; those without a value last, either way."""
    by_age = name == "age_seconds"

    def value(session: Session) -> Any:
        found = getattr(session, "created_at" if by_age else name)
        return found.seconds if hasattr(found, "seconds") else found

    valued = sorted((s for s in sessions if value(s) is not None), key=lambda s: s.id)
    valued.sort(key=value, reverse=descending != by_age)
    return valued + [session for session in sessions if value(session) is None]


def _records(
    manager: SessionManager, sessions: Sequence[Session], params: Mapping[str, Any], now: float
) -> list[dict[str, Any]]:
    """The records to return, no more of each than was asked for."""
    raw, fields, service = bool(params.get("include_raw")), params.get("fields"), params.get("service_uri")
    records = [session.as_dict(now, raw=raw, fields=fields) for session in sessions]
    if service is not None:
        with WorkerPool(_CONCURRENCY) as workers:
            addresses = workers.map(lambda session: manager.service_uri(session, service), sessions)
        for record, address in zip(records, addresses):
            record["service_uri"] = address
    return records
