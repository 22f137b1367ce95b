# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server answers to a question about its sessions, as ``aimms_session_info`` returns it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import count_assumed, remarks, unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    AppVersion,
    Criteria,
    app_version_of,
    compactor,
    counts,
    reason_to_keep,
)
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.figures import Figures
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.protections import Unmatched

_MOST_SINGLE_READS = 24
_CONCURRENCY = 8


Order = tuple[str, bool, Optional[int]]
"""The field to sort by, whether the order is descending, and how many sessions are wanted."""


def answer_of(
    manager: SessionManager, criteria: Criteria, order: Order, params: Mapping[str, Any], warn: Callable[[str], None]
) -> dict[str, Any]:
    """The result of ``session_info``, whose parameters ``params`` and ``warn`` are."""
    (key, descending, limit), figures = order, Figures(costs=bool(params.get("include_costs")))
    snapshot = ClockSnapshot(manager.clock)
    see = _unmatched(criteria)
    listing, whole, selected, unordered = _listed(manager, criteria, params, snapshot, see, figures)
    clock = snapshot.clock()
    vetoes, unread = _vetoes(params, manager, criteria, [] if limit == 0 else selected)
    selected = [session for session in selected if (session.kind, session.id) not in vetoes]
    ordered = _ordered(selected, key, descending)[:limit]
    records = _records(manager, ordered, params, clock.earliest)
    odd = [*unknowns(listing.records), *remarks(listing.records, criteria, clock), *unordered, *unread]
    for text in (*manager.warnings, *odd, *(see.warnings if see and whole and listing.complete else ())):
        warn(text)
    if listing.problems:
        warn(f"The list of sessions is incomplete: {'; '.join(listing.problems)}.")
    return {
        "sessions": records,
        "count": len(records),
        "complete": listing.complete,
        "api_generation": manager.generation,
        "counts": {**counts(listing.records), "queue": figures.queue(clock)},
        **({"costs": figures.costs(len(listing.records))} if params.get("include_costs") else {}),
        "cutoff": criteria.cutoff(clock),
        "server_time": None if clock.server is None else iso(clock.server),
        "naive_timestamps": count_assumed(listing.records, criteria),
        "unmatched_protections": (see.protections if see else []) if whole else None,
    }


def _unmatched(criteria: Criteria) -> Optional[Unmatched]:
    """What finds the names that match no session; None where no names are given."""
    given = (criteria.apps, criteria.app_versions, criteria.owners)
    protections = (criteria.protect_session_ids, criteria.protect_apps, criteria.protect_owners)
    if not any((*given, *protections)):
        return None
    from ansible_collections.aimms.cloud.plugins.module_utils.protections import Unmatched

    return Unmatched(criteria)


class ClockSnapshot:
    """Both clocks at the first answer with the server's time: all ages of a run count from the same moment."""

    def __init__(self, now: Callable[[], Clock]) -> None:
        """:param now: returns both clocks."""
        self._now = now
        self._clock = now()

    def clock(self) -> Clock:
        """The clocks at that moment; the present ones as long as the server's is not known."""
        if self._clock.server is None:
            self._clock = self._now()
        return self._clock


def _listed(
    manager: SessionManager,
    criteria: Criteria,
    params: Mapping[str, Any],
    snapshot: ClockSnapshot,
    see: Optional[Unmatched],
    figures: Figures,
) -> tuple[Listing, bool, list[Session], list[str]]:
    """As ``_sessions``, with placeholders for what is not selected; what is; and warnings about versions."""
    in_use: set[AppVersion] = set()
    candidates = replace(criteria, keep_versions=None)  # which versions are old is known when all is listed
    active, clock = params.get("active"), snapshot.clock
    compact = compactor(
        lambda session: active in (None, session.active) and reason_to_keep(session, candidates, clock()) is None
    )

    def keep(session: Session) -> Session:
        if criteria.keep_versions is not None and session.active:
            in_use.add(app_version_of(session))
        return compact(see(figures.see(session)) if see else figures.see(session))

    listing, whole = _sessions(manager, criteria, keep, params)
    selected = [session for session in listing.records if session.id]
    if criteria.keep_versions is None:
        return listing, whole, selected, []
    from ansible_collections.aimms.cloud.plugins.module_utils.rules.versions import outdated

    old, warnings = outdated(in_use, {app_version_of(session) for session in selected}, criteria.keep_versions)
    return listing, whole, [session for session in selected if app_version_of(session) in old], warnings


def _sessions(
    manager: SessionManager, criteria: Criteria, keep: Callable[[Session], Session], params: Mapping[str, Any]
) -> tuple[Listing, bool]:
    """All sessions of the kinds, each as ``keep`` returns it, and whether no filter was sent to the server.

    A few ids are read individually instead.
    """
    kinds, raw = manager.routes.checked_kinds(criteria.kinds), bool(params.get("include_raw"))
    ids = criteria.session_ids
    everything = criteria.server_filters or criteria.keep_versions is not None
    if ids is None or everything or len(ids) * len(kinds) > _MOST_SINGLE_READS:
        return manager.list(criteria.kinds, criteria.server_filters, keep, raw=raw), not criteria.server_filters
    from ansible_collections.aimms.cloud.plugins.module_utils.api.any_kind import with_ids

    return Listing([keep(session) for session in with_ids(manager, kinds, ids, raw=raw)]), False


def _vetoes(
    params: Mapping[str, Any], manager: SessionManager, criteria: Criteria, sessions: Sequence[Session]
) -> tuple[Collection[tuple[str, str]], list[str]]:
    """The sessions that are kept by their tasks or logs, and warnings about tasks and logs that could not be read."""
    vetoed: set[tuple[str, str]] = set()
    warnings: list[str] = []
    if params.get("task_activity") != "ignore" and any(session.kind == "task" for session in sessions):
        from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity

        activity = TaskActivity(params, criteria, manager.clock)
        vetoed.update(activity.vetoes(sessions))
        warnings += activity.warnings
    if criteria.quiet_for is not None or criteria.ended_before is not None:
        from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread

        left = [session for session in sessions if (session.kind, session.id) not in vetoed]
        with WorkerPool(_CONCURRENCY) as workers:
            silent = QuietCheck(manager, criteria).vetoes(left, workers)
        vetoed.update(silent)
        warnings += unread(silent.values())
    return vetoed, warnings


def _ordered(sessions: Sequence[Session], name: str, descending: bool) -> list[Session]:
    """Sorted by a field, then by id; sessions without a value come last in both orders."""
    by_age = name == "age_seconds"

    def value(session: Session) -> Any:
        field = getattr(session, "created_at" if by_age else name)
        return field.seconds if hasattr(field, "seconds") else field

    valued = sorted((s for s in sessions if value(s) is not None), key=lambda s: s.id)
    valued.sort(key=value, reverse=descending != by_age)
    return valued + [session for session in sessions if value(session) is None]


def _records(
    manager: SessionManager, sessions: Sequence[Session], params: Mapping[str, Any], now: float
) -> list[dict[str, Any]]:
    """The records to return, with the wanted fields."""
    raw, fields, service = bool(params.get("include_raw")), params.get("fields"), params.get("service_uri")
    records = [session.as_dict(now, raw=raw, fields=fields) for session in sessions]
    if service is not None:
        with WorkerPool(_CONCURRENCY) as workers:
            addresses = workers.map(lambda session: manager.service_uri(session, service), sessions)
        for record, address in zip(records, addresses):
            record["service_uri"] = address
    return records
